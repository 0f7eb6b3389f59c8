"""Hold the result of a test with a comparison group and put it in sentences."""

import datetime as dt
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from outreach.catalog import Words, read_words
from outreach.units import Arm

_DECIMALS = 2
#: Names of fields in results of version 0.1, and their names today.
_OLD_NAMES = {
    "drawn_by": "design_run_id",
    "draws_count": "permutations_count",
    "draws_seed": "permutation_seed",
    "reading": "flight",
    "spent_stated": "spend_reported",
    "smallest_visible_share": "mde_share",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Span(_Frozen):
    """A figure with its range.

    An end is ``None`` where there is none: a cost has no upper end where no effect at all fits the
    data.
    """

    low: float | None
    middle: float | None
    high: float | None

    def values(self) -> tuple[float, float, float]:
        """Return low, middle and high of a figure that has all three."""
        return self.low or 0.0, self.middle or 0.0, self.high or 0.0


class WindowEstimate(_Frozen):
    """An estimate over one window.

    Parameters
    ----------
    first, last
        Data dates between which the change was taken.
    effect
        Effect on the response rate, a share 0-1.
    p_value
        Two-sided; ``None`` where it is withheld.
    standard_error_share
        Spread of the estimate over permutations of the arms, that is, without an effect.
    """

    first: dt.date
    last: dt.date
    effect: Span
    p_value: float | None
    standard_error_share: float

    @property
    def sign(self) -> int:
        """1 or -1 where the range excludes zero, else 0."""
        low, _, high = self.effect.values()
        return 1 if low > 0 else -1 if high < 0 else 0


class Readout(_Frozen):
    """The result of a test and everything it rests on: the content of ``effect.json``.

    Parameters
    ----------
    run_id, design_run_id
        The run whose test was read out, and the run that randomized the arms.
    campaign, plan_digest, made_at
        Name of the campaign, SHA-256 of its test plan, and when the result was computed.
    flight_start, flight_end
        First and last day of the ads.
    provisional
        Whether it was read before the end of the flight: no p-value, no verdict.
    outcome, plan_method
        Outcome and method, as the test plan states them.
    method, permutations_count, permutation_seed, confidence
        How the estimate was computed.
    flight, placebo
        The flight's window, and one as long before it, where the ads cannot have had an effect;
        ``None`` where the archive does not go back that far.
    treated_households_count
        Households in the measured units with ads.
    responses, spent_usd, spend_reported, cost_usd
        Extra responses, what they cost together (reported by a person, or as planned), and the cost
        of each.
    flight_share
        Share of the flight's days (0-1) that the planned money is for.
    mde_share
        Minimum detectable effect of the test plan, 0-1; ``None`` where the plan has none.
    units_count, tracts_count
        Measured units by arm, and the tracts in them.
    left_out_units, left_out_tracts
        Units and tracts without a rate on one of the flight's dates.
    notes
        Sentences for people.
    versions
        Versions of the service and of the libraries behind the figures.
    """

    run_id: str
    design_run_id: str
    campaign: str
    plan_digest: str
    made_at: dt.datetime
    flight_start: dt.date
    flight_end: dt.date
    provisional: bool
    outcome: str
    plan_method: str
    method: str
    permutations_count: int
    permutation_seed: int
    confidence: float
    flight: WindowEstimate
    placebo: WindowEstimate | None
    treated_households_count: float
    responses: Span
    spent_usd: float
    spend_reported: bool
    cost_usd: Span
    mde_share: float | None
    units_count: dict[str, int]
    tracts_count: int
    left_out_units: tuple[str, ...]
    left_out_tracts: tuple[str, ...]
    notes: tuple[str, ...]
    versions: dict[str, str]
    flight_share: float = 1.0

    @model_validator(mode="before")
    @classmethod
    def _rename_fields(cls, fields: Any) -> Any:
        """Take a result of version 0.1 as well."""
        if not isinstance(fields, dict):
            return fields
        return {_OLD_NAMES.get(name, name): value for name, value in fields.items()}

    def canonical_json(self) -> str:
        """Return the result as JSON in one spelling: sorted keys, no spaces, ISO dates."""
        return json.dumps(
            self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )

    def lines(self) -> list[str]:
        """Return the result in English: verdict, responses, cost, placebo, detectable effect."""
        words = read_words("en")
        return [
            self.verdict(),
            _describe_responses(self, words),
            _describe_cost(self, words),
            self.check(),
            _describe_mde(self),
        ]

    def verdict(self) -> str:
        """Say whether the ads changed the rate."""
        low, middle, high = (write_points(value) for value in self.flight.effect.values())
        estimate = f"{middle} ({self.confidence:.0%} range {low} to {high}"
        if self.provisional:
            return (
                f"PROVISIONAL, no verdict until the flight ends on {self.flight_end}: "
                f"by {self.flight.last} the estimate is {estimate}). The p-value is withheld: "
                "looking early and stopping on what you see finds effects that do not exist."
            )
        estimate = f"{estimate}, p = {self.flight.p_value:.3f})"
        if self.flight.sign > 0:
            return f"The ads raised the response rate by an estimated {estimate}."
        if self.flight.sign < 0:
            return f"The response rate ended lower where ads ran, by an estimated {estimate}."
        return (
            "The effect of the ads cannot be distinguished from zero: "
            f"the estimate is {estimate}. This does not prove that they did nothing: "
            "every effect in the range fits the data."
        )

    def check(self) -> str:
        """Say what the window before the flight shows, when no ad ran."""
        if self.placebo is None:
            return (
                "Placebo: the archive does not go back far enough before the flight "
                "to run the check without ads."
            )
        low, middle, high = (write_points(value) for value in self.placebo.effect.values())
        sentence = (
            f"Placebo, {self.placebo.first} to {self.placebo.last}, when none of these ads ran: "
            f"{middle}, range {low} to {high}"
        )
        if self.placebo.sign:
            return (
                f"{sentence}. The range excludes zero, which happens by chance 1 time in 20. "
                "The arms drifted apart before the flight, so trust the estimate less."
            )
        return f"{sentence}, which includes zero, as it should."


def describe_effect(readout: Readout, words: Words) -> str:
    """Return the result as one sentence for the season summary, in its language."""
    verdicts = {0: "season.effect_zero", 1: "season.effect_raised", -1: "season.effect_lowered"}
    low, middle, high = (words.points(value, _DECIMALS) for value in readout.flight.effect.values())
    return words.say(
        "season.effect_measured",
        start=words.date(readout.flight_start),
        end=words.date(readout.flight_end),
        effect=middle,
        count=words.change(readout.responses.middle or 0.0),
        confidence=words.share(readout.confidence, 0),
        low=low,
        high=high,
        verdict=words.say(verdicts[readout.flight.sign]),
        run=readout.run_id,
    )


def describe_cost_range(cost: Span, words: Words) -> str:
    """Say between which ends the cost of a response lies."""
    if cost.low is None:
        return "no effect in the range is above zero"
    low = words.price(cost.low)
    if cost.high is None:
        return f"from {low} with no upper end, because zero effect also fits the data"
    return f"from {low} to {words.price(cost.high)}"


def write_points(share: float | None) -> str:
    """Write a share as percentage points, with its sign."""
    return read_words("en").points(share or 0.0, _DECIMALS)


def _describe_responses(readout: Readout, words: Words) -> str:
    """Say how many more households responded."""
    low, middle, high = (words.change(value) for value in readout.responses.values())
    units = readout.units_count
    return (
        f"Extra responses: {middle} households (range {low} to {high}) among "
        f"{readout.treated_households_count:,.0f} in {units[Arm.TREAT]:,} units with ads, "
        f"compared with {units[Arm.HOLDOUT]:,} held-out units."
    )


def _describe_cost(readout: Readout, words: Words) -> str:
    """Say what an extra response cost."""
    cost = readout.cost_usd
    source = "reported as spent" if readout.spend_reported else "planned for these units"
    if readout.provisional and not readout.spend_reported:
        source += f" until {readout.flight.last}, {readout.flight_share:.0%} of the flight"
    spend = f"{words.price(readout.spent_usd)} {source}"
    limits = describe_cost_range(cost, words)
    if cost.middle is None:
        return (
            f"Cost per extra response: unknown ({spend}, no extra response in the estimate; "
            f"{limits})."
        )
    return f"Cost per extra response: {words.price(cost.middle)}, {limits} ({spend})."


def _describe_mde(readout: Readout) -> str:
    """Say which effects the test was planned to detect."""
    if readout.mde_share is None:
        return "The test plan has no minimum detectable effect."
    return (
        f"Minimum detectable effect of the plan: {100 * readout.mde_share:.2f} points "
        "(found 4 times in 5)."
    )
