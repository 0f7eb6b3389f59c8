"""Expect each tract's final rate in the next census from the last one, with ranges.

The peer model (:mod:`models.peers.regressor`) learns how the last census's final rates followed
from what was known on its eve: the census before it, and who lived there then. Read with the last
census and who lives there now, it says what to expect of the next one. A tract is expected by a
model that has seen no final rate of its own part of the area, once as it was and once as it is, so
that the errors of the first time bound the second (cross-conformal, as in
:mod:`models.peers.expect`). What this cannot know is whether the next decade changes response as
the last one did.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from models.features.build import Features, build_features
from models.intervals import calibrate_groups
from models.peers.regressor import EDGE, PeerRegressor
from models.planning.past import PAST, list_plan_predictors
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError
from outreach.phrasing import write_count
from outreach.spatial import divide_space
from outreach.tables import DataFrame, TractProfiles

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
    """

    table: pd.DataFrame
    used: tuple[str, ...]
    missing: dict[str, str]
    error_points: float
    covered80_share: float


def expect_next_census(
    now: DataFrame[TractProfiles],
    then: DataFrame[TractProfiles],
    final: "pd.Series[float]",
    *,
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
    features, before, missing = _build_both(now, then)
    target: Floats = np.asarray(final.reindex(features.frame.index), dtype=np.float64)
    _check_rates(target[~np.isnan(target)])

    # Expect every part from the others: as it was, for the errors, and as it is.
    inputs, past = features.frame.to_numpy(float), before.frame.to_numpy(float)
    rated = ~np.isnan(target)
    place = inputs[:, -features.places :] if features.places else inputs
    part = divide_space(place, _PARTS)
    mean, spread = np.full((2, len(target)), np.nan), np.full((2, len(target)), np.nan)
    for number in range(int(part.max()) + 1):
        inside, others = part == number, rated & (part != number)
        model = PeerRegressor(features.groups, features.places, "logit", random_state=random_state)
        model.fit(past[others], target[others])
        for time, rows in enumerate((past, inputs)):
            mean[time, inside], spread[time, inside] = model.predict_link(rows[inside])
    if PAST not in features.used:
        # Without the census before, a tract keeps what set it apart from its peers in the last.
        mean[1] += logit(target.clip(EDGE, 1 - EDGE)) - mean[0]

    return _bound(mean, spread, target, part, features, missing)


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


def _build_both(
    now: DataFrame[TractProfiles], then: DataFrame[TractProfiles]
) -> tuple[Features, Features, dict[str, str]]:
    """Build the features of both times from the predictors that both have."""
    ground = now[[name for name in ("geometry", "land_km2") if name in now]]
    old = then.drop(columns=ground.columns, errors="ignore").reindex(now.index)
    placed = ground.join(old, validate="one_to_one")
    predictors = list_plan_predictors()
    both = [build_features(table, predictors) for table in (now, placed)]
    missing = {
        name: f"{when}: {why}"
        for when, features in zip(("today", "at the last census"), both, strict=True)
        for name, why in features.missing.items()
    }
    common = set(both[0].used) & set(both[1].used)
    shared = tuple(each for each in predictors if each.name in common)
    return build_features(now, shared), build_features(placed, shared), _explain(both, missing)


def _explain(both: list[Features], missing: dict[str, str]) -> dict[str, str]:
    """Say of each predictor that only one of the times has, that the other lacks it."""
    alone = set(both[0].used) ^ set(both[1].used)
    return {name: missing.get(name, "only one of the two times has it") for name in sorted(alone)}


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
