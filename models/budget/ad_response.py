"""What a dollar of advertising is expected to win: reach curves, and the assumptions that turn reach into completed questionnaires.

A unit with ``V`` missing households among ``P``, of whom the share ``M`` can be reached on a
channel at a price ``c`` per impression, returns

    responses(s) = V q M F(k s / (M P c))          concave in the spend ``s``, from 0 up to at most ``V q M``

where ``F`` is the reach curve of the addressable households, ``k`` the efficiency of delivery, and
``q`` the chance that a missing household which is reached answers: ``q = (1 - (1 -
click)^exposures) * completion``. It is taken that missing households are reached as easily as their
neighbours. Curves: negative exponential and Poisson (random exposure); gamma-Poisson, also called
negative binomial (Leckenby & Kim, media reach/frequency models). Channels add up in a unit: a
household seen twice may answer to either, an error of the order of ``q``, far below 1 %.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.evidence import Status


class Case(StrEnum):
    """All assumptions together at their unfavourable end, at their default, or at their favourable end."""

    LOW = "low"
    MID = "mid"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A figure that nobody measured here: default, plausible range, and who says so.

    Parameters
    ----------
    label, unit
        What it is and counts, for a reader.
    low, mid, high
        Smallest plausible, default and largest plausible value.
    status, source
        How well supported, and by whom.
    """

    label: str
    low: float
    mid: float
    high: float
    unit: str
    status: Status
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.mid <= self.high < np.inf:
            raise ModelError(
                f"The assumption '{self.label}' runs {self.low} - {self.mid} - {self.high}.",
                "Give three finite figures from 0 up, in rising order.",
            )

    def value(self, case: Case, *, costs: bool = False) -> float:
        """Return the figure in ``case``; for one that ``costs``, the unfavourable end is the high one."""
        if case is Case.MID:
            return self.mid
        return self.high if (case is Case.HIGH) != costs else self.low


@dataclass(frozen=True, slots=True)
class Channel:
    """A place to advertise: price of 1,000 impressions, share of online households that use it, clicks per impression."""

    name: str
    cpm_usd: Assumption
    penetration: Assumption
    click_share: Assumption


_PRICES_2025 = "Superads, Facebook CPM benchmarks 2025"
META = Channel(
    "meta",
    Assumption(
        "price of 1,000 impressions", 17.8, 20.0, 24.7, "USD", Status.THIRD_PARTY, _PRICES_2025
    ),
    Assumption(
        "online households that use it",
        0.5,
        0.7,
        0.9,
        "share",
        Status.ASSUMED,
        "planning default, user-set",
    ),
    Assumption(
        "clicks per impression",
        0.015,
        0.017,
        0.02,
        "share",
        Status.THIRD_PARTY,
        "WordStream 2025; zeely.ai 2026",
    ),
)
DISPLAY = Channel(
    "display",
    Assumption(
        "price of 1,000 impressions",
        0.9,
        3.0,
        5.0,
        "USD",
        Status.ASSUMED,
        "DataBeat, May 2025: 0.9-2.8 for publishers",
    ),
    Assumption(
        "online households that use it",
        0.7,
        0.9,
        1.0,
        "share",
        Status.ASSUMED,
        "planning default, user-set",
    ),
    Assumption(
        "clicks per impression",
        0.0005,
        0.001,
        0.005,
        "share",
        Status.ASSUMED,
        "planning default, user-set",
    ),
)


@dataclass(frozen=True, slots=True)
class _Reach:
    """A reach curve ``F``: 0 at 0, slope 1 at 0, rising to 1; with the logarithm of its slope and the inverse of that."""

    share: Callable[[Floats], Floats]
    log_slope: Callable[[Floats], Floats]
    inverse: Callable[[Floats], Floats]


