"""Rules: ways to order tracts and to forecast their final rate on a day of a season, from the naive to the best, each told what it may know."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from models.curves.blend import blend_rates
from models.curves.forecast import Forecast, estimate_weights, forecast_final
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from models.features.build import Features
from models.peers.expect import expect_rates
from outreach.arrays import Floats
from outreach.errors import ModelError, NothingThere

#: Decay rates a day tried for the Gompertz curve.
_DECAYS = np.geomspace(0.005, 0.25, 25)
_FEWEST_POINTS = 4
_LEAST_SHARE = 0.005


class Tier(StrEnum):
    """What a rule has seen."""

    NAIVE = "naive"
    EX_ANTE = "ex ante"
    HINDSIGHT = "hindsight"


@dataclass(frozen=True)
class Seen:
    """What could be known on a day, and nothing else.

    Attributes
    ----------
    day
        Elapsed day.
    curves
        Publications until that day; ``None`` before the first.
    geoid
        The tracts that are judged; every rule answers in this order.
    features
        Profiles from before the season, if there are any.
    households
        By tract, if known.
    season
        A fitted season, if the rules may use one.
    """

    day: int
    curves: Trajectories | None
    geoid: pd.Index
    features: Features | None = None
    households: "pd.Series[float] | None" = None
    season: SeasonModel | None = None

    @cached_property
    def level(self) -> Floats:
        """The current rate, missing before the first publication."""
        if self.curves is None:
            return np.full(len(self.geoid), np.nan)
        return self.align(
            pd.Series(self.curves.cumulative_at(self.curves.last_day), index=self.curves.geoid)
        )

    @cached_property
    def blend(self) -> Floats:
        """Where tracts end by :mod:`models.curves.blend`."""
        if self.curves is None and self.features is None:
            return np.full(len(self.geoid), np.nan)
        try:
            ending = blend_rates(self.curves, day=self.day, features=self.features)["ending_share"]
        except ModelError:
            return np.full(len(self.geoid), np.nan)
        return self.align(ending)

    @cached_property
    def gompertz(self) -> Floats:
        """Where each tract's own curve leads, by :func:`extrapolate_gompertz`."""
        if self.curves is None:
            return self.level
        return self.align(pd.Series(extrapolate_gompertz(self.curves), index=self.curves.geoid))

    @cached_property
    def expectation(self) -> "pd.Series[float] | None":
        """Today's rate as the rates of other blocks tell it, by :mod:`models.peers.expect`."""
        if self.features is None or self.curves is None:
            return None
        rate = pd.Series(self.curves.cumulative_at(self.curves.last_day), index=self.curves.geoid)
        try:
            return expect_rates(self.features, rate).table["peer_share"]
        except ModelError:
            return None

    @cached_property
    def season_forecast(self) -> Forecast | None:
        """The forecast by a fitted season, with the expectation of the day where there is one."""
        if self.season is None or self.curves is None or self.day < self.season.days[0]:
            return None
        weighted = (
            estimate_weights(self.season, self.curves.last_day, with_expectation=True).peers > 0
        )
        try:
            return forecast_final(
                self.curves, self.season, expectation=self.expectation if weighted else None
            )
        except (ModelError, NothingThere):
            return None

    def profile(self, name: str) -> Floats:
        """Return a predictor in the order of the tracts, missing where it is not there."""
        if self.features is None or name not in self.features.frame:
            return np.full(len(self.geoid), np.nan)
        return self.align(self.features.frame[name])

    def align(self, values: "pd.Series[float]") -> Floats:
        """Put a column into the order of the tracts."""
        return np.asarray(values.reindex(self.geoid), dtype=np.float64)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name
        For people.
    tier
        What it has seen.
    order
        The tracts with the lowest figure are listed first; all missing where the rule says nothing
        that day.
    forecast
        Final shares, where the rule has such.
    bounds
        Of 50 and 80 %: four columns ``low50``, ``high50``, ``low80``, ``high80``, where the rule
        has such.
    method
        One sentence for the page.
    """

    name: str
    tier: Tier
    method: str
    order: Callable[[Seen], Floats]
    forecast: Callable[[Seen], Floats] | None = None
    bounds: Callable[[Seen], pd.DataFrame | None] | None = None


def extrapolate_gompertz(curves: Trajectories) -> Floats:
    """Extrapolate each tract's own curve by ``A exp(-b exp(-c t))``; returns A, at least today's rate and at most 1.

    Linear in log A and b for a given c: least squares on the published days for each c of a grid,
    the best fit by tract (Gompertz 1825, https://doi.org/10.1098/rstl.1825.0026). Missing with
    fewer than four publications.
    """
    days = np.array(curves.published_days)
    level = curves.cumulative_at(curves.last_day)
    if len(days) < _FEWEST_POINTS:
        return np.full(len(level), np.nan)
    share = np.log(np.maximum(curves.cumulative_share[:, days - curves.first_day], _LEAST_SHARE))
    best, ceiling = np.full(len(level), np.inf), np.full(len(level), np.nan)
    for decay in _DECAYS:
        fading = np.exp(-decay * (days - days[0]))
        away = fading - fading.mean()
        slope = ((share - share.mean(axis=1, keepdims=True)) @ away) / (away @ away)
        top = share.mean(axis=1) - slope * fading.mean()
        miss = ((share - top[:, None] - slope[:, None] * fading) ** 2).sum(axis=1)
        better = (miss < best) & (slope <= 0)
        best, ceiling = (
            np.where(better, miss, best),
            np.where(better, np.exp(np.minimum(top, 0.0)), ceiling),
        )
    return np.clip(np.where(np.isnan(ceiling), level, ceiling), level, 1.0)


def _past_rate(seen: Seen) -> Floats:
    known = seen.profile("final_2010_share")
    return known if np.isfinite(known).any() else seen.profile("mail_return_2010_share")


def _most_missing(seen: Seen, share: Floats) -> Floats:
    """Return an order by households missing at a rate, most first."""
    if seen.households is None:
        return np.full(len(seen.geoid), np.nan)
    return -seen.households.to_numpy(dtype=float) * (1.0 - share)


def _rank(values: Floats) -> Floats:
    return np.asarray(rankdata(values, nan_policy="omit"), dtype=float)


def _equal_ranks(seen: Seen) -> Floats:
    return np.asarray(_rank(seen.level) - _rank(seen.profile("low_response_score")))


def _mean_growth(seen: Seen) -> Floats:
    if seen.season is None:
        return np.full(len(seen.geoid), np.nan)
    return np.minimum(seen.level + seen.season.mean_growth(seen.day), 1.0)


def _mean_growth_order(seen: Seen) -> Floats:
    return seen.level if seen.season is not None else np.full(len(seen.geoid), np.nan)


def _season_final(seen: Seen) -> Floats:
    forecast = seen.season_forecast
    return (
        np.full(len(seen.geoid), np.nan)
        if forecast is None
        else seen.align(forecast.table["final_share"])
    )


def _season_bounds(seen: Seen) -> pd.DataFrame | None:
    forecast = seen.season_forecast
    if forecast is None:
        return None
    names = {
        f"final_{side}{level}_share": f"{side}{level}"
        for level in (50, 80)
        for side in ("low", "high")
    }
    return forecast.table[list(names)].rename(columns=names).reindex(seen.geoid)


def _expected_today(seen: Seen) -> Floats:
    expected = seen.expectation
    return np.full(len(seen.geoid), np.nan) if expected is None else seen.align(expected)


def _blend_forecast(seen: Seen) -> Floats:
    """Return the blend as a final rate: only where past response gives it a level, and never below today's rate."""
    if seen.features is None or not {
        "low_response_score",
        "mail_return_2010_share",
        "final_2010_share",
    } & set(seen.features.frame):
        return np.full(len(seen.geoid), np.nan)
    return np.fmax(np.clip(seen.blend, 0.0, 1.0), np.nan_to_num(seen.level))


LOWEST, BLEND, SEASON = "lowest rate first", "blend", "season forecast"
MOST_TODAY, MOST_BLEND, MOST_SEASON = (
    "most missing today",
    "most missing, blend",
    "most missing, season forecast",
)


def make_rules(*, season_is_hindsight: bool) -> tuple[Rule, ...]:
    """Return every rule.

    Parameters
    ----------
    season_is_hindsight
        Whether the fitted season is the one that is replayed, if on other places; then what uses it
        is named hindsight.
    """
    tier = Tier.HINDSIGHT if season_is_hindsight else Tier.EX_ANTE
    return (
        Rule(LOWEST, Tier.NAIVE, "Current rate; its forecast is the last value.", lambda s: s.level, lambda s: s.level),
        Rule(
            "Low Response Score alone", Tier.NAIVE, "Highest score first; it never changes.",
            lambda s: -s.profile("low_response_score"),
        ),
        Rule("2010 rate alone", Tier.NAIVE, "Lowest 2010 self-response rate (else mail return rate) first.", _past_rate),
        Rule("equal ranks", Tier.NAIVE, "Rank by current rate plus rank by Low Response Score.", _equal_ranks),
        Rule(
            "last value plus mean growth", tier if season_is_hindsight else Tier.NAIVE,
            "Current rate plus the fitted season's mean growth to the end; orders as the current rate does.", _mean_growth_order, _mean_growth,
        ),
        Rule("Gompertz", Tier.NAIVE, "Each tract's own curve extrapolated.", lambda s: s.gompertz, lambda s: s.gompertz),
        Rule(
            "expectation of the day", Tier.EX_ANTE, "Today's rate as tracts like it in other blocks have it; the tract's own rate is not used.",
            _expected_today,
        ),
        Rule(
            BLEND, Tier.EX_ANTE, "Current rate, the coming weeks' growth told from last week's, and past response; weights by phase.",
            lambda s: s.blend, _blend_forecast,
        ),
        Rule(
            SEASON, tier, "The service's forecast: shapes of a fitted season, the area's own trend, the expectation of the day.",
            _season_final, _season_final, _season_bounds,
        ),
        Rule(MOST_TODAY, Tier.NAIVE, "Most households without an answer today first.", lambda s: _most_missing(s, s.level)),
        Rule(
            MOST_BLEND, Tier.EX_ANTE, "Most households without an answer at the end by the blend first.",
            lambda s: _most_missing(s, _blend_forecast(s)),
        ),
        Rule(
            MOST_SEASON, tier, "Most households without an answer at the end by the season forecast first.",
            lambda s: _most_missing(s, _season_final(s)),
        ),
    )  # fmt: skip
