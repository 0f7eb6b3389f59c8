"""Hold the result of a test for other cities, and what several of them say together."""

import datetime as dt
import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: No city has more dollars or households.
_MOST = 1e12


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SharedDesign(_Strict):
    """What cities must have in common for their results to be combined.

    Parameters
    ----------
    outcome, method
        What was measured and how it was judged, in the words of the test plan.
    unit_kind
        Kind of the units that were drawn, such as ``zips``.
    holdout_percent
        Share of the units without ads, 0-100.
    days_count
        Days of the flight, both ends included.
    confidence
        Of the range, 0-1.
    protocol
        SHA-256 of the protocol that the test follows; empty for none.
    looks
        Looks before the end, as shares of the flight; ``None`` in files of before they were told.
    """

    outcome: str
    method: str
    unit_kind: str
    holdout_percent: float = Field(gt=0, lt=100)
    days_count: int = Field(gt=0)
    confidence: float = Field(gt=0, lt=1)
    protocol: str = ""
    looks: tuple[Annotated[float, Field(gt=0, lt=1)], ...] | None = None


class CityResult(_Strict):
    """The result of one city's test. It names no area, unit, or list.

    Parameters
    ----------
    city
        The name under which the city takes part.
    design
        The design of its test.
    plan_digest
        SHA-256 of its test plan, written before the flight.
    flight_start, flight_end, measured_at
        First and last day of the ads, and when the result was computed.
    estimate_share, low_share, high_share, standard_error_share, p_value
        The effect on the response rate (0-1), its range, the spread of the estimate over
        permutations of the arms, and the two-sided p-value.
    treated_households_count, units_count
        Households in units with ads, and measured units by arm.
    mde_share
        Minimum detectable effect of the plan, 0-1; ``None`` if it has none.
    spent_usd, spend_reported
        Money spent on the treated units, and whether a person reported it (or it is as planned).
    versions
        Versions of the service and of the libraries behind the figures.
    """

    format: Literal["census-outreach test result 1"] = "census-outreach test result 1"
    city: str = Field(min_length=1, max_length=80)
    design: SharedDesign
    plan_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    flight_start: dt.date
    flight_end: dt.date
    measured_at: dt.datetime
    estimate_share: float = Field(ge=-1, le=1, allow_inf_nan=False)
    low_share: float = Field(ge=-1, le=1, allow_inf_nan=False)
    high_share: float = Field(ge=-1, le=1, allow_inf_nan=False)
    standard_error_share: float = Field(gt=0, le=1, allow_inf_nan=False)
    p_value: float = Field(ge=0, le=1)
    treated_households_count: float = Field(ge=0, le=_MOST, allow_inf_nan=False)
    units_count: dict[str, int]
    mde_share: float | None = Field(default=None, gt=0, le=1, allow_inf_nan=False)
    spent_usd: float = Field(ge=0, le=_MOST, allow_inf_nan=False)
    spend_reported: bool
    versions: dict[str, str]

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.low_share <= self.estimate_share <= self.high_share:
            raise ValueError("the effect is not within its range")
        if self.flight_end < self.flight_start:
            raise ValueError("the flight ends before it starts")
        return self


class EffectRange(_Strict):
    """An effect on the response rate with its range, each 0-1, and the two-sided p-value."""

    estimate_share: float
    low_share: float
    high_share: float
    p_value: float

    @property
    def sign(self) -> int:
        """1 or -1 where the range excludes zero, else 0."""
        return 1 if self.low_share > 0 else -1 if self.high_share < 0 else 0


class CityPart(_Strict):
    """A city's part in the pooled result.

    Parameters
    ----------
    result
        Its own result.
    fixed_weight_share, random_weight_share
        Its weights, 0-1.
    without_low_share, without_middle_share, without_high_share
        The random effect of the other cities with its range; ``None`` with fewer than three cities.
    """

    result: CityResult
    fixed_weight_share: float
    random_weight_share: float
    without_low_share: float | None
    without_middle_share: float | None
    without_high_share: float | None


class PooledReadout(_Strict):
    """What several cities found together: the content of ``pooled.json``.

    Parameters
    ----------
    made_at
        When it was computed.
    confidence
        Of the ranges, 0-1.
    fixed, random
        The effect that all cities share, and the mean of effects that differ.
    spread_share, heterogeneity_share, heterogeneity_p_value
        As in :class:`models.trial.readout.pool.Pooled`.
    cities
        By name.
    unlike
        How designs differ, one sentence each; empty if all cities ran the same.
    versions
        Versions of the service and of the libraries behind the figures.
    """

    made_at: dt.datetime
    confidence: float
    fixed: EffectRange
    random: EffectRange
    spread_share: float
    heterogeneity_share: float
    heterogeneity_p_value: float
    cities: tuple[CityPart, ...]
    unlike: tuple[str, ...]
    versions: dict[str, str]

    def canonical_json(self) -> str:
        """Return the result as JSON in one spelling: sorted keys, no spaces, ISO dates."""
        return write_canonical(self)


def write_canonical(record: BaseModel) -> str:
    """Return a record as JSON in one spelling: sorted keys, no spaces, ISO dates."""
    values = record.model_dump(mode="json")
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