def _reach(name: str, heterogeneity: float) -> _Reach:
    """Return the reach curve called ``name``; ``heterogeneity`` is the ``r`` of the gamma-Poisson curve (large: all alike)."""
    if name in {"exponential", "poisson"}:
        return _Reach(lambda u: -np.expm1(-u), np.negative, np.negative)
    if name != "nbd":
        raise ModelError(
            f"There is no reach curve '{name}'.", "Choose exponential, poisson or nbd."
        )
    r = heterogeneity
    return _Reach(
        lambda u: -np.expm1(-r * np.log1p(u / r)),
        lambda u: -(r + 1) * np.log1p(u / r),
        lambda log_slope: r * np.expm1(-log_slope / (r + 1)),
    )


@dataclass(frozen=True)
class SpendCurves:
    """Expected responses as a function of spend (USD), one concave curve a row: ``ceiling * F(rate * spend)``."""

    ceiling: Floats
    rate: Floats
    reach: _Reach

    @cached_property
    def log_first(self) -> Floats:
        """The logarithm of the marginal value of the first dollar; minus infinity where nothing can be won."""
        with np.errstate(divide="ignore"):
            return np.log(self.ceiling * self.rate)

    def responses(self, spend: Floats) -> Floats:
        """Return the expected additional responses at ``spend``."""
        return self.ceiling * self.reach.share(self.rate * spend)

    def marginal(self, spend: Floats) -> Floats:
        """Return the responses per USD that the next dollar wins at ``spend``."""
        return np.exp(self.log_marginal(spend))

    def log_marginal(self, spend: Floats) -> Floats:
        """Return the logarithm of the marginal value at ``spend``, which on a saturated curve is itself too small for a float."""
        return self.log_first + self.reach.log_slope(self.rate * spend)

    def spend_at(self, log_marginal: Floats | float) -> Floats:
        """Return the spend (USD) at which the marginal value has fallen to ``exp(log_marginal)``; 0 where it starts lower."""
        with np.errstate(over="ignore", invalid="ignore"):
            spend = self.reach.inverse(np.minimum(log_marginal - self.log_first, 0.0)) / self.rate
        return np.where(self.log_first > log_marginal, spend, 0.0)


