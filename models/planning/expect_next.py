"""Expect each tract's final rate in the next census from the last one, with ranges.

Two models of the same kind (:mod:`models.peers.regressor`) are fitted on the last census's final
rates. The first reads who lived in a tract then: the difference between what it says of today's
people and of those of then moves the last rate to today's people. The second reads the census
before the last and who lived there, and learns how much of the past a census repeats; read with
the moved rate and today's people, it says what to expect of the next one. A tract is expected by
models that have seen no final rate of its own part of the area, once as it was and once as it is,
so that the errors of the first time bound the second (cross-conformal, as in
:mod:`models.peers.expect`). What this cannot know is whether the next decade changes response as
the last one did.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from models.features.build import Features, build_features
from models.features.predictors import Predictor
from models.intervals import calibrate_groups
from models.peers.regressor import EDGE, PeerRegressor
from models.planning.area_errors import measure_area_errors
from models.planning.past import PAST, list_plan_predictors
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError
from outreach.phrasing import write_count
from outreach.rates import AreaErrors
from outreach.spatial import divide_space
from outreach.tables import DataFrame, TractProfiles, as_table

#: Coverages of the ranges, percent.
COVERAGES = (50, 80)
#: Compact parts of an area. A part is expected by a model that was fitted on the others.
_PARTS = 6
#: Fewest tracts with a final rate that anything is learned from.
_FEWEST = 60
#: Fewest errors for quantiles of their own, and most groups of them by level.
_LEAST_IN_GROUP, _MOST_GROUPS = 40, 5


@dataclass(frozen=True)
class NextCensus:
    """What to expect of the next census.

    Attributes
    ----------
    table
        Index ``geoid``: ``final_share`` with ``final_low50_share``, ``final_high50_share``,
        ``final_low80_share``, ``final_high80_share``, and ``own_error_share``, one standard
        deviation of a tract's own error.
    used
        Predictors that both times have.
    missing
        Predictors that one of the times lacks, with the reason.
    error_points
        Mean absolute error with which the last census would have been expected this way.
    covered80_share
        Share of the tracts whose final rate in the last census lies in its 80% range, each part
        judged by the errors of the others.
    areas
        How far areas missed as one event; ``None`` where too few can be measured, or where nothing
        says how much the area changed between the last two censuses.
    """

    table: pd.DataFrame
    used: tuple[str, ...]
    missing: dict[str, str]
    error_points: float
    covered80_share: float
    areas: AreaErrors | None = None


def expect_next_census(
    now: DataFrame[TractProfiles],
    then: DataFrame[TractProfiles],
    final: "pd.Series[float]",
    *,
    own: tuple[Predictor, ...] = (),
    random_state: int = 0,
) -> NextCensus:
    """Expect the next census's final rates.

    Parameters
    ----------
    now
        Profiles of the tracts today, with geometry (EPSG:4326) if there is any; the column
        :data:`models.planning.past.PAST` has their final rate in the last census.
    then
        Profiles of the same tracts on the eve of the last census; the same column has their rate in
        the census before that. May lack it: then only who lives there is carried over.
    final
        Final rates of the last census, 0-1 by ``geoid``; tracts may be missing.
    own
        Predictors that the area brings itself; one that either time lacks is left out.
    random_state
        Seed.

    Returns
    -------
    NextCensus
        A row for each tract of ``now`` whose final rate in the last census is known.

    Raises
    ------
    ModelError
        Fewer than 60 tracts have a final rate, or all have the same.
    NothingThere
        No predictor is known at both times.
    """
    then = as_table(_place(then, now), TractProfiles)
    predictors, missing = _share_predictors(now, then, own)
    people = tuple(each for each in predictors if each.name != PAST)
    rate: Floats = np.asarray(final.reindex(now.index), dtype=np.float64)
    _check_rates(rate[~np.isnan(rate)])

    # Move the last rate to today's people.
    features, before = build_features(now, people), build_features(then, people)
    part = _divide(features)
    mean, spread = _expect_held_out(features, before, rate, part, random_state)
    moved = logit(rate.clip(EDGE, 1 - EDGE)) + mean[1] - mean[0]

    # Weigh it as the census before had to be weighed; without that one, it is the expectation.
    if len(people) < len(predictors):
        carried = as_table(now.assign(**{PAST: expit(moved)}), TractProfiles)
        features, before = build_features(carried, predictors), build_features(then, predictors)
        mean, spread = _expect_held_out(features, before, rate, part, random_state)
    else:
        mean[1] = moved
    result = _bound(mean, spread, rate, part, features, missing)
    return replace(result, areas=_measure_areas(mean[0], rate, part, features, now, then))


def _expect_held_out(
    features: Features, before: Features, rate: Floats, part: Ints, random_state: int
) -> tuple[Floats, Floats]:
    """Expect every part from the others, as it was then (row 0) and as it is now (row 1).

    Returns
    -------
    mean, spread
        On the scale of the link, shape (2, tracts).
    """
    times = before.frame.to_numpy(float), features.frame.to_numpy(float)
    rated = ~np.isnan(rate)
    mean, spread = np.empty((2, len(rate))), np.empty((2, len(rate)))
    for number in range(int(part.max()) + 1):
        inside, others = part == number, rated & (part != number)
        model = PeerRegressor(features.groups, features.places, "logit", random_state=random_state)
        model.fit(times[0][others], rate[others])
        for time, rows in enumerate(times):
            mean[time, inside], spread[time, inside] = model.predict_link(rows[inside])
    return mean, spread


def _divide(features: Features) -> Ints:
    """Divide the tracts into compact parts, by place or else by their predictors."""
    return divide_space(_locate(features), _PARTS)


def _locate(features: Features) -> Floats:
    """Return where tracts are, or else their predictors."""
    inputs: Floats = features.frame.to_numpy(dtype=np.float64)
    return inputs[:, -features.places :] if features.places else inputs


def _measure_areas(
    mean: Floats,
    rate: Floats,
    part: Ints,
    features: Features,
    now: DataFrame[TractProfiles],
    then: DataFrame[TractProfiles],
) -> AreaErrors | None:
    """Measure how far areas missed as one event, and how much all of them changed together."""
    if PAST not in then or "households_count" not in now:
        return None
    households = now["households_count"].fillna(0.0).to_numpy(dtype=np.float64)
    past = then[PAST].to_numpy(dtype=np.float64)
    both = ~np.isnan(past) & ~np.isnan(rate) & (households > 0)
    if not both.any():
        return None
    shift = float(np.average((rate - past)[both], weights=households[both]))
    return measure_area_errors(rate - expit(mean), households, part, _locate(features), shift)


def _bound(
    mean: Floats,
    spread: Floats,
    target: Floats,
    part: Ints,
    features: Features,
    missing: dict[str, str],
) -> NextCensus:
    """Bound the expectation by the errors of the last census, outside each tract's own part."""
    rated = ~np.isnan(target)
    link = logit(target.clip(EDGE, 1 - EDGE))
    error = np.abs(link - mean[0]) / spread[0]
    levels = np.array(COVERAGES) / 100
    center = expit(mean)
    quantile = np.empty((2, len(target), len(COVERAGES)))
    for number in range(int(part.max()) + 1):
        inside, others = part == number, rated & (part != number)
        groups = int(np.clip(others.sum() // _LEAST_IN_GROUP, 1, _MOST_GROUPS))
        cuts, by_group = calibrate_groups(
            error[others], center[0, others], part[others], levels, groups=groups, balance=0.0
        )
        for time in range(2):
            quantile[time, inside] = by_group[np.searchsorted(cuts, center[time, inside])]

    columns: dict[str, Floats] = {"final_share": center[1]}
    for at, coverage in enumerate(COVERAGES):
        reach = spread[1] * quantile[1, :, at]
        columns[f"final_low{coverage}_share"] = expit(mean[1] - reach)
        columns[f"final_high{coverage}_share"] = expit(mean[1] + reach)
    columns["own_error_share"] = spread[1] * center[1] * (1 - center[1])
    table = pd.DataFrame(columns, index=features.frame.index)
    covered = error[rated] <= quantile[0, rated, COVERAGES.index(80)]
    return NextCensus(
        table[rated],
        features.used,
        missing,
        100 * float(np.abs(center[0] - target)[rated].mean()),
        float(covered.mean()),
    )


def _place(then: DataFrame[TractProfiles], now: DataFrame[TractProfiles]) -> pd.DataFrame:
    """Give the profiles of then the ground of the same tracts today."""
    ground = now[[name for name in ("geometry", "land_km2") if name in now]]
    old = then.drop(columns=ground.columns, errors="ignore").reindex(now.index)
    return ground.join(old, validate="one_to_one")


def _share_predictors(
    now: DataFrame[TractProfiles], then: DataFrame[TractProfiles], own: tuple[Predictor, ...]
) -> tuple[tuple[Predictor, ...], dict[str, str]]:
    """Return the predictors that both times have, and why others are left out."""
    predictors = (*list_plan_predictors(), *own)
    both = [build_features(table, predictors) for table in (now, then)]
    missing = {
        name: f"{when}: {why}"
        for when, features in zip(("today", "at the last census"), both, strict=True)
        for name, why in features.missing.items()
    }
    used = [set(features.used) for features in both]
    alone = {
        name: missing.get(name, "only one of the two times has it") for name in used[0] ^ used[1]
    }
    shared = tuple(each for each in predictors if each.name in used[0] & used[1])
    return shared, dict(sorted((missing | alone).items()))


def _check_rates(rates: Floats) -> None:
    """Refuse final rates that nothing can be learned from."""
    if len(rates) < _FEWEST:
        raise ModelError(
            f"{write_count(len(rates), 'tract')} with a final rate in the last census are too few"
            f" to expect the next one from; it takes {_FEWEST}.",
            "Choose a larger area, such as the whole county.",
        )
    if np.ptp(rates) == 0:
        raise ModelError(
            "Every tract has the same final rate in the last census, so nothing can be learned.",
            "Check the source of the final rates.",
        )
