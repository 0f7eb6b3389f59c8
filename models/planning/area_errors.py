"""Measure how far whole areas miss what a plan expects of them, as one event.

The errors of neighboring tracts are alike, so the mean of many tracts errs less than one tract, but
more than it would if each erred for itself. Both are measured on the last census: every compact
part of the plan's ground was expected by models that saw no final rate of it
(:mod:`models.planning.expect_next`); it is divided into compact areas of several sizes, and the
root mean square error of areas of ``n`` tracts is fitted as ``a * n ** -b``. A census to come may
also change the level of the whole ground, as the last one did.
"""

import numpy as np

from outreach.arrays import Flags, Floats, Ints
from outreach.rates import AreaErrors
from outreach.spatial import divide_space

#: Tracts of the areas that are measured besides the parts themselves.
_SIZES = (5, 10, 20, 40, 80)
#: An area counts from this many tracts on, and a size from this many areas on.
_FEWEST_TRACTS, _FEWEST_AREAS = 3, 4
_COVERAGE = 0.8
#: Errors that tracts have for themselves cancel out with this power.
_ALONE = 0.5


def measure_area_errors(
    error: Floats, households: Floats, part: Ints, place: Floats, shift: float
) -> AreaErrors | None:
    """Measure the errors of areas by their size.

    Parameters
    ----------
    error
        Final rate of the last census minus what was expected of it, shares; missing where unknown.
    households
        Weights of the tracts.
    part
        The part of each tract; its model saw no final rate of the part.
    place
        What parts are divided by, shape (tracts, columns).
    shift
        Mean change of the rate between the last two censuses, a share.

    Returns
    -------
    AreaErrors or None
        ``None`` where fewer than two sizes of area can be measured.
    """
    known = ~np.isnan(error) & (households > 0)
    areas = _list_areas(error, households, part, place, known)
    fitted = _fit(areas)
    if fitted is None:
        return None
    held = []
    for number in range(int(part.max()) + 1):
        own, others = areas[areas[:, 2] == number], areas[areas[:, 2] != number]
        alone = _fit(others)
        if alone is not None and len(own):
            held.append(np.abs(own[:, 1]) <= alone[0] * own[:, 0] ** -alone[1])
    scale, power = fitted
    return AreaErrors(
        tract_error_share=scale,
        power=power,
        most_tracts=float(areas[:, 0].max()),
        shift_share=abs(shift),
        covered80_share=float(np.concatenate(held).mean()) if held else float("nan"),
    )


def _list_areas(
    error: Floats, households: Floats, part: Ints, place: Floats, known: Flags
) -> Floats:
    """Return size, error, and part of each compact area; a row is an area, the parts among them."""
    rows = []
    for number in range(int(part.max()) + 1):
        own = np.flatnonzero(known & (part == number))
        counts = {max(round(len(own) / size), 1) for size in _SIZES} | {1}
        for count in sorted(counts):
            place_of = divide_space(place[own], count) if count > 1 else np.zeros(len(own), int)
            for area in range(int(place_of.max(initial=0)) + 1):
                inside = own[place_of == area]
                if len(inside) >= _FEWEST_TRACTS:
                    weight = households[inside]
                    size = weight.sum() ** 2 / (weight**2).sum()
                    miss = float(np.average(error[inside], weights=weight))
                    rows.append((float(size), miss, float(number)))
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _fit(areas: Floats) -> tuple[float, float] | None:
    """Return ``a`` and ``b`` of the 80% bound ``a * n ** -b`` on the error of an area."""
    size, miss = areas[:, 0], areas[:, 1]
    edges = np.log2(np.maximum(size, 1.0)).round()
    levels = [
        (np.log(size[edges == edge]).mean(), np.log((miss[edges == edge] ** 2).mean()) / 2)
        for edge in np.unique(edges)
        if (edges == edge).sum() >= _FEWEST_AREAS and (miss[edges == edge] ** 2).mean() > 0
    ]
    if len(levels) < 2:  # noqa: PLR2004  a line takes two points
        return None
    logs = np.array(levels)
    slope, start = np.polyfit(logs[:, 0], logs[:, 1], 1)
    power = float(np.clip(-slope, 0.0, _ALONE))
    start = float((logs[:, 1] + power * logs[:, 0]).mean()) if power != -slope else float(start)
    typical = np.exp(start) * size**-power
    return float(np.exp(start) * np.quantile(np.abs(miss) / typical, _COVERAGE)), power
