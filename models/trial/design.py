"""Who is shown ads and who is held out: arms drawn at random within matched blocks, and buffers against spill.

Units are what the platform can deliver to (ZIPs, clusters of pins). Blocks are built greedily, as
in blockTools (Moore, 2012, Political Analysis 20:460): the unit that is furthest from the middle
first, with its nearest by Mahalanobis distance. Every re-draw goes the same way as the first draw,
so that randomisation inference (:mod:`models.trial.effect`) is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from outreach.arrays import Floats, Ints
from outreach.errors import ModelError

#: Codes of the arms in a matrix of draws, and their names in tables.
HOLDOUT, TREAT, BUFFER = 0, 1, 2
ARMS = ("holdout", "treat", "buffer")

#: The finest holdout share is one in twenty.
_LARGEST_BLOCK = 20

Draws = NDArray[np.int8]


@dataclass(frozen=True)
class Design:
    """How arms are drawn: all that a re-draw needs.

    Parameters
    ----------
    unit_ids
        The units, in order.
    cluster
        Number of the cluster that each unit is drawn with; without clusters each unit is its own.
    block
        Number of the block of each cluster.
    held
        Clusters that are held out, by block.
    neighbors
        Symmetric matrix of units that targeting one spills over to the other; no entries without
        buffers.
    buffer_side
        Which side of a border between arms becomes the buffer: ``treat`` (that unit is not
        advertised in, so that the holdout stays clean) or ``holdout`` (it is not measured, and the
        campaign loses nothing).
    """

    unit_ids: tuple[str, ...]
    cluster: Ints
    block: Ints
    held: Ints
    neighbors: sparse.csr_array
    buffer_side: Literal["treat", "holdout"] = "treat"

    @property
    def buffered(self) -> bool:
        """Whether borders between arms become buffers."""
        return bool(self.neighbors.nnz > 0)

    @property
    def unit_block(self) -> Ints:
        """Number of the block of each unit."""
        return self.block[self.cluster]

    def randomize(self, count: int, seed: int) -> Draws:
        """Return ``count`` assignments, one a row, coded :data:`HOLDOUT`, :data:`TREAT`, :data:`BUFFER`."""
        chance = np.random.default_rng(seed)
        order = np.argsort(chance.random((count, len(self.block))) + self.block, axis=1)
        in_order = np.sort(self.block)
        position = np.arange(len(in_order)) - np.searchsorted(in_order, in_order)
        treated = (position >= self.held[in_order]).astype(np.int8)
        by_cluster = np.empty((count, len(self.block)), dtype=np.int8)
        np.put_along_axis(by_cluster, order, np.broadcast_to(treated, order.shape), axis=1)
        arms = by_cluster[:, self.cluster]
        if self.buffered:
            side, other = (TREAT, HOLDOUT) if self.buffer_side == "treat" else (HOLDOUT, TREAT)
            touches = (self.neighbors @ (arms == other).T.astype(np.int32)).T > 0
            arms = np.where((arms == side) & touches, np.int8(BUFFER), arms)
        return arms

    def assign(self, seed: int) -> pd.DataFrame:
        """Draw the arms once.

        Returns
        -------
        pandas.DataFrame
            Index the units; ``arm`` (``treat``, ``holdout`` or ``buffer``), ``block`` and
            ``cluster`` (numbers), ``holdout_probability`` (0-1, before buffers).

        Raises
        ------
        ModelError
            The buffers leave an arm without units.
        """
        arms = self.randomize(1, seed)[0]
        for code in (HOLDOUT, TREAT):
            if not (arms == code).any():
                raise ModelError(
                    f"The buffers leave no unit in the arm '{ARMS[code]}'.",
                    "Hold out another share, change the side of the buffers, or do without them ([holdout] buffer).",
                )
        share = self.held / np.bincount(self.block)
        return pd.DataFrame(
            {
                "arm": np.array(ARMS, dtype=object)[arms],
                "block": self.unit_block,
                "cluster": self.cluster,
                "holdout_probability": share[self.unit_block],
            },
            index=pd.Index(self.unit_ids, name="unit_id"),
        )


def design_arms(
    units: pd.DataFrame,
    holdout_share: float,
    match_on: Sequence[str],
    *,
    stratum: str | None = None,
    cluster: str | None = None,
    neighbors: Iterable[tuple[str, str]] = (),
    buffer_side: Literal["treat", "holdout"] = "treat",
) -> Design:
    """Build matched blocks of units, of which a fixed number is to be held out.

    Parameters
    ----------
    units
        A row a unit: ``households_count``, the columns of ``match_on``, and those named below.
    holdout_share
        Share of clusters to hold out, 0-1; taken as the nearest fraction ``h/b`` with ``b`` at most
        20, so that blocks have ``b`` clusters. What is left over joins the last block.
    match_on
        Columns to match on, such as the forecast and the past pace.
    stratum
        A column within whose values blocks are built; values with too few clusters for a block are
        pooled.
    cluster
        A column of clusters that are drawn as one; a cluster belongs to the stratum of its first
        unit.
    neighbors
        Pairs of units where targeting one reaches the other.
    buffer_side
        See :class:`Design`.

    Raises
    ------
    ModelError
        There are too few units, a column is missing or a figure is, or the share cannot be drawn.
    """
    needed = ["households_count", *match_on, *filter(None, (stratum, cluster))]
    absent = [name for name in needed if name not in units]
    if absent:
        raise ModelError(
            f"The units lack the column '{absent[0]}'.", f"Needed: {', '.join(needed)}."
        )
    gaps = units[needed].isna().any(axis=1)
    if gaps.any() or not units.index.is_unique:
        bad = units.index[gaps | units.index.duplicated()][0]
        raise ModelError(
            f"The unit {bad} stands twice or lacks a figure.", "Mend it or leave the unit out."
        )
    fraction = Fraction(holdout_share).limit_denominator(_LARGEST_BLOCK)
    if not match_on:
        raise ModelError(
            "There is nothing to match on.", "Name a column, such as the forecast or the past pace."
        )
    if not 0 < fraction < 1:
        raise ModelError(
            f"A holdout share of {holdout_share} cannot be drawn.", "Choose from 0.05 to 0.95."
        )
    number, names = pd.factorize(units[cluster] if cluster else units.index)
    if len(names) < fraction.denominator:
        raise ModelError(
            f"{len(names)} clusters are too few to hold out {fraction}.",
            "Use smaller units or another share.",
        )
    weight = units["households_count"].clip(lower=1e-9).to_numpy(float)
    total = np.bincount(number, weight)
    traits = np.column_stack(
        [np.bincount(number, units[name].to_numpy(float) * weight) / total for name in match_on]
    )
    first = np.unique(number, return_index=True)[1]
    strata = units[stratum].to_numpy()[first] if stratum else np.zeros(len(names))
    block, held = _build_blocks(
        _whiten(traits), _pool_strata(strata, fraction.denominator), fraction
    )
    pairs = pair_units(units.index, neighbors)
    return Design(tuple(map(str, units.index)), number, block, held, pairs, buffer_side)


@dataclass(frozen=True)
class Ties:
    """What ties units together.

    Parameters
    ----------
    cluster
        By unit, the number of the cluster that it is drawn with; ``None`` draws each alone.
    touching
        Pairs of units where targeting one reaches the other.
    buffer_side
        See :class:`Design`.
    """

    cluster: "pd.Series[int] | None" = None
    touching: tuple[tuple[str, str], ...] = ()
    buffer_side: Literal["treat", "holdout"] = "treat"


#: Each unit is drawn alone, and no two touch.
UNTIED = Ties()


def design_tied_arms(
    units: pd.DataFrame, holdout_share: float, match_on: Sequence[str], ties: Ties
) -> Design:
    """Build the design of :func:`design_arms` for units that are tied; units that are not in the cluster's index may not be there."""
    tied = (
        units if ties.cluster is None else units.assign(cluster=ties.cluster.reindex(units.index))
    )
    return design_arms(
        tied,
        holdout_share,
        match_on,
        cluster=None if ties.cluster is None else "cluster",
        neighbors=ties.touching,
        buffer_side=ties.buffer_side,
    )


