"""Number the tracts of the invented county in 2010 and 2020."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.arrays import Floats, Ints

STATE = "99"
WATER_CODES = ("990000", "990100", "990200")
#: Park, airport, forest preserve, prison, and harbor yards: tracts of their own without a rate.
SPECIAL_CODES = ("980000", "980100", "980200", "980300", "980400")

#: First two digits, and number of groups, of the codes inside and outside the city.
_CITY_GROUPS, _OUTER_GROUPS = (1, 48), (80, 16)
_FIRST_SPECIAL = "98"
#: What changed since 2010: tracts joined from two, tracts divided in two, blocks that moved.
_CHANGED, _JOINED, _DIVIDED, _MOVED, _EMPTY = 40, 4, 8, 2, 4


@dataclass(frozen=True)
class TractCodes:
    """Six-digit tract codes.

    Parameters
    ----------
    current
        The 2020 code by tract.
    former
        The 2010 code of each block, in the order of the blocks.
    rateless
        The 2020 codes of land without a rate.
    """

    current: dict[int, str]
    former: list[str]
    rateless: list[str]


def code_tracts(blocks: pd.DataFrame, rng: np.random.Generator) -> TractCodes:
    """Return the codes of all tracts.

    Since 2010 eight tracts were divided in two, eight were joined into four, and two blocks moved
    to another tract: about 3% of tracts differ.

    Parameters
    ----------
    blocks
        With ``tract`` (a number), ``kind``, ``place``, ``housing``, ``x``, and ``y``.
    """
    tracts = blocks.groupby("tract").agg(
        x=("x", "mean"),
        y=("y", "mean"),
        housing=("housing", "sum"),
        kind=("kind", "first"),
        city=("place", "first"),
    )
    codes = _code_current(tracts)
    ordinary = [tract for tract in codes if codes[tract] < _FIRST_SPECIAL]
    changed = rng.choice(np.array(ordinary), _CHANGED, replace=False)

    former = pd.Series([codes[tract] for tract in blocks["tract"]], index=blocks.index)
    candidates = iter(changed)
    for _ in range(_JOINED):
        _mark_joined(next(candidates), blocks, tracts, codes, former)
    used = _change_pairs(candidates, set(changed[:_JOINED]), blocks, tracts, codes, former)

    rest = np.array([tract for tract in ordinary if tract not in used])
    empty = rng.choice(rest, _EMPTY, replace=False)
    rateless = sorted([*SPECIAL_CODES, *(codes[tract] for tract in empty)])
    return TractCodes(codes, list(former), rateless)


def partition(x: Floats, y: Floats, weight: Floats, parts: int, turn: float = 0.35) -> Ints:
    """Divide points into districts of similar weight.

    Each group is halved again and again by weight, across its longer side.

    Parameters
    ----------
    x, y
        Meters.
    weight
        Of each point.
    parts
        Number of districts.
    turn
        Angle of the cuts, in radians.
    """
    label = np.zeros(len(x), dtype=np.int64)
    groups = [(np.arange(len(x)), parts, 0)]
    while groups:
        rows, count, first = groups.pop()
        if count == 1:
            label[rows] = first
            continue
        angle = turn * (1 if count % 3 else -1)
        u = x[rows] * np.cos(angle) + y[rows] * np.sin(angle)
        v = y[rows] * np.cos(angle) - x[rows] * np.sin(angle)
        key = -v if np.ptp(v) > np.ptp(u) else u
        order = np.argsort(key, kind="stable")
        filled = np.cumsum(weight[rows][order]) / weight[rows].sum()
        split = int(np.searchsorted(filled, (count // 2) / count))
        groups.append((rows[order[:split]], count // 2, first))
        groups.append((rows[order[split:]], count - count // 2, first + count // 2))
    return label


def _code_current(tracts: pd.DataFrame) -> dict[int, str]:
    """Return the codes before the changes: by group of neighbors, from north to south."""
    codes: dict[int, str] = {}
    for in_city, (first, parts) in ((True, _CITY_GROUPS), (False, _OUTER_GROUPS)):
        rows = tracts[(tracts["kind"] == "homes") & ((tracts["city"] != "") == in_city)]
        group = partition(rows["x"].to_numpy(), rows["y"].to_numpy(), np.ones(len(rows)), parts)
        for number in range(parts):
            members = rows[group == number].sort_values(["y", "x"], ascending=[False, True]).index
            codes |= {
                tract: f"{first + number:02d}{position:02d}00"
                for position, tract in enumerate(members, 1)
            }
    for kind, names in (("special", SPECIAL_CODES), ("water", WATER_CODES)):
        members = tracts[tracts["kind"] == kind].sort_values(["y", "x"]).index
        codes |= dict(zip(members, names, strict=True))
    return codes


def _mark_joined(
    tract: int,
    blocks: pd.DataFrame,
    tracts: pd.DataFrame,
    codes: dict[int, str],
    former: "pd.Series[str]",
) -> None:
    """Give the north and the south of a tract two codes in 2010."""
    inside = blocks["tract"] == tract
    south = inside & (blocks["y"] < tracts.loc[tract, "y"])
    former[south] = codes[tract][:4] + "02"
    former[inside & ~south] = codes[tract][:4] + "01"


def _change_pairs(
    candidates: Iterator[int],
    used: set[int],
    blocks: pd.DataFrame,
    tracts: pd.DataFrame,
    codes: dict[int, str],
    former: "pd.Series[str]",
) -> set[int]:
    """Pair tracts with neighbors: eight pairs were one tract in 2010, two exchanged a block.

    Returns
    -------
    set of int
        All tracts that changed.
    """
    ordinary = [tract for tract in codes if codes[tract] < _FIRST_SPECIAL]
    pairs = 0
    for tract in candidates:
        free = [other for other in ordinary if other not in used and other != tract]
        neighbor = _find_nearest(tracts, tract, free)
        if tract in used or codes[tract][:2] != codes[neighbor][:2]:
            continue
        used |= {tract, neighbor}
        if pairs < _DIVIDED:
            base = codes[tract][:4]
            former[blocks["tract"].isin([tract, neighbor])] = base + "00"
            codes[tract], codes[neighbor] = base + "01", base + "02"
        else:
            own = blocks[blocks["tract"] == tract]
            x, y = own["x"] - tracts["x"][neighbor], own["y"] - tracts["y"][neighbor]
            former[np.hypot(x, y).idxmin()] = codes[neighbor]
        pairs += 1
        if pairs == _DIVIDED + _MOVED:
            break
    return used


def _find_nearest(tracts: pd.DataFrame, tract: int, others: list[int]) -> int:
    """Return the tract among ``others`` whose middle is nearest."""
    x, y = tracts["x"][others] - tracts["x"][tract], tracts["y"][others] - tracts["y"][tract]
    return int(np.hypot(x, y).idxmin())
