"""Define the rules that a back-test compares, from naive to best."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from models.curves.blend import PHASES_YEAR
from models.curves.forecast import COVERAGES
from models.evaluation.snapshot import Snapshot
from outreach.arrays import Floats
from outreach.objectives import Objective


class Tier(StrEnum):
    """What a rule has seen."""

    NAIVE = "naive"
    EX_ANTE = "ex ante"
    HINDSIGHT = "hindsight"


@dataclass(frozen=True)
class Rule:
    """A way to order tracts and to forecast their final rate.

    Attributes
    ----------
    name
        For people.
    tier
        What it has seen.
    method
        One sentence for the page.
    order
        The tracts with the lowest figure are listed first; all missing if the rule says nothing
        that day.
    forecast
        Final shares, if the rule has any.
    bounds
        Of 50% and 80% intervals: four columns ``low50``, ``high50``, ``low80``, ``high80``, if the
        rule has any.
    """

    name: str
    tier: Tier
    method: str
    order: Callable[[Snapshot], Floats]
    forecast: Callable[[Snapshot], Floats] | None = None
    bounds: Callable[[Snapshot], pd.DataFrame | None] | None = None


#: Names of the lists that a run buys, by objective.
BOUGHT = {
    Objective.MISSING_PER_DOLLAR: "bought: missing per dollar",
    Objective.LOWEST_RATES: "bought: lowest rates",
    Objective.MOST_MISSING: "bought: most missing",
}
LOWEST, BLEND, SEASON = "lowest rate first", "blend", "season forecast"
MOST_TODAY, MOST_BLEND, MOST_SEASON = (
    "most missing today",
    "most missing, blend",
    "most missing, season forecast",
)
#: Names of the columns that past response is read from.
_PAST = ("low_response_score", "mail_return_2010_share", "final_2010_share")


def make_rules(year: int, *, season_is_hindsight: bool) -> tuple[Rule, ...]:
    """Return every rule.

    Parameters
    ----------
    year
        Of the season that is replayed. In the year whose final rates the weights of the blend were
        set on, every rule that uses the blend is called hindsight.
    season_is_hindsight
        Whether the season model was fitted on the season that is replayed, if on other places. Then
        every rule that uses it is called hindsight.
    """
    season = Tier.HINDSIGHT if season_is_hindsight else Tier.EX_ANTE
    blend = Tier.HINDSIGHT if year == PHASES_YEAR else Tier.EX_ANTE
    return (
        *_make_bought_rules(season),
        *_make_naive_rules(season_is_hindsight=season_is_hindsight),
        *_make_model_rules(blend, season),
        *_make_missing_rules(blend, season),
    )


def _make_bought_rules(season: Tier) -> tuple[Rule, ...]:
    """Return what a run buys for each objective."""
    return tuple(
        Rule(
            name,
            season,
            f"What a run buys whose objective is {objective.value}: {objective.label}.",
            partial(Snapshot.bought, objective=objective),
        )
        for objective, name in BOUGHT.items()
    )


def _make_naive_rules(*, season_is_hindsight: bool) -> tuple[Rule, ...]:
    """Return the rules that people use today."""
    return (
        Rule(
            LOWEST,
            Tier.NAIVE,
            "Current rate; its forecast is the last value.",
            lambda seen: seen.level,
            lambda seen: seen.level,
        ),
        Rule(
            "Low Response Score alone",
            Tier.NAIVE,
            "Highest score first; it never changes.",
            lambda seen: -seen.profile("low_response_score"),
        ),
        Rule(
            "2010 rate alone",
            Tier.NAIVE,
            "Lowest 2010 self-response rate (else mail return rate) first.",
            _read_past_rate,
        ),
        Rule(
            "equal ranks",
            Tier.NAIVE,
            "Rank by current rate plus rank by Low Response Score.",
            _add_ranks,
        ),
        Rule(
            "last value plus mean growth",
            Tier.HINDSIGHT if season_is_hindsight else Tier.NAIVE,
            "Current rate plus the season model's mean growth to the end; it orders as the current"
            " rate does.",
            _order_by_mean_growth,
            _add_mean_growth,
        ),
        Rule(
            "Gompertz",
            Tier.NAIVE,
            "Each tract's own curve extrapolated.",
            lambda seen: seen.gompertz,
            lambda seen: seen.gompertz,
        ),
    )


def _make_model_rules(blend: Tier, season: Tier) -> tuple[Rule, ...]:
    """Return the rules of the service's models."""
    return (
        Rule(
            "peer expectation",
            Tier.EX_ANTE,
            "Today's rate of similar tracts in other blocks; the tract's own rate is not used.",
            _read_peers,
        ),
        Rule(
            BLEND,
            blend,
            "Current rate, growth of the coming weeks as learned from last week, and past response;"
            " weights by phase.",
            lambda seen: seen.blend,
            _forecast_by_blend,
        ),
        Rule(
            SEASON,
            season,
            "The service's forecast: shapes of a season model, the area's own trend, and the peer"
            " expectation.",
            _forecast_by_season,
            _forecast_by_season,
            _bound_by_season,
        ),
    )