def _whiten(traits: Floats) -> Floats:
    """Turn traits so that Euclidean distance is Mahalanobis distance; constant ones fall out."""
    centred = traits - traits.mean(axis=0)
    left, values, _ = np.linalg.svd(
        centred / np.maximum(centred.std(axis=0), 1e-300), full_matrices=False
    )
    return np.asarray(left[:, values > 1e-9 * values.max(initial=0.0)] * np.sqrt(len(traits)))


def _pool_strata(strata: NDArray[np.generic], size: int) -> Ints:
    """Give strata numbers; those with fewer than ``size`` clusters become one, and join the largest if they are still too few."""
    number = pd.factorize(strata)[0]
    counts = np.bincount(number)
    small = counts[number] < size
    if small.any():
        number = np.where(
            small,
            counts.argmax() if small.sum() < size and not small.all() else len(counts),
            number,
        )
    return np.asarray(pd.factorize(number)[0])


def _build_blocks(traits: Floats, strata: Ints, fraction: Fraction) -> tuple[Ints, Ints]:
    """Return the block of each cluster and how many of each block are held out."""
    block, held = np.full(len(traits), -1), list[int]()
    size = fraction.denominator
    for stratum in range(int(strata.max()) + 1):
        left = np.flatnonzero(strata == stratum)
        while len(left):
            from_middle = ((traits[left] - traits[left].mean(axis=0)) ** 2).sum(axis=1)
            from_first = ((traits[left] - traits[left[from_middle.argmax()]]) ** 2).sum(axis=1)
            take = size if len(left) >= 2 * size else len(left)
            nearest = np.argsort(from_first, kind="stable")[:take]
            block[left[nearest]] = len(held)
            held.append(min(max(round(take * fraction), 1), take - 1))
            left = np.delete(left, nearest)
    return block, np.array(held)


def pair_units(index: pd.Index, pairs: Iterable[tuple[str, str]]) -> sparse.csr_array:
    """Return the pairs as a symmetric matrix; a unit that is not in ``index`` is outside the experiment and does not count."""
    ends = pd.DataFrame(list(pairs), columns=["one", "other"])
    one, other = (
        index.get_indexer(pd.Index(ends["one"])),
        index.get_indexer(pd.Index(ends["other"])),
    )
    known = (one >= 0) & (other >= 0) & (one != other)
    rows, columns = np.r_[one[known], other[known]], np.r_[other[known], one[known]]
    shape = (len(index), len(index))
    return sparse.csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)
