"""Replay the days of an archived season for a back-test."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.blend import PHASES_YEAR, weigh_phase
from models.curves.forecast import estimate_weights
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, build_trajectories
from models.evaluation.equity import measure_forecast
from models.evaluation.metrics import Truth, measure_levels, measure_regions, measure_rules
from models.evaluation.rules import SEASON, Rule, Tier, make_rules
from models.evaluation.snapshot import Request, Snapshot
from models.features.build import Features, build_features
from models.features.predictors import PREDICTORS, Predictor
from models.peers.expect import expect_rates
from models.scores.digital_reach import SCORE as DIGITAL_REACH
from models.scores.digital_reach import reach_missing_share
from models.scores.languages import cover_languages
from models.targeting.selection import ListRules, price_flights
from outreach.arrays import Floats
from outreach.errors import ModelError, NothingThere
from outreach.spatial import divide_space
from outreach.tables import DataFrame, RatedTracts, ResponseRates, TractProfiles, as_table

#: Compact regions that an area is divided into for the comparison with the naive list, and fewest
#: tracts of a region (or county).
REGIONS, LEAST_IN_REGION = 6, 30


@dataclass(frozen=True)
class Replay:
    """What a replay takes from the data before its first day."""

    rates: DataFrame[ResponseRates]
    start: date
    final: date
    curves: Trajectories
    ended: "pd.Series[float]"
    geoid: pd.Index
    tracts: DataFrame[TractProfiles] | None
    features: Features | None
    households: "pd.Series[float] | None"
    race: DataFrame[TractProfiles] | None
    model: SeasonModel | None
    is_hindsight: bool
    request: Request | None


@dataclass
class Rows:
    """The tables of a replay, a part for each day."""

    days: list[pd.DataFrame] = field(default_factory=list)
    levels: list[pd.DataFrame] = field(default_factory=list)
    groups: list[pd.DataFrame] = field(default_factory=list)
    regions: list[pd.DataFrame] = field(default_factory=list)
    weights: list[dict[str, Any]] = field(default_factory=list)


def prepare_replay(  # noqa: PLR0913, PLR0917  each is a choice of the caller
    rates: DataFrame[ResponseRates],
    start: date,
    final: date,
    tracts: DataFrame[TractProfiles] | None,
    season_model: SeasonModel | None,
    race: DataFrame[TractProfiles] | None,
    creative_languages: tuple[str, ...],
    rules: ListRules,
    own: tuple[Predictor, ...] = (),
) -> tuple[Replay, list[str]]:
    """Prepare a replay, and note what a reader must know about it.

    Parameters
    ----------
    rates
        The whole season.
    start, final
        Day 0, and the data date whose rates count as final; at least one tract has a rate on it.
    tracts, season_model, race, creative_languages, rules, own
        As for :func:`models.evaluation.backtest.replay_season`.
    """
    curves = build_trajectories(rates, start)
    ended = pd.Series(curves.cumulative_at((final - start).days), index=curves.geoid)
    geoid = ended.index[ended.notna()]
    profiles = None
    if tracts is not None:
        profiles = as_table(tracts.reindex(geoid), TractProfiles)
    features, notes = _read_profiles(profiles, own)

    households = None
    if profiles is not None and "households_count" in profiles:
        households = profiles["households_count"].astype(float)
    else:
        notes.append(
            "Households are not known, so the share of missing households in a list is not"
            " measured."
        )
    if final.year == PHASES_YEAR:
        notes.append(
            f"The weights of the blend were set on final rates of {PHASES_YEAR}, the season"
            " replayed here. So every rule that uses it is called hindsight, though what it reads"
            " on a day was published by then."
        )
    is_hindsight = season_model is not None and season_model.name == str(final.year)
    if is_hindsight and season_model is not None:
        notes.append(_warn_of_hindsight(season_model))

    replay = Replay(
        rates=rates,
        start=start,
        final=final,
        curves=curves,
        ended=ended,
        geoid=geoid,
        tracts=profiles,
        features=features,
        households=households,
        race=race,
        model=season_model,
        is_hindsight=is_hindsight,
        request=None if profiles is None else Request(profiles, creative_languages, rules, own),
    )
    return replay, notes


def replay_days(replay: Replay, days: Sequence[int]) -> Rows:
    """Measure every rule on every day."""
    final = replay.ended[replay.geoid]
    missing = None
    if replay.households is not None:
        missing = np.asarray(replay.households * (1.0 - final), dtype=np.float64)
    regions = _find_regions(replay.geoid, replay.features)
    people = _measure_people(replay) if replay.request is not None else None
    truth = Truth(np.asarray(final, dtype=np.float64), missing, regions, people)
    rules = make_rules(replay.start.year, season_is_hindsight=replay.is_hindsight)
    ceiling = _find_ceiling(replay.features, final)

    rows = Rows()
    for day in sorted(set(days)):
        _replay_day(replay, day, rules, truth, ceiling, rows)
    return rows


def _replay_day(
    replay: Replay,
    day: int,
    rules: tuple[Rule, ...],
    truth: Truth,
    ceiling: Floats | None,
    rows: Rows,
) -> None:
    """Add what the rules did on one day."""
    published = [earlier for earlier in replay.curves.published_days if earlier <= day]
    curves, rates, data_date = None, None, None
    if published:
        elapsed = (pd.to_datetime(replay.rates["data_date"]) - pd.Timestamp(replay.start)).dt.days
        rates = as_table(replay.rates[elapsed.to_numpy() <= day], ResponseRates)
        curves = build_trajectories(rates, replay.start)
        data_date = pd.Timestamp(replay.start + timedelta(days=published[-1]))
    seen = Snapshot(
        day=day,
        curves=curves,
        geoid=replay.geoid,
        features=replay.features,
        households=replay.households,
        model=replay.model,
        request=replay.request,
        rates=rates,
    )
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


def _measure_people(replay: Replay) -> pd.DataFrame | None:
    """Measure what a full flight costs and reaches in each tract, given how the season ended.

    Shares online are those of the ACS as published, and responses by internet those of the end.
    ``None`` without households or without the columns on internet access.
    """
    request, last = replay.request, replay.rates["data_date"] == pd.Timestamp(replay.final)
    if request is None or not {"households_count", *DIGITAL_REACH.needs} <= set(request.tracts):
        return None
    columns = {
        name: replay.rates.loc[last, name].reindex(replay.geoid)
        for name in ("cumulative_share", "internet_share")
        if name in replay.rates
    }
    ended = as_table(request.tracts.assign(**columns), RatedTracts)
    covered = cover_languages(ended, request.creative_languages)["covered_share"]
    missing = ended["households_count"] * (1 - ended["cumulative_share"])
    return pd.DataFrame(
        {
            "households": ended["households_count"],
            "reached": missing * reach_missing_share(ended) * covered,
            "cost_usd": price_flights(ended, request.rules.price)["budget_usd"],
        }
    )


def _read_profiles(
    tracts: DataFrame[TractProfiles] | None,
    own: tuple[Predictor, ...],
) -> tuple[Features | None, list[str]]:
    """Build the features, or explain why there are none."""
    if tracts is None:
        return None, ["There are no profiles: rules that need them are left out."]
    try:
        features = build_features(tracts, (*PREDICTORS, *own))
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