def _make_missing_rules(blend: Tier, season: Tier) -> tuple[Rule, ...]:
    """Return the rules that order by missing households."""
    return (
        Rule(
            MOST_TODAY,
            Tier.NAIVE,
            "Most households without a response today first.",
            lambda seen: _order_by_missing(seen, seen.level),
        ),
        Rule(
            MOST_BLEND,
            blend,
            "Most households without a response at the end according to the blend first.",
            lambda seen: _order_by_missing(seen, _forecast_by_blend(seen)),
        ),
        Rule(
            MOST_SEASON,
            season,
            "Most households without a response at the end according to the season forecast first.",
            lambda seen: _order_by_missing(seen, _forecast_by_season(seen)),
        ),
    )


def _read_past_rate(seen: Snapshot) -> Floats:
    """Return the 2010 self-response rate, or the mail return rate if there is none."""
    rate = seen.profile("final_2010_share")
    return rate if np.isfinite(rate).any() else seen.profile("mail_return_2010_share")


def _add_ranks(seen: Snapshot) -> Floats:
    """Return the rank by current rate minus the rank by Low Response Score."""
    return np.asarray(_rank(seen.level) - _rank(seen.profile("low_response_score")))


def _rank(values: Floats) -> Floats:
    """Rank figures from low to high; missing ones remain missing."""
    return np.asarray(rankdata(values, nan_policy="omit"), dtype=float)


def _order_by_mean_growth(seen: Snapshot) -> Floats:
    """Return the current rate if there is a season model."""
    return seen.level if seen.model is not None else seen.unknown


def _add_mean_growth(seen: Snapshot) -> Floats:
    """Return the current rate plus the season's mean growth to the end."""
    if seen.model is None:
        return seen.unknown
    return np.minimum(seen.level + seen.model.mean_growth(seen.day), 1.0)


def _read_peers(seen: Snapshot) -> Floats:
    """Return the peer expectation of today's rate."""
    return seen.unknown if seen.peers is None else seen.align(seen.peers)


def _forecast_by_blend(seen: Snapshot) -> Floats:
    """Return the blend as a final rate, never below today's rate.

    Only past response gives it a level, so it is missing without.
    """
    if seen.features is None or not set(_PAST) & set(seen.features.frame):
        return seen.unknown
    return np.fmax(np.clip(seen.blend, 0.0, 1.0), np.nan_to_num(seen.level))


def _forecast_by_season(seen: Snapshot) -> Floats:
    """Return the final rate that the season model forecasts."""
    forecast = seen.season_forecast
    return seen.unknown if forecast is None else seen.align(forecast.table["final_share"])


def _bound_by_season(seen: Snapshot) -> pd.DataFrame | None:
    """Return the bounds of the season forecast."""
    forecast = seen.season_forecast
    if forecast is None:
        return None
    names = {
        f"final_{side}{level}_share": f"{side}{level}"
        for level in COVERAGES
        for side in ("low", "high")
    }
    return forecast.table[list(names)].rename(columns=names).reindex(seen.geoid)


def _order_by_missing(seen: Snapshot, share: Floats) -> Floats:
    """Return an order by households missing at a rate, most first."""
    if seen.households is None:
        return seen.unknown
    return -seen.households.to_numpy(dtype=float) * (1.0 - share)
