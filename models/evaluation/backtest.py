"""Replay an archived season and measure what each rule would have done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from models.budget.ad_price import AdPrice
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, build_trajectories
from models.evaluation.replay import prepare_replay, replay_days
from models.features.predictors import Predictor
from models.targeting.selection import ListRules
from outreach.errors import ModelError, NothingThere
from outreach.tables import DataFrame, ResponseRates, TractProfiles

#: Prices of a campaign by default; the goal shuts no tract out.
RULES = ListRules(
    goal_share=1.0,
    price=AdPrice(cpm_usd=20.0, fee_share=0.15, impressions_per_household=24.0),
    budget_usd=0.0,
)
#: Elapsed days that are replayed by default.
DAYS = (0, 7, 14, 20, 30, 45, 60, 90, 120, 160)


@dataclass(frozen=True)
class Backtest:
    """What a replay showed.

    Attributes
    ----------
    area
        In words.
    start, final
        Day 0 and the data date whose rates count as final.
    days
        A row is a rule on a day: ``day``, ``data_date`` (of the last publication, missing before
        the first), ``rule``, ``tier``, ``method``; ``worst_found_share``, the share of the final
        worst fifth in a list of a fifth of the tracts; ``missing_covered_share``, the share of all
        households missing at the end that live in that list; ``missing_per_household_share``, the
        share of its households that is missing at the end; ``reached_per_1000_usd``, the households
        missing at the end that a full flight in the list reaches and speaks to, for 1,000 USD
        (the last two with profiles only); ``error_points``, mean absolute error of the forecast;
        ``covered50_share``, ``covered80_share``, and ``width80_points`` of its intervals.
    levels
        Coverage of the season forecast by fifth of the final rate: ``day``, ``rule``, ``tier``,
        ``fifth`` (1 is the lowest), ``tracts_count``, ``covered50_share``, ``covered80_share``,
        ``error_points``, ``bias_points``.
    groups
        The same forecast by group of people: columns of
        :func:`models.evaluation.equity.measure_forecast` with ``day``, ``rule``, ``tier``; empty
        without profiles.
    regions
        A row is a rule in a region on a day: ``worst_found_share`` and ``against_lowest_share``,
        how much more than by the lowest current rate; ``reached_per_1000_usd`` and
        ``against_lowest_reached``.
    weights
        A row is a day: ``blend`` and ``season_forecast`` weights in words.
    tracts_count, left_out
        Tracts judged; tracts with rates that are not, because they have no final rate.
    notes
        What a reader must know: which rules are hindsight, what could not be measured and why.
    """

    area: str
    start: date
    final: date
    days: pd.DataFrame
    levels: pd.DataFrame
    groups: pd.DataFrame
    regions: pd.DataFrame
    weights: pd.DataFrame
    tracts_count: int
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def replay_season(  # noqa: PLR0913  each is a choice of the caller
    rates: DataFrame[ResponseRates],
    *,
    area: str,
    start: date,
    final: date,
    days: Sequence[int] = DAYS,
    tracts: DataFrame[TractProfiles] | None = None,
    season_model: SeasonModel | None = None,
    race: DataFrame[TractProfiles] | None = None,
    creative_languages: tuple[str, ...] = ("en",),
    rules: ListRules = RULES,
    own: tuple[Predictor, ...] = (),
) -> Backtest:
    """Replay a season day by day with what was published by then.

    Parameters
    ----------
    rates
        The whole season.
    area
        In words, for the page.
    start, final
        Day 0, and the data date whose rates count as final.
    days
        Elapsed days. On a day without a publication the last one before is used; before the first
        there are profiles only.
    tracts
        Profiles of the same tracts. Any rates among their columns are ignored.
    season_model
        For the rules that need one. If its name is the year that is replayed, every rule that uses
        it is called hindsight.
    race
        See :func:`models.evaluation.groups.find_groups`; for the table by group only.
    creative_languages, rules
        Of the campaign, for the lists that a run would buy; their objective, budget, and largest
        length are not read, because every objective is replayed with a list of a fifth.
    own
        Predictors that the area brings itself, in columns of ``tracts``.

    Raises
    ------
    ModelError
        The final date was not published, or a day is not before it.
    NothingThere
        No tract has a final rate, or no rule says anything on the days requested.

    Notes
    -----
    Linear algebra runs on one thread: the matrices are small, and threads that wait for each other
    are slower.
    """
    with threadpool_limits(limits=1):
        curves = build_trajectories(rates, start)
        _check_days(curves, area, days, start, final)
        replay, notes = prepare_replay(
            rates, start, final, tracts, season_model, race, creative_languages, rules, own
        )
        rows = replay_days(replay, days)
        if not any(len(part) for part in rows.days):
            listed = ", ".join(map(str, sorted(set(days))))
            raise NothingThere(
                f"No rule says anything about {area} on day {listed}.",
                f"The archive begins on day {curves.published_days[0]}; choose later days.",
            )
        return Backtest(
            area=area,
            start=start,
            final=final,
            days=_concat(rows.days),
            levels=_concat(rows.levels),
            groups=_concat(rows.groups),
            regions=_concat(rows.regions),
            weights=pd.DataFrame(rows.weights),
            tracts_count=len(replay.geoid),
            left_out=tuple(replay.ended.index[replay.ended.isna()]),
            notes=tuple(notes),
        )


def _check_days(
    curves: Trajectories, area: str, days: Sequence[int], start: date, final: date
) -> None:
    """Refuse a final date without rates, and days that are not before it."""
    final_day = (final - start).days
    if final_day not in curves.published_days:
        raise ModelError(
            f"The archive has no publication of {final} for {area}.",
            "Choose a data date that it has.",
        )
    late = [day for day in days if not 0 <= day < final_day]
    if late:
        raise ModelError(
            f"Day {late[0]} is not before the final day {final_day}.", "Choose earlier days."
        )
    if np.isnan(curves.cumulative_at(final_day)).all():
        raise NothingThere(f"No tract of {area} has a final rate.", "Check the area and the dates.")


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the days of a table together."""
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
