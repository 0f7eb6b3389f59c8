"""Assign units to arms at random within matched blocks, with buffers against spillover.

Units are what a platform can deliver to (tracts, ZIPs, pins). Every re-randomization follows the
same steps as the first one, so randomization inference is exact
(:mod:`models.trial.effect`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from models.trial.matching import build_blocks
from outreach.arrays import Flags, Floats, Ints
from outreach.errors import ModelError
from outreach.units import Arm

#: Codes of the arms in a matrix of assignments, and their names in tables.
HOLDOUT, TREAT, BUFFER = 0, 1, 2
ARMS = (Arm.HOLDOUT, Arm.TREAT, Arm.BUFFER)

#: The finest holdout share is one in twenty.
_LARGEST_BLOCK = 20
#: Least areas of a two-stage design.
_LEAST_AREAS = 4

#: Arm codes of units, one assignment per row.
Assignments = NDArray[np.int8]


@dataclass(frozen=True)
class Levels:
    """Areas whose saturation is drawn before their units (two stages).

    Parameters
    ----------
    pair
        Number of the pair of each area (of each block of the design); one area of each pair is
        drawn high.
    low_held
        Number of units held out where an area is drawn low, by area; :attr:`Design.held` counts
        those of an area that is drawn high.
    """

    pair: Ints
    low_held: Ints

    def draw_high(self, count: int, rng: np.random.Generator) -> Flags:
        """Draw which areas are high, shape (count, areas): half of each pair, rounded up."""
        order = np.argsort(rng.random((count, len(self.pair))) + self.pair, axis=1)
        in_order = np.sort(self.pair)
        position = np.arange(len(in_order)) - np.searchsorted(in_order, in_order)
        most = (np.bincount(self.pair)[in_order] + 1) // 2
        high = np.empty((count, len(self.pair)), dtype=bool)
        np.put_along_axis(high, order, np.broadcast_to(position < most, order.shape), axis=1)
        return high


@dataclass(frozen=True)
class Design:
    """Everything that a randomization of the arms needs.

    Parameters
    ----------
    unit_ids
        The units, in order.
    cluster
        Number of the cluster that each unit is assigned with; without clusters each unit has its
        own.
    block
        Number of the block of each cluster.
    held
        Number of clusters held out, by block.
    neighbors
        Symmetric matrix of units where ads in one spill over to the other; without entries there
        are no buffers.
    buffer_side
        Which side of a border between arms becomes the buffer: ``treat`` (that unit gets no ads,
        so that the holdout stays clean) or ``holdout`` (that unit is not measured, and the
        campaign loses nothing).
    levels
        Of a two-stage design, whose blocks are areas; ``None`` in all others.
    """

    unit_ids: tuple[str, ...]
    cluster: Ints
    block: Ints
    held: Ints
    neighbors: sparse.csr_array
    buffer_side: Arm = Arm.TREAT
    levels: Levels | None = None

    @property
    def buffered(self) -> bool:
        """Whether borders between arms become buffers."""
        return bool(self.neighbors.nnz > 0)

    @property
    def unit_block(self) -> Ints:
        """Number of the block of each unit."""
        return self.block[self.cluster]

    def randomize(self, count: int, seed: int) -> Assignments:
        """Assign the arms ``count`` times.

        Returns
        -------
        array
            Shape (count, units), coded :data:`HOLDOUT`, :data:`TREAT`, :data:`BUFFER`.
        """
        # Shuffle the clusters within each block; the first ones are held out, more of them where
        # an area is drawn low.
        rng = np.random.default_rng(seed)
        order = np.argsort(rng.random((count, len(self.block))) + self.block, axis=1)
        in_order = np.sort(self.block)
        position = np.arange(len(in_order)) - np.searchsorted(in_order, in_order)
        held = self.held[None]
        if self.levels is not None:
            held = np.where(self.levels.draw_high(count, rng), held, self.levels.low_held)
        treated = (position >= held[:, in_order]).astype(np.int8)
        by_cluster = np.empty((count, len(self.block)), dtype=np.int8)
        np.put_along_axis(by_cluster, order, np.broadcast_to(treated, order.shape), axis=1)
        arms = by_cluster[:, self.cluster]

        # Units of one side that touch the other become buffers.
        if self.buffered:
            side, other = (TREAT, HOLDOUT) if self.buffer_side == Arm.TREAT else (HOLDOUT, TREAT)
            touches = (self.neighbors @ (arms == other).T.astype(np.int32)).T > 0
            arms = np.where((arms == side) & touches, np.int8(BUFFER), arms)
        return arms

    def assign(self, seed: int) -> pd.DataFrame:
        """Assign the arms once.

        Returns
        -------
        DataFrame
            Index ``unit_id``; ``arm`` (``treat``, ``holdout`` or ``buffer``), ``block`` and
            ``cluster`` (numbers).

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
                    "Hold out another share, change the side of the buffers, or turn them off"
                    " ([holdout] buffer).",
                )
        return pd.DataFrame(
            {
                "arm": np.array(ARMS, dtype=object)[arms],
                "block": self.unit_block,
                "cluster": self.cluster,
            },
            index=pd.Index(self.unit_ids, name="unit_id"),
        )


