"""Reasons: why the model expects what it expects of a tract, which tracts are like it, and what the expectation rests on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import leggauss
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors

from models.features.build import AROUND, Features
from models.peers.regressor import PeerRegressor
from outreach.arrays import Ints
from outreach.errors import DataError
from outreach.spatial import divide_space

_STEPS = 4  # Gauss-Legendre nodes on the way from the typical tract
_NAMED = 2  # predictors named for one concept
_LEVEL = 1e-9  # a sum of drivers on the logit scale that is no difference
_SMALLEST = 0.05  # points; what is less is not said


def explain_points(
    model: PeerRegressor, features: Features, geoids: Sequence[str] | None = None
) -> pd.DataFrame:
    """Split the model's expectation of each tract against a typical tract at the same place into points per predictor.

    Parameters
    ----------
    model
        Fitted on ``features`` with the logit link.
    features
        Of the tract and its peers; a typical tract has the median of every predictor.
    geoids
        Tracts to explain; all by default.

    Returns
    -------
    DataFrame
        Index ``geoid``; a column a predictor, percentage points. Each row adds up to the model's
        figure less that of the typical tract.

    Notes
    -----
    Integrated gradients (Sundararajan, Taly and Yan 2017, equation 1) on the logit scale, shared out in points in proportion.
    """
    rows = _choose(features, geoids).to_numpy(float)
    names = list(features.concept)
    base = rows.copy()
    base[:, : len(names)] = features.frame[names].median().to_numpy()
    nodes, weights = leggauss(_STEPS)
    slope = sum(
        weight / 2 * model.slopes(base + (node + 1) / 2 * (rows - base))
        for node, weight in zip(nodes, weights, strict=True)
    )
    parts = slope * (rows - base)[:, : len(names)]
    total = parts.sum(axis=1)
    owed = 100 * (model.predict(rows) - model.predict(base))
    level = np.abs(total) < _LEVEL
    return pd.DataFrame(
        parts * np.where(level, 0.0, owed / np.where(level, 1.0, total))[:, None],
        index=_choose(features, geoids).index,
        columns=names,
    )


def give_reasons(points: pd.DataFrame, features: Features, top: int = 3) -> "pd.Series[str]":
    """Put each tract's largest drivers into words.

    Parameters
    ----------
    points
        From :func:`explain_points`.
    features
        The same features.
    top
        How many concepts to name at most.

    Returns
    -------
    Series
        For instance ``renters 71 % against 40 % among peers: -4.1 points``, drivers in order of
        size, parted by ``; ``.
    """
    names = list(features.concept)
    concepts = list(dict.fromkeys(features.concept.values()))
    columns = [
        np.array([at for at, name in enumerate(names) if features.concept[name] == concept])
        for concept in concepts
    ]
    median = features.frame[names].median().to_numpy(float)
    values, own = (
        features.frame.loc[points.index, names].to_numpy(float),
        points[names].to_numpy(float),
    )
    sums = np.column_stack([own[:, inside].sum(axis=1) for inside in columns])
    order = np.argsort(-np.abs(sums), axis=1)[:, :top]
    told = []
    for row in range(len(points)):
        lines = []
        for number in order[row]:
            total, inside = sums[row, number], columns[number]
            if abs(total) < _SMALLEST:
                break
            share = own[row, inside] * np.sign(total)
            leading = [at for at in inside[np.argsort(-share)][:_NAMED] if own[row, at] * total > 0]
            facts = ", ".join(
                _compare(names[at], features.words[names[at]], values[row, at], median[at])
                for at in leading
            )
            lines.append(f"{facts} among peers: {total:+.1f} points")
        told.append("; ".join(lines))
    return pd.Series(told, index=points.index, name="reasons", dtype=object)


def find_comparable(
    model: PeerRegressor,
    features: Features,
    geoids: Sequence[str] | None = None,
    *,
    among: Sequence[str] | None = None,
    count: int = 5,
    most: int = 4_000,
) -> pd.DataFrame:
    """Find the tracts that the model takes to be most like each tract, wherever they lie.

    Parameters
    ----------
    model, features, geoids
        As for :func:`explain_points`.
    among
        Tracts to seek among; all by default.
    count
        How many for each.
    most
        Of more tracts than these so many are sought among, evenly by code.

    Returns
    -------
    DataFrame
        One row a pair: ``geoid``, ``comparable`` (another tract), ``order`` from 1, ``dissimilarity``
        (0 is the same in all that counts; each predictor weighs as much as it moves the model).
    """
    chosen = _choose(features, geoids)
    others = _choose(features, among)
    others = others.iloc[_draw_evenly(np.arange(len(others)), most)]
    count = min(count, len(others) - 1)
    everywhere, here = (
        model.likeness(others.to_numpy(float)),
        model.likeness(chosen.to_numpy(float)),
    )
    far, found = NearestNeighbors(n_neighbors=count + 1).fit(everywhere).kneighbors(here)
    pairs = pd.DataFrame(
        {
            "geoid": np.repeat(chosen.index.to_numpy(), count + 1),
            "comparable": others.index.to_numpy()[found].ravel(),
            "dissimilarity": far.ravel(),
        }
    )
    pairs = pairs[pairs["geoid"] != pairs["comparable"]]
    pairs["order"] = pairs.groupby("geoid").cumcount() + 1
    return pairs[pairs["order"] <= count].reset_index(drop=True)[
        ["geoid", "comparable", "order", "dissimilarity"]
    ]


def rank_drivers(
    features: Features,
    rate: "pd.Series[float]",
    *,
    folds: int = 4,
    repeats: int = 2,
    most: int = 1_000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Measure on held-out parts of the area how much worse the expectation gets when one concept is shuffled among tracts.

    Parameters
    ----------
    features, rate
        As for :func:`models.peers.expect.expect_rates`; tracts without a rate are left aside.
    folds
        Number of compact parts, each told by a model fitted on the others.
    repeats
        Shuffles of each concept in each part.
    most
        Of a larger area so many tracts are drawn, evenly by code.
    random_state
        Seed.

    Returns
    -------
    DataFrame
        Index ``concept``, most important first: ``driver``, in words; ``loss_points``, the growth
        of the mean absolute error, and its range over the parts, ``lowest_points`` and
        ``highest_points``; ``verdict``: ``matters`` where every part got worse, ``little or
        nothing`` where the mean is no loss, else ``uncertain``; ``meaning``, all this in a
        sentence. Concepts that stand in for one another share what they are worth.
    """
    rated = rate.reindex(features.frame.index)
    chosen = _draw_evenly(np.flatnonzero(rated.notna()), most)
    inputs, target = features.frame.to_numpy(float)[chosen], rated.to_numpy(float)[chosen]
    part = divide_space(inputs[:, -features.places :] if features.places else inputs, folds)
    chance, concept = np.random.default_rng(random_state), np.array(list(features.concept.values()))
    fresh = PeerRegressor(features.groups, features.places, "logit", random_state=random_state)
    losses: dict[str, list[float]] = {name: [] for name in dict.fromkeys(concept)}
    for number in range(part.max() + 1):
        held = part == number
        model = clone(fresh).fit(inputs[~held], target[~held])
        plain = np.abs(model.predict(inputs[held]) - target[held]).mean()
        for name, found in losses.items():
            columns = np.flatnonzero(concept == name)
            shuffled = np.tile(inputs[held], (repeats, 1))
            order = np.concatenate([chance.permutation(held.sum()) for _ in range(repeats)])
            shuffled[:, columns] = inputs[held][order][:, columns]
            grown = np.abs(model.predict(shuffled) - np.tile(target[held], repeats)).mean() - plain
            found.append(100 * float(grown))
    table = pd.DataFrame(losses)
    result = pd.DataFrame(
        {"loss_points": table.mean(), "lowest_points": table.min(), "highest_points": table.max()}
    )
    verdict = np.select(
        [table.min() > 0, table.mean() <= 0], ["matters", "little or nothing"], "uncertain"
    )
    result.insert(0, "driver", [_name_concept(features, name) for name in result.index])
    meaning = [
        f"Were it unknown which tract has which, the miss of expectations would change by {row.loss_points:+.2f} points"
        f" ({row.lowest_points:+.2f} to {row.highest_points:+.2f} in {part.max() + 1} parts of the area, each told by the others)."
        for row in result.itertuples()
    ]
    result = result.assign(verdict=verdict, meaning=meaning)
    return result.rename_axis("concept").sort_values("loss_points", ascending=False)


