"""Expect each tract's rate from similar tracts in other blocks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit

from models.features.build import Features
from models.intervals import calibrate_groups
from models.peers.regressor import EDGE, FOLDS, PeerRegressor
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError

#: Coverages of the bounds, percent.
_LEVELS = (50, 80)
#: Fewest held-out errors for a quantile of their own, and most groups of them.
_LEAST_IN_GROUP, _MOST_GROUPS = 40, 5
#: Fewest tracts with a rate, for each set of blocks.
_LEAST_IN_FOLD = 10


@dataclass(frozen=True)
class PeerExpectation:
    """What similar tracts have, and what it is based on.

    Attributes
    ----------
    table
        Index ``geoid``: ``peer_share``; its bounds ``peer_low50_share``, ``peer_high50_share``,
        ``peer_low80_share``, ``peer_high80_share``; ``margin_points``, the part of the uncertainty
        (one standard deviation) that comes from the ACS margins of error; ``block``, -1 for a tract
        without a rate.
    used, missing, filled_count
        As in :class:`models.features.build.Features`.
    model
        Fitted on every rate, for reasons. It is never the source of a rated tract's expectation.
    """

    table: pd.DataFrame
    used: tuple[str, ...]
    missing: dict[str, str]
    filled_count: dict[str, int]
    model: PeerRegressor


def expect_rates(
    features: Features, rate: "pd.Series[float]", *, blocks: int = 20, random_state: int = 0
) -> PeerExpectation:
    """Expect each tract's rate from the rates of other blocks, with 50% and 80% bounds.

    Parameters
    ----------
    features
        Of every tract in question.
    rate
        Index ``geoid``, shares: rates of a data date, or final rates of an archived season. Rates
        may be missing; such a tract is expected from all others.
    blocks
        Number of compact blocks of a region.
    random_state
        Seed.

    Returns
    -------
    PeerExpectation
        Bounds are cross-conformal: quantiles of the held-out errors of the other sets of blocks,
        each over its own expected error, by level of the expectation. The model's noise includes
        the average effect of the ACS margins, so a tract's bounds are widened or narrowed by how
        far its own margins exceed the average.

    Raises
    ------
    ModelError
        There are too few tracts with a rate, or all have the same rate.
    """
    target = np.asarray(rate.reindex(features.frame.index), dtype=np.float64)
    rated = ~np.isnan(target)
    _check_rates(target[rated])

    # Expect rated tracts from other blocks, and the rest from all of them.
    inputs = features.frame.to_numpy(float)
    model = PeerRegressor(
        features.groups,
        features.places,
        "logit",
        random_state=random_state,
        anchors=features.anchors,
    )
    mean, spread, block = np.empty(len(rated)), np.empty(len(rated)), np.full(len(rated), -1)
    mean[rated], spread[rated], block[rated] = model.predict_held_out(
        inputs[rated], target[rated], blocks
    )
    model.fit(inputs[rated], target[rated])
    if not rated.all():
        mean[~rated], spread[~rated] = model.predict_link(inputs[~rated])

    # Adjust the spread by each tract's own margins of error.
    margin = _measure_margins(model, inputs, features.error_sd.to_numpy(float))
    own = spread**2 + margin**2 - (margin[rated] ** 2).mean()
    spread = np.sqrt(np.maximum(own, (spread / 2) ** 2))

    error = np.abs(logit(target.clip(EDGE, 1 - EDGE)) - mean) / spread
    center = expit(mean)
    columns: dict[str, npt.NDArray[Any]] = {"peer_share": center}
    quantiles = _read_held_out_quantiles(error, center, block)
    for level, quantile in zip(_LEVELS, quantiles.T, strict=True):
        columns[f"peer_low{level}_share"] = expit(mean - spread * quantile)
        columns[f"peer_high{level}_share"] = expit(mean + spread * quantile)
    columns |= {"margin_points": 100 * margin * center * (1 - center), "block": block}
    return PeerExpectation(
        pd.DataFrame(columns, index=features.frame.index),
        features.used,
        features.missing,
        features.filled_count,
        model,
    )


def _check_rates(rates: Floats) -> None:
    """Refuse rates that nothing can be learned from."""
    if len(rates) < _LEAST_IN_FOLD * FOLDS:
        raise ModelError(
            f"{len(rates)} tracts with a rate and a profile are too few for a peer expectation.",
            "Choose a larger area.",
        )
    if np.ptp(rates) == 0:
        raise ModelError(
            "Every tract has the same rate, so similar tracts cannot be compared.",
            "Choose a later data date.",
        )


def _measure_margins(model: PeerRegressor, inputs: Floats, error_sd: Floats) -> Floats:
    """Return how far the ACS margins of error move each expectation, on the logit scale."""
    if not error_sd.any():
        return np.zeros(len(inputs))
    return np.asarray(np.sqrt(((model.slopes(inputs) * error_sd) ** 2).sum(axis=1)))


def _read_held_out_quantiles(error: Floats, center: Floats, block: Ints) -> Floats:
    """Return for each tract the conformal quantiles of the errors outside its set of blocks.

    Quantiles are by level of the expectation, shape (tracts, levels).
    """
    quantiles = np.empty((len(error), len(_LEVELS)))
    levels = np.array(_LEVELS) / 100
    fold = np.where(block < 0, -1, block % FOLDS)
    for number in (-1, *range(FOLDS)):
        inside = fold == number
        others = (block >= 0) & ~inside
        count = len(np.unique(center[others])) // _LEAST_IN_GROUP
        groups = int(np.clip(count, 1, _MOST_GROUPS))
        cuts, by_group = calibrate_groups(
            error[others], center[others], block[others], levels, groups=groups, balance=0.0
        )
        quantiles[inside] = by_group[np.searchsorted(cuts, center[inside])]
    return quantiles
