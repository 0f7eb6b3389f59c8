"""Assess, score, and list every county of a state by what is held of it.

Where a run holds the predictors of a county, its tracts are listed as the run's campaign orders
them. The archive has rates only, so all other tracts are listed as a run of a place without
predictors lists them: the lowest expected rate at the deadline first, or without a forecast the
lowest rate. The forecast is then that of a run of the whole state. Sums of counties and of the
state rest on that forecast everywhere, so that counties compare.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd

from flows.steps.nation.held import HeldCounty
from models.assess import Assessment, assess_tracts
from models.budget.ad_price import AdPrice
from models.curves.area_pace import LEAST_TRACTS
from models.curves.area_range import AreaForecast
from models.curves.season_model import SeasonModel
from models.targeting.priority import score_tracts
from models.targeting.selection import ListRules
from outreach.tables import DataFrame, Pace, RatedTracts, ResponseRates, Scores, Tracts, as_table
from outreach.units import TractStatus

#: Order tracts without regard to money: no budget, and no tract that is at a goal already.
_RULES = ListRules(goal_share=1.0, price=AdPrice(1.0, 0.0, 1.0), budget_usd=0.0)
_LANGUAGES = ("en",)
#: Counts of an area's tracts.
COUNTS = ("tracts_count", "lapsed_count", "listed_count", "behind_count")
#: What lists rest on.
RATES, PREDICTORS = "rates", "rates and predictors"
#: What is known of homes where a run holds them.
HOMES = ("households_count", "missing_at_deadline_count")
#: What a reader gets of the forecast.
_FORECAST = ("final_share", "final_low80_share", "final_high80_share")


@dataclass(frozen=True)
class StateLists:
    """What was listed in a state.

    Attributes
    ----------
    state
        Two digits.
    data_date
        The last data date of the state's rates.
    tracts
        Index ``geoid``, a county's list in its order: ``county``, ``county_rank`` (1 is the first
        of the list), ``is_listed``, ``cumulative_share``, ``internet_share``,
        ``growth_per_week_share``, ``pace``, ``final_share`` with ``final_low80_share`` and
        ``final_high80_share``, ``households_count`` and ``missing_at_deadline_count``; what is not
        known is missing.
    counties
        Index five digits: ``tracts_count``, ``lapsed_count`` (tracts with an earlier rate and none
        on the data date), ``listed_count``, ``behind_count``, the means of the tracts
        ``cumulative_share`` and ``final_share``, and the range of the county as one event
        ``final_low80_share``, ``final_high80_share``; ``rests_on`` (``rates``, or ``rates and
        predictors``), and the sums of ``households_count`` and ``missing_at_deadline_count``.
    area
        The same figures of the state as one event: ``cumulative_share``, ``final_share``,
        ``final_low80_share``, ``final_high80_share``; empty without a forecast.
    notes
        What the forecast is based on, and what is left out.
    """

    state: str
    data_date: dt.date
    tracts: pd.DataFrame
    counties: pd.DataFrame
    area: Mapping[str, float]
    notes: tuple[str, ...]


def list_state(
    rates: DataFrame[ResponseRates],
    season_model: SeasonModel,
    *,
    list_share: float,
    deadline: dt.date | None = None,
    held: Mapping[str, HeldCounty] = MappingProxyType({}),
) -> StateLists:
    """List the tracts of every county of one state.

    Parameters
    ----------
    rates
        The state's rates up to the day to list for, at least one row.
    season_model
        The archived season whose shapes are used.
    list_share
        Share of a county's tracts that its list has (0-1), rounded up.
    deadline
        The day the forecast is for; by default the end of the archived season.
    held
        By five digits, the counties whose predictors are held.
    """
    last = rates["data_date"].max()
    now = as_table(rates[rates["data_date"] == last], ResponseRates)
    assessment = assess_tracts(
        _describe_tracts(now), rates, deadline=deadline, season_model=season_model
    )
    orders = _score_state(now, rates, assessment)
    for code, county in held.items():
        own = _score_county(code, county, rates, assessment, season_model, deadline)
        orders = pd.concat([orders[orders.index.str[:5] != code], own])
    tracts = _rank_tracts(orders, list_share)
    lapsed = rates.index.unique().difference(now.index)
    return StateLists(
        state=str(now.index[0][:2]),
        data_date=last.date(),
        tracts=tracts,
        counties=_sum_up_counties(tracts, lapsed, assessment, held),
        area=_read_area(assessment.area),
        notes=assessment.notes,
    )


def _describe_tracts(now: DataFrame[ResponseRates]) -> DataFrame[Tracts]:
    """Return rated tracts of which nothing but the rate is known."""
    unknown = dict.fromkeys(("land_km2", "households_count", "housing_units_count"), np.nan)
    return as_table(now.assign(name="", status=TractStatus.RATED.value, **unknown), Tracts)


def _score_state(
    now: DataFrame[ResponseRates], rates: DataFrame[ResponseRates], assessment: Assessment
) -> pd.DataFrame:
    """Order the tracts of a state as a run without predictors orders its list."""
    scores = score_tracts(
        as_table(_describe_tracts(now), RatedTracts),
        _LANGUAGES,
        _RULES,
        assessment.forecast,
        assessment.peers,
        rates,
        simulations=1,  # ranges of ranks are not shown
    )
    return _choose_figures(now, scores)


def _score_county(
    code: str,
    held: HeldCounty,
    rates: DataFrame[ResponseRates],
    assessment: Assessment,
    season_model: SeasonModel,
    deadline: dt.date | None,
) -> pd.DataFrame:
    """Order the tracts of a county by its predictors, as the campaign of its run does.

    Too few tracts for a forecast of their own take that of the state.
    """
    own_rates = as_table(rates[rates.index.str[:5] == code], ResponseRates)
    now = as_table(own_rates[own_rates["data_date"] == rates["data_date"].max()], ResponseRates)
    profiles = held.tracts.reindex(now.index)
    unknown = _describe_tracts(now).drop(columns=list(profiles), errors="ignore")
    tracts = as_table(unknown.join(profiles, validate="one_to_one"), Tracts)
    if len(now) >= LEAST_TRACTS:
        assessment = assess_tracts(tracts, own_rates, deadline=deadline, season_model=season_model)
    scores = score_tracts(
        as_table(tracts, RatedTracts),
        held.languages,
        replace(_RULES, objective=held.objective),
        assessment.forecast,
        assessment.peers,
        own_rates,
        simulations=1,
    )
    return _choose_figures(now, scores, profiles["households_count"])


def _choose_figures(
    now: DataFrame[ResponseRates],
    scores: DataFrame[Scores],
    households: "pd.Series[float] | None" = None,
) -> pd.DataFrame:
    """Return what a list shows of scored tracts, in their order."""
    table = now[["cumulative_share", "internet_share"]].reindex(scores.index)
    for column in ("growth_per_week_share", "pace", *_FORECAST):
        table[column] = scores.get(column, np.nan)
    table["households_count"] = np.nan if households is None else households
    missing = table["households_count"] * (1 - table["final_share"].astype(float))
    return table.assign(missing_at_deadline_count=missing)


def _rank_tracts(orders: pd.DataFrame, list_share: float) -> pd.DataFrame:
    """Rank the tracts of each county in their order, and list the first ones."""
    table = orders.copy()
    county = table.index.str[:5]
    table.insert(0, "county", county)
    rank = table.groupby("county").cumcount() + 1
    size = table.groupby("county")["county"].transform("size")
    table.insert(1, "county_rank", rank)
    table.insert(2, "is_listed", rank <= np.ceil((list_share * size).round(9)))
    return table.sort_values(["county", "county_rank"])


def _sum_up_counties(
    tracts: pd.DataFrame,
    lapsed: pd.Index,
    assessment: Assessment,
    held: Mapping[str, HeldCounty],
) -> pd.DataFrame:
    """Return a row for each county, those whose tracts have all lapsed included."""
    groups = tracts.groupby("county")
    lapsed_count = lapsed.str[:5].value_counts()
    table = pd.DataFrame(
        {
            "tracts_count": groups.size(),
            "lapsed_count": lapsed_count,
            "listed_count": groups["is_listed"].sum(),
            "behind_count": (tracts["pace"] == Pace.BEHIND).groupby(tracts["county"]).sum(),
            "cumulative_share": groups["cumulative_share"].mean(),
            **{column: groups[column].sum(min_count=1) for column in HOMES},
        }
    )
    table["rests_on"] = [PREDICTORS if code in held else RATES for code in table.index]
    counts = list(COUNTS)
    table[counts] = table[counts].fillna(0).astype(int)

    forecasts = assessment.counties
    if not forecasts and assessment.area is not None:  # the state has a single county
        forecasts = {str(tracts["county"].iloc[0]): assessment.area}
    ranges = {code: _read_area(area) for code, area in forecasts.items()}
    finals = pd.DataFrame.from_dict(ranges, orient="index", columns=list(_FORECAST))
    return table.join(finals, validate="one_to_one").rename_axis("county")


def _read_area(area: AreaForecast | None) -> dict[str, float]:
    """Return the figures of an area's forecast; empty without one."""
    if area is None:
        return {}
    low, high = area.bounds[80]
    return {
        "cumulative_share": area.level_share,
        "final_share": area.final_share,
        "final_low80_share": low,
        "final_high80_share": high,
    }
