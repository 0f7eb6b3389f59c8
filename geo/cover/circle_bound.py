"""Prove a lower bound on the cost of any choice of circles.

The bound comes from a linear program over parts of tracts, solved by HiGHS. The points of a tract
are grouped into quarters by position. ``Y_q`` is the share of a
quarter's households that is held and ``f_qj`` the share that circle j holds. For any choice of
circles ``x_j`` (0 or 1),

    (a)  Y_q <= sum_j f_qj x_j                   only circles reach anyone
    (b)  Y_q >= f_qj x_j                         a circle pays for all that it holds
    (c)  Y_q >= Y_p - sum_j f_pj (1 - f_qj) x_j  a circle that reaches p holds q too, or it does not
    (d)  sum_q h_q Y_q >= x_j sum_q h_q f_qj     (b) summed over all quarters that circle j touches

(c) holds for every pair of a point of p and a point of q, and so for the mean over all pairs. It
keeps fractions of overlapping circles from adding up at target households and not next to them:
with it the proven gap in Cook County falls from 20% to 5%. Fractional circles and quarters only
lower the least cost, and so does leaving rows out. (a) is used for target quarters, (c) for
quarters that hold others and the nearest target quarters, (b) where the solution without it
violates it most.
"""

import highspy
import numpy as np
from scipy.sparse import block_array, csc_array, csr_array, diags_array, vstack
from scipy.spatial import cKDTree

from outreach.arrays import Floats, Ints

#: Each tract is cut into this many parts by latitude, and each of these by longitude.
_CUTS = 2
_NEIGHBOURS = 4
#: How often rows (b) are added, how many at a time, and how many nonzeros all problems may have
#: together. A county of Cook's size takes seconds.
_ROUNDS = 3
_MOST_ROWS = 12_000
_MOST_FIGURES = 1_300_000
_OPTIONS: dict[str, str | int | float | bool] = {
    "output_flag": False,
    "threads": 1,
    "solver": "pdlp",
    "pdlp_optimality_tolerance": 1e-3,
    "pdlp_iteration_limit": 20_000,
}
#: A row violated by less than this share holds.
_KEPT = 1e-3
_TINY = 1e-12


def prove_least(
    inside: csr_array,
    places: Floats,
    both: Floats,
    needed: float,
    tract: Ints,
    worth: float,
) -> float:
    """Return a lower bound on the cost (paid-for households + worth x circles) of any choice.

    Parameters
    ----------
    inside
        Which points (rows) lie in which circles (columns): 0 or 1.
    places
        The points on the unit sphere, shape (points, 3).
    both
        Target and all households of each point, shape (points, 2).
    needed
        Target households to reach.
    tract
        The tract of each point. All points of a tract have the same share of target households.
    worth
        Households that one circle counts for.
    """
    # Group the points into parts of tracts.
    part = _cut_tracts(places, tract)
    target, size = (np.bincount(part, both[:, column]).astype(float) for column in range(2))
    weight = np.divide(both[:, 1], size[part], out=np.zeros(len(part)), where=size[part] > 0)
    gather = csr_array((weight, (part, np.arange(len(part)))), shape=(len(size), len(part)))
    shares = csr_array(gather @ inside)
    middles = gather @ places

    # Set up the rows that are always there.
    targets, other = np.flatnonzero(target > 0), np.flatnonzero(target < size * (1 - _TINY))
    rows = [
        _build_reach(shares, targets),
        _build_links(shares, middles, targets, other),
        _build_sums(shares, size, other),
    ]
    needs = _join_columns(csr_array((1, shares.shape[1])), csr_array(-target[None, :]))
    cost = np.concatenate([np.full(shares.shape[1], worth), size])

    # Solve, add the rows (b) that the solution violates most, and solve again.
    pays, part = _build_payment(shares, other)
    counted = np.minimum(1.0, size[part] / size.mean())
    bound, figures = 0.0, 0
    left = np.ones(len(part), dtype=bool)
    for _ in range(1 + _ROUNDS):
        matrix = vstack([needs, *rows], format="csc")
        figures += matrix.nnz
        if bound and figures > _MOST_FIGURES:
            break
        limits = np.zeros(matrix.shape[0])
        limits[0] = -needed
        least, answer = _solve(cost, matrix, limits)
        bound = max(bound, least)
        broken = np.where(left, (pays @ answer) * counted, 0.0)
        worst = np.argsort(-broken, kind="stable")[:_MOST_ROWS]
        worst = worst[broken[worst] > _KEPT]
        if not len(worst):
            break
        left[worst] = False
        rows.append(pays[worst])
    return bound