@dataclass(frozen=True)
class Ties:
    """What ties units together.

    Parameters
    ----------
    cluster
        By unit, the number of the cluster that it is assigned with; ``None`` assigns each alone.
    touching
        Pairs of units where ads in one reach the other.
    buffer_side
        See :class:`Design`.
    area
        By unit, the number of the area whose saturation is drawn; ``None`` draws none. Units of a
        two-stage design are assigned alone, without buffers.
    """

    cluster: "pd.Series[int] | None" = None
    touching: tuple[tuple[str, str], ...] = ()
    buffer_side: Arm = Arm.TREAT
    area: "pd.Series[int] | None" = None


#: Each unit is assigned alone, and no two touch.
UNTIED = Ties()


def design_arms(
    units: pd.DataFrame, holdout_share: float, match_on: Sequence[str], ties: Ties = UNTIED
) -> Design:
    """Build matched blocks of units, of which a fixed number will be held out.

    Parameters
    ----------
    units
        A row per unit: ``households_count`` and the columns of ``match_on``.
    holdout_share
        Share of clusters to hold out, 0-1, taken as the nearest fraction ``h/b`` with ``b`` at
        most 20, so that blocks have ``b`` clusters. What is left over joins the last block.
    match_on
        Columns to match on, such as the forecast and the past pace.
    ties
        Which units are assigned together, and which touch. Units outside the index of its cluster
        are not allowed.

    Raises
    ------
    ModelError
        There are too few units, a column or figure is missing, or the share is impossible.
    """
    clusters = units.index if ties.cluster is None else ties.cluster.reindex(units.index)
    _check_units(units.assign(cluster=clusters), ["households_count", *match_on, "cluster"])
    if not match_on:
        raise ModelError(
            "There is nothing to match on.", "Name a column, such as the forecast or the past pace."
        )
    fraction = round_share(holdout_share)
    if not 0 < fraction < 1:
        raise ModelError(
            f"A holdout share of {holdout_share} is not possible.", "Choose from 0.05 to 0.95."
        )

    if ties.area is not None:
        return _design_levels(units, float(fraction), match_on, ties.area)

    # Units of a cluster are assigned as one.
    cluster, names = pd.factorize(pd.Index(clusters))
    if len(names) < fraction.denominator:
        raise ModelError(
            f"{len(names)} clusters are too few to hold out {fraction}.",
            "Use smaller units or another share.",
        )

    block, held = build_blocks(_average_traits(units, cluster, match_on), fraction)
    pairs = pair_units(units.index, ties.touching)
    return Design(tuple(map(str, units.index)), cluster, block, held, pairs, ties.buffer_side)


def _design_levels(
    units: pd.DataFrame, share: float, match_on: Sequence[str], area: "pd.Series[int]"
) -> Design:
    """Pair areas that are alike; the high one of a pair holds out a share, the low one the rest."""
    block, names = pd.factorize(area.reindex(units.index))
    if len(names) < _LEAST_AREAS:
        raise ModelError(
            f"{len(names)} areas are too few to draw some high and some low.",
            'Use more and smaller units, or set [holdout] design = "blocks".',
        )
    sizes = np.bincount(block)
    held = np.clip(np.rint(share * sizes).astype(np.intp), np.minimum(1, sizes - 1), sizes - 1)
    pair, _ = build_blocks(_average_traits(units, block, match_on), Fraction(1, 2))
    return Design(
        unit_ids=tuple(map(str, units.index)),
        cluster=np.arange(len(units)),
        block=block,
        held=held,
        neighbors=pair_units(units.index, ()),
        levels=Levels(pair, sizes - held),
    )


def round_share(holdout_share: float) -> Fraction:
    """Return the fraction of each block that a holdout share (0-1) stands for."""
    return Fraction(holdout_share).limit_denominator(_LARGEST_BLOCK)


def pair_units(index: pd.Index, pairs: Iterable[tuple[str, str]]) -> sparse.csr_array:
    """Return pairs of units as a symmetric matrix; units outside ``index`` are ignored."""
    ends = pd.DataFrame(list(pairs), columns=["one", "other"])
    one = index.get_indexer(pd.Index(ends["one"]))
    other = index.get_indexer(pd.Index(ends["other"]))
    inside = (one >= 0) & (other >= 0) & (one != other)
    rows, columns = np.r_[one[inside], other[inside]], np.r_[other[inside], one[inside]]
    shape = (len(index), len(index))
    return sparse.csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)


def _check_units(units: pd.DataFrame, needed: Sequence[str]) -> None:
    """Raise for a missing column or figure, and for a unit that appears twice."""
    absent = [name for name in needed if name not in units]
    if absent:
        raise ModelError(
            f"The units lack the column '{absent[0]}'.", f"Needed: {', '.join(needed)}."
        )
    gaps = units[list(needed)].isna().any(axis=1)
    if gaps.any() or not units.index.is_unique:
        bad = units.index[gaps | units.index.duplicated()][0]
        raise ModelError(
            f"The unit {bad} appears twice or lacks a figure.", "Fix it or leave the unit out."
        )


def _average_traits(units: pd.DataFrame, cluster: Ints, match_on: Sequence[str]) -> Floats:
    """Return the household-weighted mean of each trait by cluster, shape (clusters, traits)."""
    weight = units["households_count"].clip(lower=1e-9).to_numpy(float)
    total = np.bincount(cluster, weight)
    return np.column_stack(
        [np.bincount(cluster, units[name].to_numpy(float) * weight) / total for name in match_on]
    )
