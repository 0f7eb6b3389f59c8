"""Group clusters into matched blocks of equal size.

Blocks are built greedily, as in blockTools (Moore, 2012, Political Analysis 20:460): the cluster
that is furthest from the middle comes first, together with its nearest by Mahalanobis distance.
"""

from fractions import Fraction

import numpy as np

from outreach.arrays import Floats, Ints


def build_blocks(traits: Floats, fraction: Fraction) -> tuple[Ints, Ints]:
    """Build blocks of clusters that are alike.

    Parameters
    ----------
    traits
        Shape (clusters, traits).
    fraction
        Share of each block to hold out, ``h/b``: blocks have ``b`` clusters. What is left over
        joins the last block.

    Returns
    -------
    block, held : array
        Number of the block of each cluster, and how many clusters each block holds out.
    """
    scaled = _whiten_traits(traits)
    block, held = np.full(len(scaled), -1), list[int]()
    size = fraction.denominator
    left = np.arange(len(scaled))
    while len(left):
        # Start from the cluster that is furthest from the middle.
        from_middle = ((scaled[left] - scaled[left].mean(axis=0)) ** 2).sum(axis=1)
        from_first = ((scaled[left] - scaled[left[from_middle.argmax()]]) ** 2).sum(axis=1)

        count = size if len(left) >= 2 * size else len(left)
        nearest = np.argsort(from_first, kind="stable")[:count]
        block[left[nearest]] = len(held)
        held.append(min(max(round(count * fraction), 1), count - 1))
        left = np.delete(left, nearest)
    return block, np.array(held)


def _whiten_traits(traits: Floats) -> Floats:
    """Turn traits so that Euclidean distance is Mahalanobis distance; constant ones drop out."""
    centered = traits - traits.mean(axis=0)
    left, values, _ = np.linalg.svd(
        centered / np.maximum(centered.std(axis=0), 1e-300), full_matrices=False
    )
    return np.asarray(left[:, values > 1e-9 * values.max(initial=0.0)] * np.sqrt(len(traits)))
