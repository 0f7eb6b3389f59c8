"""Prior: the self-response rate to expect of a tract from what was known of it before the season, and how sure that is."""

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

_LEVELS = (50, 80)
_LEAST_IN_GROUP = 40  # held-out errors for a quantile of their own


@dataclass(frozen=True)
class PeerExpectation:
    """What was to be expected of each tract, and from what.

    Attributes
    ----------
    table
        Index ``geoid``: ``peer_share``; ``peer_low50_share``, ``_high50_``,
        ``_low80_``, ``_high80_``; ``margin_points``, the part of the uncertainty (one standard
        deviation) that the ACS margins of error bring; ``block``, -1 for a tract without a rate.
    used, missing, filled_count
        As in :class:`models.features.build.Features`.
    model
        Fitted on every rate given, for reasons; never the source of a rated tract's expectation.
    """

    table: pd.DataFrame
    used: tuple[str, ...]
    missing: dict[str, str]
    filled_count: dict[str, int]
    model: PeerRegressor


def expect_rates(
    features: Features, rate: "pd.Series[float]", *, blocks: int = 20, random_state: int = 0
) -> PeerExpectation:
    """Expect each tract's rate from the rates of other blocks, with 50 and 80 % bounds.

    Parameters
    ----------
    features
        Of every tract in question.
    rate
        Index ``geoid``, shares: final rates of an archived season, or the rates so far, which makes
        it the expectation of this day. Missing rates are allowed; such a tract is told from all
        others.
    blocks
        Number of compact blocks of a region.
    random_state
        Seed.

    Returns
    -------
    PeerExpectation
        Bounds are cross-conformal: quantiles of the held-out errors of the other sets of blocks,
        each over its own expected error, by level of the expectation. The model's noise already
        holds the average effect of the ACS margins, so a tract is widened or narrowed by how far
        its own exceed the average.
    """
    known = rate.reindex(features.frame.index).notna().to_numpy()
    if known.sum() < 10 * FOLDS:
        raise ModelError(
            f"{known.sum()} tracts with rate and profile are too few to expect anything.",
            "Take a larger area.",
        )
    if np.ptp(rate.reindex(features.frame.index).dropna()) == 0:
        raise ModelError(
            "Every tract has the same rate, so nothing can be told apart.",
            "Take a later data date.",
        )
    inputs, target = (
        features.frame.to_numpy(float),
        rate.reindex(features.frame.index).to_numpy(float),
    )
    model = PeerRegressor(features.groups, features.places, "logit", random_state=random_state)
    mean, spread, block = np.empty(len(known)), np.empty(len(known)), np.full(len(known), -1)
    mean[known], spread[known], block[known] = model.predict_held_out(
        inputs[known], target[known], blocks
    )
    model.fit(inputs[known], target[known])
    if not known.all():
        mean[~known], spread[~known] = model.predict_link(inputs[~known])
    error_sd = features.error_sd.to_numpy(float)
    margin = (
        np.sqrt(((model.slopes(inputs) * error_sd) ** 2).sum(axis=1))
        if error_sd.any()
        else np.zeros(len(known))
    )
    own = spread**2 + margin**2 - (margin[known] ** 2).mean()
    spread = np.sqrt(np.maximum(own, (spread / 2) ** 2))
    error = np.abs(logit(target.clip(EDGE, 1 - EDGE)) - mean) / spread
    centre = expit(mean)
    columns: dict[str, npt.NDArray[Any]] = {"peer_share": centre}
    quantiles = _held_out_quantiles(error, centre, block)
    for level, quantile in zip(_LEVELS, quantiles.T, strict=True):
        reach = spread * quantile
        columns[f"peer_low{level}_share"], columns[f"peer_high{level}_share"] = (
            expit(mean - reach),
            expit(mean + reach),
        )
    columns |= {"margin_points": 100 * margin * centre * (1 - centre), "block": block}
    return PeerExpectation(
        pd.DataFrame(columns, index=features.frame.index),
        features.used,
        features.missing,
        features.filled_count,
        model,
    )


def _held_out_quantiles(error: Floats, centre: Floats, block: Ints) -> Floats:
    """Return for each tract the conformal quantiles of the errors outside its set of blocks, by level of the expectation, shape (tracts, levels)."""
    result = np.empty((len(error), len(_LEVELS)))
    levels = np.array(_LEVELS) / 100
    for number in (-1, *range(FOLDS)):
        inside = np.where(block < 0, -1, block % FOLDS) == number
        others = (block >= 0) & ~inside
        groups = int(np.clip(len(np.unique(centre[others])) // _LEAST_IN_GROUP, 1, 5))
        cuts, quantiles = calibrate_groups(
            error[others], centre[others], block[others], levels, groups=groups, balance=0.0
        )
        result[inside] = quantiles[np.searchsorted(cuts, centre[inside])]
    return result
