"""Replay an archived season and measure what each rule would have done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from models.curves.blend import weigh_phase
from models.curves.forecast import estimate_weights
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, build_trajectories
from models.evaluation.equity import measure_forecast
from models.evaluation.metrics import Truth, measure_levels, measure_regions, measure_rules
from models.evaluation.rules import SEASON, Rule, Tier, make_rules
from models.evaluation.snapshot import Snapshot
from models.features.build import Features, build_features
from models.peers.expect import expect_rates
from outreach.arrays import Floats
from outreach.errors import ModelError, NothingThere
from outreach.spatial import divide_space
from outreach.tables import DataFrame, ResponseRates, TractProfiles, as_table

#: Elapsed days that are replayed by default.
DAYS = (0, 7, 14, 20, 30, 45, 60, 90, 120, 160)
#: Compact regions that an area is divided into for the comparison with the naive list, and fewest
#: tracts of a region (or county).
REGIONS, LEAST_IN_REGION = 6, 30


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
        households missing at the end that live in that list; ``error_points``, mean absolute error
        of the forecast; ``covered50_share``, ``covered80_share``, and ``width80_points`` of its
        intervals.
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
        how much more than by the lowest current rate.
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


@dataclass(frozen=True)
class _Replay:
    """What a replay takes from the data before its first day."""

    rates: DataFrame[ResponseRates]
    start: date
    curves: Trajectories
    ended: "pd.Series[float]"
    geoid: pd.Index
    tracts: pd.DataFrame | None
    features: Features | None
    households: "pd.Series[float] | None"
    race: pd.DataFrame | None
    model: SeasonModel | None
    is_hindsight: bool


@dataclass
class _Rows:
    """The tables of a replay, a part for each day."""

    days: list[pd.DataFrame] = field(default_factory=list)
    levels: list[pd.DataFrame] = field(default_factory=list)
    groups: list[pd.DataFrame] = field(default_factory=list)
    regions: list[pd.DataFrame] = field(default_factory=list)
    weights: list[dict[str, Any]] = field(default_factory=list)


def replay_season(
    rates: DataFrame[ResponseRates],
    *,
    area: str,
    start: date,
    final: date,
    days: Sequence[int] = DAYS,
    tracts: DataFrame[TractProfiles] | None = None,
    season_model: SeasonModel | None = None,
    race: DataFrame[TractProfiles] | None = None,
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
        See :func:`models.evaluation.equity.find_groups`; for the table by group only.

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
        ended = pd.Series(curves.cumulative_at((final - start).days), index=curves.geoid)
        if not ended.notna().any():
            raise NothingThere(
                f"No tract of {area} has a final rate.", "Check the area and the dates."
            )

        geoid = ended.index[ended.notna()]
        profiles = tracts.reindex(geoid) if tracts is not None else None
        features, notes = _read_profiles(profiles)
        households = None
        if profiles is not None and "households_count" in profiles:
            households = profiles["households_count"].astype(float)
        else:
            notes.append(
                "Households are not known, so the share of missing households in a list is not"
                " measured."
            )
        is_hindsight = season_model is not None and season_model.name == str(final.year)
        if is_hindsight and season_model is not None:
            notes.append(_warn_of_hindsight(season_model))

        replay = _Replay(
            rates, start, curves, ended, geoid, profiles, features, households, race,
            season_model, is_hindsight,
        )  # fmt: skip
        rows = _replay_days(replay, days)
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
            tracts_count=len(geoid),
            left_out=tuple(ended.index[ended.isna()]),
            notes=tuple(notes),
        )


def _replay_days(replay: _Replay, days: Sequence[int]) -> _Rows:
    """Measure every rule on every day."""
    final = replay.ended[replay.geoid]
    missing = None
    if replay.households is not None:
        missing = np.asarray(replay.households * (1.0 - final), dtype=np.float64)
    regions = _find_regions(replay.geoid, replay.features)
    truth = Truth(np.asarray(final, dtype=np.float64), missing, regions)
    rules = make_rules(season_is_hindsight=replay.is_hindsight)
    ceiling = _find_ceiling(replay.features, final)

    rows = _Rows()
    for day in sorted(set(days)):
        _replay_day(replay, day, rules, truth, ceiling, rows)
    return rows


def _replay_day(
    replay: _Replay,
    day: int,
    rules: tuple[Rule, ...],
    truth: Truth,
    ceiling: Floats | None,
    rows: _Rows,
) -> None:
    """Add what the rules did on one day."""
    published = [d for d in replay.curves.published_days if d <= day]
    curves, data_date = None, None
    if published:
        elapsed = (pd.to_datetime(replay.rates["data_date"]) - pd.Timestamp(replay.start)).dt.days
        rates = as_table(replay.rates[elapsed.to_numpy() <= day], ResponseRates)
        curves = build_trajectories(rates, replay.start)
        data_date = pd.Timestamp(replay.start + timedelta(days=published[-1]))
    seen = Snapshot(day, curves, replay.geoid, replay.features, replay.households, replay.model)
    head: dict[str, Any] = {"day": day, "data_date": data_date or pd.NaT}
    rows.days.append(measure_rules(seen, rules, truth, ceiling).assign(**head))
    rows.regions.append(measure_regions(seen, rules, truth).assign(**head))
    rows.weights.append(head | _describe_weights(seen))

    # The season forecast by level and by group.
    if seen.season_forecast is None:
        return
    table = seen.season_forecast.table.reindex(replay.geoid)
    tier = Tier.HINDSIGHT if replay.is_hindsight else Tier.EX_ANTE
    mark = head | {"rule": SEASON, "tier": str(tier)}
    rows.levels.append(measure_levels(table, truth.final).assign(**mark))
    if replay.tracts is not None and replay.households is not None:
        measured = measure_forecast(replay.tracts, table, replay.ended, replay.race)
        rows.groups.append(measured.assign(**mark))


def _check_days(
    curves: Trajectories, area: str, days: Sequence[int], start: date, final: date
) -> None:
    """Refuse a final date that was not published, and days that are not before it."""
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


def _read_profiles(tracts: pd.DataFrame | None) -> tuple[Features | None, list[str]]:
    """Build the features, or explain why there are none."""
    if tracts is None:
        return None, ["There are no profiles: rules that need them are left out."]
    try:
        features = build_features(as_table(tracts, TractProfiles))
    except NothingThere as error:
        return None, [f"{error.what} Rules that need profiles are left out."]
    absent = ", ".join(features.missing)
    return features, [f"Missing predictors: {absent}."] if absent else []


def _find_ceiling(features: Features | None, final: "pd.Series[float]") -> Floats | None:
    """Return what profiles can do at best: the expectation from final rates of other blocks."""
    if features is None:
        return None
    try:
        return expect_rates(features, final).table["peer_share"].to_numpy(dtype=float)
    except ModelError:
        return None


def _find_regions(geoid: pd.Index, features: Features | None) -> npt.NDArray[Any]:
    """Name the region of each tract; small regions have an empty name.

    Regions are compact parts if polygons are known, else counties.
    """
    if features is not None and features.places and len(geoid) >= REGIONS * LEAST_IN_REGION:
        place = features.frame.reindex(geoid).iloc[:, -features.places :]
        part = divide_space(place.to_numpy(dtype=float), REGIONS)
        return np.array([f"part {number + 1} of {REGIONS}" for number in part], dtype=object)

    county = pd.Series(geoid.str[:5].to_numpy(dtype=str))
    is_large = county.groupby(county).transform("size") >= LEAST_IN_REGION
    return ("county " + county).where(is_large, "").to_numpy(dtype=object)


def _describe_weights(seen: Snapshot) -> dict[str, str]:
    """Describe the weights of the blend and of the season forecast in words."""
    season = "not before its first day"
    if seen.model is not None and seen.curves is not None:
        if seen.day >= seen.model.days[0]:
            season = str(seen.season_forecast.weights) if seen.season_forecast else "none"
        else:
            season = str(estimate_weights(seen.model, seen.day, with_peers=False))
    return {"blend": str(weigh_phase(seen.day)), "season_forecast": season}


def _warn_of_hindsight(model: SeasonModel) -> str:
    """Warn that a season model was fitted on the season that is replayed."""
    tracts = model.provenance.get("tracts_count")
    counted = f" ({tracts:,} tracts)" if tracts else ""
    return (
        f"The season model {model.name} was fitted on final rates of the season replayed here"
        f"{counted}, perhaps including this area. So every rule that uses it is called hindsight:"
        " good for comparing models, no promise for another season."
    )


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put the days of a table together."""
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
