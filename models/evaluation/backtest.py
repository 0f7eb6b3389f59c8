"""Back-test: replays an archived season day by day and measures every rule by what it would have said with what was published then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from models.curves.blend import weigh_phase
from models.curves.forecast import estimate_weights
from models.curves.season_model import SeasonModel
from models.curves.trajectory import draw_trajectories
from models.evaluation.equity import measure_forecast
from models.evaluation.metrics import Truth, measure_levels, measure_regions, measure_rules
from models.evaluation.rules import SEASON, Seen, Tier, make_rules
from models.features.build import Features, build_features
from models.peers.expect import expect_rates
from outreach.arrays import Floats
from outreach.errors import ModelError, NothingThere
from outreach.spatial import divide_space

#: Elapsed days that are replayed where none are asked for.
DAYS = (0, 7, 14, 20, 30, 45, 60, 90, 120, 160)
#: Compact regions an area is cut into for the comparison with the naive list, and tracts a region
#: (or county) has at least.
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
        of the forecast; ``covered50_share``, ``covered80_share`` and ``width80_points`` of its
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


def replay_season(
    rates: pd.DataFrame,
    *,
    area: str,
    start: date,
    final: date,
    days: Sequence[int] = DAYS,
    tracts: pd.DataFrame | None = None,
    season: SeasonModel | None = None,
    race: pd.DataFrame | None = None,
) -> Backtest:
    """Replay a season.

    Parameters
    ----------
    rates
        ``ResponseRates`` of the whole season; a day's rules get those published by then.
    area
        In words, for the page.
    start, final
        Day 0, and the data date whose rates count as final.
    days
        Elapsed days; on a day without a publication the last one before is used, before the first
        there are profiles only.
    tracts
        ``TractProfiles`` or ``Tracts`` of the same tracts. Rates among their columns are not looked
        at.
    season
        A fitted season, for the rules that need one; if its name is the year replayed, what uses it
        is named hindsight.
    race
        See :func:`models.evaluation.equity.find_groups`; for the table by group only.

    Raises
    ------
    ModelError
        The final date was not published, or a day is not before it.
    NothingThere
        No tract has a final rate, or no rule says anything on the days asked for.
    """
    with threadpool_limits(
        limits=1
    ):  # small matrices; many threads that wait for one another are slower
        return _replay(rates, area, start, final, days, tracts, season, race)


def _replay(
    rates: pd.DataFrame, area: str, start: date, final: date, days: Sequence[int], tracts: pd.DataFrame | None,
    season: SeasonModel | None, race: pd.DataFrame | None,
) -> Backtest:  # fmt: skip
    """Do the work of :func:`replay_season`."""
    curves = draw_trajectories(rates, start)
    elapsed = (pd.to_datetime(rates["data_date"]) - pd.Timestamp(start)).dt.days.to_numpy()
    final_day = (final - start).days
    if final_day not in curves.published_days:
        raise ModelError(
            f"The archive has no publication of {final} for {area}.",
            "Choose a data date that it has.",
        )
    late = [day for day in days if not 0 <= day < final_day]
    if late:
        raise ModelError(
            f"Day {late[0]} does not lie before day {final_day}, the final one.",
            "Choose earlier days.",
        )
    ended = pd.Series(curves.cumulative_at(final_day), index=curves.geoid)
    if not ended.notna().any():
        raise NothingThere(f"No tract of {area} has a final rate.", "Check area and dates.")
    geoid = ended.index[ended.notna()]
    known = tracts.reindex(geoid) if tracts is not None else None
    features, notes = _read_profiles(known)
    households = (
        known["households_count"].astype(float)
        if known is not None and "households_count" in known
        else None
    )
    if households is None:
        notes.append(
            "Households are not known, so the share of missing households covered is not measured."
        )
    missing = (
        None
        if households is None
        else np.asarray(households * (1.0 - ended[geoid]), dtype=np.float64)
    )
    truth = Truth(
        np.asarray(ended[geoid], dtype=np.float64), missing, _find_regions(geoid, features)
    )
    same = season is not None and season.name == str(final.year)
    rules = make_rules(season_is_hindsight=same)
    if same and season is not None:
        notes.append(_warn_of_hindsight(season))
    rows: dict[str, list[pd.DataFrame]] = {"days": [], "levels": [], "groups": [], "regions": []}
    weights = []
    ceiling = _reach_ceiling(features, ended[geoid])
    for day in sorted(set(days)):
        published = [d for d in curves.published_days if d <= day]
        so_far = draw_trajectories(rates[elapsed <= day], start) if published else None
        seen = Seen(day, so_far, geoid, features, households, season)
        when = pd.Timestamp(start + timedelta(days=published[-1])) if published else pd.NaT
        head: dict[str, Any] = {"day": day, "data_date": when}
        rows["days"].append(measure_rules(seen, rules, truth, ceiling).assign(**head))
        rows["regions"].append(measure_regions(seen, rules, truth).assign(**head))
        table = (
            seen.season_forecast.table.reindex(geoid) if seen.season_forecast is not None else None
        )
        if table is not None:
            tier = Tier.HINDSIGHT if same else Tier.EX_ANTE
            mark = head | {"rule": SEASON, "tier": str(tier)}
            rows["levels"].append(measure_levels(table, truth.final).assign(**mark))
            if known is not None and households is not None:
                rows["groups"].append(measure_forecast(known, table, ended, race).assign(**mark))
        weights.append(head | _tell_weights(seen))
    if not any(len(part) for part in rows["days"]):
        raise NothingThere(
            f"No rule says anything of {area} on day {', '.join(map(str, sorted(set(days))))}.",
            f"The archive begins on day {curves.published_days[0]}; choose later days.",
        )
    return Backtest(
        area, start, final,
        **{name: pd.concat(parts, ignore_index=True) if parts else pd.DataFrame() for name, parts in rows.items()},
        weights=pd.DataFrame(weights), tracts_count=len(geoid), left_out=tuple(ended.index[ended.isna()]), notes=tuple(notes),
    )  # fmt: skip


def _read_profiles(tracts: pd.DataFrame | None) -> tuple[Features | None, list[str]]:
    """Build the features, or say why there are none."""
    if tracts is None:
        return None, ["There are no profiles: rules that need them are left out."]
    try:
        features = build_features(tracts)
    except NothingThere as error:
        return None, [f"{error.what} Rules that need profiles are left out."]
    absent = ", ".join(features.missing)
    return features, [f"Predictors that were not there: {absent}."] if absent else []


def _reach_ceiling(features: Features | None, final: "pd.Series[float]") -> Floats | None:
    if features is None:
        return None
    try:
        return expect_rates(features, final).table["peer_share"].to_numpy(dtype=float)
    except ModelError:
        return None


def _find_regions(geoid: pd.Index, features: Features | None) -> npt.NDArray[Any]:
    """Name the region of each tract: compact parts where polygons are known, else counties; small ones have none."""
    if features is not None and features.places and len(geoid) >= REGIONS * LEAST_IN_REGION:
        part = divide_space(
            features.frame.reindex(geoid).iloc[:, -features.places :].to_numpy(dtype=float), REGIONS
        )
        return np.array([f"part {number + 1} of {REGIONS}" for number in part], dtype=object)
    county = pd.Series(geoid.str[:5].to_numpy(dtype=str))
    return (
        ("county " + county)
        .where(county.groupby(county).transform("size") >= LEAST_IN_REGION, "")
        .to_numpy(dtype=object)
    )


def _tell_weights(seen: Seen) -> dict[str, str]:
    told = {"blend": str(weigh_phase(seen.day)), "season_forecast": "not before its first day"}
    if seen.season is not None and seen.curves is not None and seen.day >= seen.season.days[0]:
        told["season_forecast"] = (
            str(seen.season_forecast.weights) if seen.season_forecast else "none"
        )
    elif seen.season is not None and seen.curves is not None:
        told["season_forecast"] = str(
            estimate_weights(seen.season, seen.day, with_expectation=False)
        )
    return told


def _warn_of_hindsight(season: SeasonModel) -> str:
    tracts = season.provenance.get("tracts_count")
    counted = f" ({tracts:,} tracts)" if tracts else ""
    return (
        f"The fitted season {season.name} was fitted on final rates of the season replayed here{counted}, this area "
        "perhaps among them, so all that uses it is named hindsight: good for comparing models, no promise of what it does in another season."
    )
