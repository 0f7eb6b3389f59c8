"""Explain a peer expectation by its drivers and similar tracts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import leggauss
from sklearn.neighbors import NearestNeighbors

from models.features.build import AROUND, Features
from models.peers.regressor import PeerRegressor
from models.peers.sample import choose_evenly
from outreach.arrays import Floats, Ints
from outreach.errors import DataError
from outreach.phrasing import write_percent

#: Gauss-Legendre nodes on the way from the typical tract.
_STEPS = 4
#: Predictors that are named for one concept.
_NAMED = 2
#: A sum of drivers on the logit scale that counts as no difference.
_LEVEL = 1e-9
#: Points below which a driver is not mentioned.
_SMALLEST = 0.05


def explain_points(
    model: PeerRegressor, features: Features, geoids: Sequence[str] | None = None
) -> pd.DataFrame:
    """Split each tract's difference from a typical tract at the same place by predictor.

    Parameters
    ----------
    model
        Fitted on ``features`` with the logit link.
    features
        Of the tract and its peers. A typical tract has the median of every predictor.
    geoids
        Tracts to explain; by default all.

    Returns
    -------
    DataFrame
        Index ``geoid``; a column for each predictor, percentage points. Each row adds up to the
        model's figure minus that of the typical tract.

    Raises
    ------
    DataError
        A tract has no features.

    Notes
    -----
    Integrated gradients (Sundararajan, Taly and Yan 2017, equation 1) on the logit scale, shared
    out in points in proportion.
    """
    chosen = _choose_tracts(features, geoids)
    rows = chosen.to_numpy(float)
    names = list(features.concept)
    base = rows.copy()
    base[:, : len(names)] = features.frame[names].median().to_numpy()

    # Integrate the slopes on the way from the typical tract.
    nodes, weights = leggauss(_STEPS)
    slope = sum(
        weight / 2 * model.slopes(base + (node + 1) / 2 * (rows - base))
        for node, weight in zip(nodes, weights, strict=True)
    )
    parts = slope * (rows - base)[:, : len(names)]

    # Share out the difference in points.
    total = parts.sum(axis=1)
    difference = 100 * (model.predict(rows) - model.predict(base))
    is_level = np.abs(total) < _LEVEL
    factor = np.where(is_level, 0.0, difference / np.where(is_level, 1.0, total))
    return pd.DataFrame(parts * factor[:, None], index=chosen.index, columns=names)


def give_reasons(points: pd.DataFrame, features: Features, top: int = 3) -> "pd.Series[str]":
    """Put each tract's largest drivers into words.

    Parameters
    ----------
    points
        From :func:`explain_points`.
    features
        The same features.
    top
        Most concepts to name.

    Returns
    -------
    Series
        For instance ``renters 71% (typical: 40%), which goes with 4.1 points less response``,
        drivers in order of size, separated by ``; ``.
    """
    names = list(features.concept)
    concepts = list(dict.fromkeys(features.concept.values()))
    columns = [
        np.array([at for at, name in enumerate(names) if features.concept[name] == concept])
        for concept in concepts
    ]
    median = features.frame[names].median().to_numpy(float)
    values = features.frame.loc[points.index, names].to_numpy(float)
    own = points[names].to_numpy(float)

    sums = np.column_stack([own[:, inside].sum(axis=1) for inside in columns])
    order = np.argsort(-np.abs(sums), axis=1)[:, :top]
    reasons = []
    for row in range(len(points)):
        clauses = []
        for number in order[row]:
            total, inside = sums[row, number], columns[number]
            if abs(total) < _SMALLEST:
                break
            leading = _choose_leading(own[row], inside, total)
            facts = ", ".join(
                _compare(names[at], features.words[names[at]], values[row, at], median[at])
                for at in leading
            )
            direction = "more" if total > 0 else "less"
            clauses.append(f"{facts}, which goes with {abs(total):.1f} points {direction} response")
        reasons.append("; ".join(clauses))
    return pd.Series(reasons, index=points.index, name="reasons", dtype=object)


def find_comparable(
    model: PeerRegressor,
    features: Features,
    geoids: Sequence[str] | None = None,
    *,
    among: Sequence[str] | None = None,
    count: int = 5,
    most: int = 4_000,
) -> pd.DataFrame:
    """Find the tracts that the model considers most similar to each tract, wherever they are.

    Parameters
    ----------
    model, features, geoids
        As for :func:`explain_points`.
    among
        Tracts to choose from; by default all.
    count
        How many for each tract.
    most
        Of more tracts than this, so many are considered, evenly by code.

    Returns
    -------
    DataFrame
        A row is a pair: ``geoid``, ``comparable`` (another tract), ``order`` from 1,
        ``dissimilarity`` (0 is the same in everything that counts; each predictor weighs as much as
        it moves the model).

    Raises
    ------
    DataError
        A tract has no features.
    """
    chosen = _choose_tracts(features, geoids)
    others = _choose_tracts(features, among)
    others = others.iloc[choose_evenly(np.arange(len(others)), most)]
    count = min(count, len(others) - 1)

    search = NearestNeighbors(n_neighbors=count + 1).fit(model.compare(others.to_numpy(float)))
    distance, nearest = search.kneighbors(model.compare(chosen.to_numpy(float)))
    pairs = pd.DataFrame(
        {
            "geoid": np.repeat(chosen.index.to_numpy(), count + 1),
            "comparable": others.index.to_numpy()[nearest].ravel(),
            "dissimilarity": distance.ravel(),
        }
    )

    # A tract is not comparable to itself.
    pairs = pairs[pairs["geoid"] != pairs["comparable"]]
    pairs["order"] = pairs.groupby("geoid").cumcount() + 1
    columns = ["geoid", "comparable", "order", "dissimilarity"]
    return pairs[pairs["order"] <= count].reset_index(drop=True)[columns]


def _choose_leading(own: Floats, inside: Ints, total: float) -> list[int]:
    """Return the columns of a concept that contribute most to its sum, in its direction."""
    share = own[inside] * np.sign(total)
    return [int(at) for at in inside[np.argsort(-share)][:_NAMED] if own[at] * total > 0]


def _choose_tracts(features: Features, geoids: Sequence[str] | None) -> pd.DataFrame:
    """Return the rows of some tracts, or name the first that has none."""
    if geoids is None:
        return features.frame
    unknown = [geoid for geoid in geoids if geoid not in features.frame.index]
    if unknown:
        raise DataError(
            f"{len(unknown)} tracts have no features, {unknown[0]} first.",
            "Request tracts of the same table.",
        )
    return features.frame.loc[list(geoids)]


def _compare(name: str, words: str, value: float, median: float) -> str:
    """Compare a value with that of the peers in its own unit."""
    kind = name.removesuffix(AROUND).rsplit("_", 1)[-1]
    if kind == "share":
        digits = 0 if round(100 * value) != round(100 * median) else 1
        here, peers = write_percent(value, digits), write_percent(median, digits)
    elif kind == "log":
        here, peers = f"{np.exp(value):,.0f}", f"{np.exp(median):,.0f}"
    else:
        here, peers = f"{value:.1f}", f"{median:.1f}"
    return f"{words} {here} (typical: {peers})"