@dataclass(frozen=True, slots=True)
class ResponseCurve:
    """From impressions to responses: the reach curve and the assumptions that hold on every channel.

    Parameters
    ----------
    reach
        ``exponential`` (default), ``poisson`` (the same with an efficiency of 1) or ``nbd`` (heavy
        users see more).
    heterogeneity
        The ``r`` of ``nbd``; 1 is usual, and as it grows the curve becomes Poisson.
    efficiency, exposures, completion, fee
        See the default of each.
    """

    reach: str = "exponential"
    heterogeneity: float = 1.0
    efficiency: Assumption = Assumption(
        "efficiency of delivery (1: random exposure)", 0.7, 1.0, 1.27, "factor", Status.ASSUMED,
        "1 gives the knee at 230 GRP, 1.27 the 200 GRP of TVWeek; below 1 is waste",
    )  # fmt: skip
    exposures: Assumption = Assumption(
        "exposures that count",
        1,
        3,
        7,
        "impressions",
        Status.ASSUMED,
        "effective frequency of Krugman and Naples",
    )
    completion: Assumption = Assumption(
        "clicks that end in a completed response", 0.01, 0.05, 0.15, "share", Status.ASSUMED,
        "no public figure found: set your own; view-through is counted as 0",
    )  # fmt: skip
    fee: Assumption = Assumption(
        "platform and agency fees on top of media",
        0.0,
        0.15,
        0.30,
        "share",
        Status.ASSUMED,
        "planning default",
    )

    def __post_init__(self) -> None:
        if self.heterogeneity <= 0:
            raise ModelError(
                f"The heterogeneity is {self.heterogeneity}.", "Give a figure above 0; 1 is usual."
            )
        _reach(self.reach, self.heterogeneity)

    def reach_share(
        self, impressions_per_household: Floats, addressable_share: Floats, case: Case = Case.MID
    ) -> Floats:
        """Return the share of households (0-1) that at least one of ``impressions_per_household`` reaches, at most ``addressable_share``."""
        ceiling = np.asarray(addressable_share, dtype=float)
        per_addressable = np.divide(
            impressions_per_household, ceiling, out=np.zeros_like(ceiling), where=ceiling > 0
        )
        curve = _reach(self.reach, self.heterogeneity)
        return ceiling * curve.share(self._efficiency(case) * per_addressable)

    def conversion_share(self, channel: Channel, case: Case = Case.MID) -> float:
        """Return ``q``: the share of reached missing households that answer."""
        clicking = 1 - (1 - channel.click_share.value(case)) ** self.exposures.value(case)
        return float(clicking * self.completion.value(case))

    def price_usd(self, channel: Channel, case: Case = Case.MID) -> float:
        """Return the price of one impression with fees (USD)."""
        return (
            channel.cpm_usd.value(case, costs=True) / 1000 * (1 + self.fee.value(case, costs=True))
        )

    def spend_curves(
        self, units: pd.DataFrame, channel: Channel, case: Case = Case.MID
    ) -> SpendCurves:
        """Return one curve a row of ``units``.

        Parameters
        ----------
        units
            ``households_count``, ``missing_households_count``, ``addressable_share`` (online
            households, before the channel's penetration), ``persuadable_share`` (of the missing
            ones) and ``price_factor``.
        channel, case
            Where, and under which assumptions.
        """
        households = units["households_count"].to_numpy(float)
        ceiling_share = units["addressable_share"].to_numpy(float) * channel.penetration.value(case)
        winnable = (units["missing_households_count"] * units["persuadable_share"]).to_numpy(float)
        price = self.price_usd(channel, case) * units["price_factor"].to_numpy(float)
        addressed = households * ceiling_share
        usable = addressed > 0
        ceiling = np.where(
            usable, winnable * self.conversion_share(channel, case) * ceiling_share, 0.0
        )
        rate = self._efficiency(case) / (np.where(usable, addressed, 1.0) * price)
        return SpendCurves(ceiling, rate, _reach(self.reach, self.heterogeneity))

    def assumptions(self, channels: Iterable[Channel]) -> pd.DataFrame:
        """Return every assumption as a table for print: channel, assumption, low, mid, high, unit, status, source."""
        shared = [
            ("all", each) for each in (self.efficiency, self.exposures, self.completion, self.fee)
        ]
        own = [
            (c.name, each) for c in channels for each in (c.cpm_usd, c.penetration, c.click_share)
        ]
        rows = [
            (name, a.label, a.low, a.mid, a.high, a.unit, a.status.value, a.source)
            for name, a in shared + own
        ]
        columns = ["channel", "assumption", "low", "mid", "high", "unit", "status", "source"]
        return pd.DataFrame(rows, columns=columns)

    def _efficiency(self, case: Case) -> float:
        return 1.0 if self.reach == "poisson" else self.efficiency.value(case)


def choose_curve(campaign: Campaign) -> ResponseCurve:
    """Return the curve with the campaign's own fee; all else as assumed by default."""
    fee = campaign.fee_percent / 100
    return ResponseCurve(
        fee=replace(ResponseCurve().fee, low=fee, mid=fee, high=fee, source="the campaign")
    )


#: Prices against the year's mean, by quarter: Superads 2025 (November +23 %, January -12 %); 0.95
#: for the first half is ASSUMED from it.
QUARTER_PRICE = (0.95, 0.95, 1.0, 1.23)


def price_season(start: dt.date, end: dt.date) -> float:
    """Return the price factor of a flight from ``start`` to ``end``, both included: the mean of :data:`QUARTER_PRICE` over its days."""
    if end < start:
        raise ModelError(
            f"The flight ends on {end}, before it starts on {start}.", "Give the dates in order."
        )
    quarters = pd.date_range(start, end).quarter.to_numpy()
    return float(np.array(QUARTER_PRICE)[quarters - 1].mean())
