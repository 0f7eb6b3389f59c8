"""Judge whether one list is worse than another, area by area, beyond what chance gives."""

import numpy as np
import pandas as pd

from models.evaluation.metrics import LIST_SHARE, find_worst, list_lowest
from outreach.arrays import Floats

#: Fewest tracts of an area that is judged.
LEAST_TRACTS = 30
_SIMULATIONS = 400


def compare_orders(
    table: pd.DataFrame, order: str, other: str, area: "pd.Series[str]", *, seed: int = 0
) -> pd.DataFrame:
    """Compare the lists of a fifth that two orders make in every area of enough tracts.

    Parameters
    ----------
    table
        A row is a tract: both orders (the lowest figure first) and ``final_share``.
    order, other
        Columns of the two orders.
    area
        The area of each tract, in the order of ``table``.
    seed
        Of the permutations.

    Returns
    -------
    DataFrame
        A row is an area: ``tracts_count``; ``found_count``, how many more tracts of the final worst
        fifth ``order`` finds than ``other``; ``missing_points``, how much higher the share missing
        at the end is in its list; ``chance_share``, how often a loss at least as large comes from
        dealing the tracts that the lists do not share at random to the two; 1 without a loss.
    """
    rng = np.random.default_rng(seed)
    rows = {}
    for name, rank in table.groupby(area.to_numpy()):
        if len(rank) < LEAST_TRACTS:
            continue
        final = rank["final_share"].to_numpy(dtype=float)
        figures = [rank[column].to_numpy(dtype=float) for column in (order, other)]
        count = max(round(LIST_SHARE * len(final)), 1)
        own, theirs = (list_lowest(figure, count) for figure in figures)
        found = [round(count * find_worst(figure, final)) for figure in figures]
        rows[str(name)] = {
            "tracts_count": len(final),
            "found_count": found[0] - found[1],
            "missing_points": 100 * float(final[theirs].mean() - final[own].mean()),
            "chance_share": _judge_loss(
                final[np.setdiff1d(own, theirs)], final[np.setdiff1d(theirs, own)], rng
            ),
        }
    return pd.DataFrame(rows).T.rename_axis("area")


def _judge_loss(own: Floats, theirs: Floats, rng: np.random.Generator) -> float:
    """Return how often chance alone gives a loss as large, for tracts on one list only."""
    if not len(own) or not len(theirs):
        return 1.0
    loss = own.mean() - theirs.mean()
    if loss <= 0:
        return 1.0
    pool = np.concatenate([own, theirs])
    dealt = rng.permuted(np.tile(pool, (_SIMULATIONS, 1)), axis=1)
    simulated = dealt[:, : len(own)].mean(axis=1) - dealt[:, len(own) :].mean(axis=1)
    return float((simulated >= loss - 1e-12).mean())