def _solve(cost: Floats, matrix: csc_array, limits: Floats) -> tuple[float, Floats]:
    """Bound ``cost @ x`` from below for ``matrix @ x <= limits`` and x in 0-1; return an x too.

    The first-order method of HiGHS stops close to the best. Its final row prices, none below 0,
    prove the bound by duality. The bound is computed from them here, not taken from the solver.
    """
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no types
    for name, value in _OPTIONS.items():
        solver.setOptionValue(name, value)
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_, program.row_upper_ = cost, limits
    program.col_lower_, program.col_upper_ = np.zeros_like(cost), np.ones_like(cost)
    program.row_lower_ = np.full_like(limits, -highspy.kHighsInf)
    inner = program.a_matrix_
    inner.format_ = highspy.MatrixFormat.kColwise
    inner.start_, inner.index_, inner.value_ = matrix.indptr, matrix.indices, matrix.data
    solver.passModel(program)
    solver.run()

    solution = solver.getSolution()
    prices, answer = (
        np.asarray(solution.row_dual, dtype=float),
        np.asarray(solution.col_value, dtype=float),
    )
    if len(prices) != len(limits) or len(answer) != len(cost):
        return 0.0, np.zeros_like(cost)
    prices = np.minimum(np.nan_to_num(prices), 0.0)
    return float(prices @ limits + np.minimum(cost - matrix.T @ prices, 0.0).sum()), answer


def _cut_tracts(places: Floats, tract: Ints) -> Ints:
    """Return the part of its tract that each point is in.

    On the sphere north is the third coordinate, and east is at a right angle to it and the middle.
    """
    part, middle = tract, places.mean(axis=0)
    for along in (places[:, 2], places @ np.array([-middle[1], middle[0], 0.0])):
        order = np.lexsort((along, part))
        _, first, count = np.unique(part[order], return_index=True, return_counts=True)
        rank = np.empty(len(part), dtype=np.intp)
        rank[order] = ((np.arange(len(part)) - np.repeat(first, count)) * _CUTS) // np.repeat(
            count, count
        )
        part = part * _CUTS + rank
    return np.unique(part, return_inverse=True)[1].astype(np.intp)


def _join_columns(circles: csr_array, parts: csr_array) -> csr_array:
    """Join the coefficients of circles and parts."""
    return csr_array(block_array([[circles, parts]], format="csr"))


def _build_unit_rows(parts: Ints, count: int, figure: float) -> csr_array:
    """Return rows with one figure each, in the column of a part."""
    at = np.arange(len(parts))
    return csr_array((np.full(len(parts), figure), (at, parts)), shape=(len(parts), count))


def _build_reach(shares: csr_array, targets: Ints) -> csr_array:
    """Return the rows (a)."""
    return _join_columns(
        csr_array(-shares[targets]), _build_unit_rows(targets, shares.shape[0], 1.0)
    )


def _build_payment(shares: csr_array, other: Ints) -> tuple[csr_array, Ints]:
    """Return all rows (b), and the part of each."""
    pairs = shares[other].tocoo()
    part, at = other[pairs.coords[0]], np.arange(pairs.nnz)
    circles = csr_array((pairs.data, (at, pairs.coords[1])), shape=(pairs.nnz, shares.shape[1]))
    return _join_columns(circles, _build_unit_rows(part, shares.shape[0], -1.0)), part


def _build_links(shares: csr_array, middles: Floats, targets: Ints, other: Ints) -> csr_array:
    """Return the rows (c), for each part and the nearest target parts."""
    count = min(_NEIGHBOURS, len(targets))
    near = cKDTree(middles[targets]).query(middles[other], k=range(1, count + 1))[1]
    parts, reached = np.repeat(other, count), targets[near.ravel()]
    alone = csr_array(shares[reached] - shares[reached] * shares[parts])
    alone.data[np.abs(alone.data) < _TINY] = 0.0
    alone.eliminate_zeros()
    useful = np.asarray((shares[reached] * shares[parts]).sum(axis=1)) > 0
    links = _build_unit_rows(reached, shares.shape[0], 1.0) - _build_unit_rows(
        parts, shares.shape[0], 1.0
    )
    return csr_array(_join_columns(csr_array(-alone), csr_array(links))[useful])


def _build_sums(shares: csr_array, size: Floats, other: Ints) -> csr_array:
    """Return the rows (d), in households of the average part."""
    held = csr_array(shares[other])
    scaled = size[other] / size.mean()
    touched = (
        csr_array((held.T > 0).astype(float))
        @ diags_array(scaled)
        @ _build_unit_rows(other, shares.shape[0], 1.0)
    )
    return _join_columns(csr_array(diags_array(held.T @ scaled)), csr_array(-touched))