def _draw_evenly(places: Ints, most: int) -> Ints:
    """Return at most so many of the places, evenly over their order."""
    chosen = np.linspace(0, len(places) - 1, min(most, len(places))).round().astype(np.int64)
    return np.asarray(places[chosen], dtype=np.int64)


def _name_concept(features: Features, concept: str) -> str:
    """Name a concept by what its predictors are called: the first few, and how many more."""
    words = [features.words[name] for name, own in features.concept.items() if own == concept]
    more = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    return f"{concept}: {', '.join(words[:_NAMED])}{more}"


def _choose(features: Features, geoids: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows asked for, or say which are not there."""
    if geoids is None:
        return features.frame
    unknown = [geoid for geoid in geoids if geoid not in features.frame.index]
    if unknown:
        raise DataError(
            f"{len(unknown)} tracts have no features, {unknown[0]} first.",
            "Ask for tracts of the same table.",
        )
    return features.frame.loc[list(geoids)]


def _compare(name: str, words: str, value: float, median: float) -> str:
    """Say a value against the peers' in its own unit."""
    kind = name.removesuffix(AROUND).rsplit("_", 1)[-1]
    if kind == "share":
        digits = 0 if round(100 * value) != round(100 * median) else 1
        return f"{words} {100 * value:.{digits}f} % against {100 * median:.{digits}f} %"
    if kind == "log":
        return f"{words} {np.exp(value):,.0f} against {np.exp(median):,.0f}"
    return f"{words} {value:.1f} against {median:.1f}"
