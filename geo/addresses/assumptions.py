"""Read what is assumed of a list of addresses, with its evidence."""

import tomllib
from importlib import resources

from pydantic import BaseModel, ConfigDict

from outreach.evidence import Evidence, Fact, Status


class ListAssumptions(BaseModel):
    """What is assumed when a list of addresses is compared with the Bureau's counts.

    Parameters
    ----------
    location_error_m
        One standard deviation of the error of a point, meters.
    not_a_home_share
        Least, likely, and largest share of the list that is no home, 0-1.
    moves_together_share
        Share of the variance of location errors that the points of a block have in common, 0-1.
    bureau_misplaced_share
        Share of the homes of a block that the Bureau counted in a neighboring one, 0-1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    location_error_m: Fact[float]
    not_a_home_share: Fact[tuple[float, float, float]]
    moves_together_share: Fact[float]
    bureau_misplaced_share: Fact[float]

    def replace_by_user(
        self, location_error_m: float | None, not_a_home_percent: float | None
    ) -> "ListAssumptions":
        """Return the assumptions with figures of the user in their place.

        Parameters
        ----------
        location_error_m
            Meters, or ``None``.
        not_a_home_percent
            Percent of the list that is no home, taken as known; or ``None``.
        """
        evidence = Evidence(status=Status.USER, source="the command line").model_dump()
        changes: dict[str, object] = {}
        if location_error_m is not None:
            changes["location_error_m"] = Fact[float](value=location_error_m, **evidence)
        if not_a_home_percent is not None:
            share = not_a_home_percent / 100
            changes["not_a_home_share"] = Fact[tuple[float, float, float]](
                value=(share, share, share), **evidence
            )
        return self.model_copy(update=changes)


def read_assumptions() -> ListAssumptions:
    """Return the shipped assumptions."""
    text = resources.files("geo.addresses").joinpath("assumptions.toml").read_text("utf-8")
    return ListAssumptions.model_validate(tomllib.loads(text))
