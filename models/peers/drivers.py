"""Rank what a peer expectation is based on."""

import numpy as np
import pandas as pd
from sklearn.base import clone

from models.features.build import Features
from models.peers.regressor import PeerRegressor
from models.peers.sample import choose_evenly
from outreach.arrays import Floats, Ints
from outreach.spatial import divide_space

#: Predictors that are named for one concept.
_NAMED = 2


def rank_drivers(
    features: Features,
    rate: "pd.Series[float]",
    *,
    folds: int = 4,
    repeats: int = 2,
    most: int = 1_000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure how much worse the expectation gets if one concept is shuffled among tracts.

    Parameters
    ----------
    features, rate
        As for :func:`models.peers.expect.expect_rates`; tracts without a rate are left out.
    folds
        Number of compact parts, each predicted by a model that was fitted on the others.
    repeats
        Shuffles of each concept in each part.
    most
        Of a larger area, so many tracts are used, evenly by code.
    random_state
        Seed.

    Returns
    -------
    DataFrame
        Index ``concept``, most important first: ``driver``, in words; ``loss_points``, the increase
        of the mean absolute error, and its range over the parts, ``lowest_points`` and
        ``highest_points``; ``verdict``: ``matters`` if every part got worse, ``little or nothing``
        if the mean is no loss, else ``uncertain``; ``meaning``, all this in a sentence. Concepts
        that can replace each other share their importance.
    """
    rated = rate.reindex(features.frame.index)
    chosen = choose_evenly(np.flatnonzero(rated.notna()), most)
    inputs: Floats = features.frame.to_numpy(float)[chosen]
    target = np.asarray(rated, dtype=np.float64)[chosen]
    part = divide_space(inputs[:, -features.places :] if features.places else inputs, folds)

    losses = _shuffle_concepts(features, inputs, target, part, repeats, random_state)
    table = pd.DataFrame(
        {
            "loss_points": losses.mean(),
            "lowest_points": losses.min(),
            "highest_points": losses.max(),
        }
    )
    table.insert(0, "driver", [_name_concept(features, name) for name in table.index])
    verdict = np.select(
        [losses.min() > 0, losses.mean() <= 0], ["matters", "little or nothing"], "uncertain"
    )
    meaning = [
        f"If these figures were shuffled among tracts, the expectation's error would change by"
        f" {row.loss_points:+.2f} points ({row.lowest_points:+.2f} to {row.highest_points:+.2f} in"
        f" {part.max() + 1} parts of the area, each predicted from the others)."
        for row in table.itertuples()
    ]
    table = table.assign(verdict=verdict, meaning=meaning)
    return table.rename_axis("concept").sort_values("loss_points", ascending=False)


def _shuffle_concepts(
    features: Features, inputs: Floats, target: Floats, part: Ints, repeats: int, seed: int
) -> pd.DataFrame:
    """Return the loss in points of each concept (column) in each part (row)."""
    rng, concept = np.random.default_rng(seed), np.array(list(features.concept.values()))
    fresh = PeerRegressor(features.groups, features.places, "logit", random_state=seed)
    losses: dict[str, list[float]] = {name: [] for name in dict.fromkeys(concept)}
    for number in range(part.max() + 1):
        inside = part == number
        model = clone(fresh).fit(inputs[~inside], target[~inside])
        plain = np.abs(model.predict(inputs[inside]) - target[inside]).mean()

        for name, own_losses in losses.items():
            columns = np.flatnonzero(concept == name)
            shuffled = np.tile(inputs[inside], (repeats, 1))
            order = np.concatenate([rng.permutation(inside.sum()) for _ in range(repeats)])
            shuffled[:, columns] = inputs[inside][order][:, columns]
            error = np.abs(model.predict(shuffled) - np.tile(target[inside], repeats)).mean()
            own_losses.append(100 * float(error - plain))
    return pd.DataFrame(losses)


def _name_concept(features: Features, concept: str) -> str:
    """Name a concept by what its predictors are called: the first few, and how many more."""
    words = [features.words[name] for name, own in features.concept.items() if own == concept]
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return f"{concept}: {', '.join(words[:_NAMED])}{more}"
