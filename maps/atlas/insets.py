"""Lay out the nation on one sheet, with distant states moved and scaled.

Projections: EPSG:5070 (contiguous, Albers), EPSG:3338 (Alaska), ESRI:102007 (Hawaii), EPSG:32161
(Puerto Rico), all equal-area, so that a large county looks large. Coordinates on the sheet are
units of 100 km, x to the east, y to the north.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

_MAIN = "EPSG:5070"
_METRES = 1e5


@dataclass(frozen=True, slots=True)
class Inset:
    """A state drawn separately.

    Parameters
    ----------
    name
        For people.
    crs
        Its projection.
    scale
        Its scale compared with the rest.
    origin, anchor
        The point ``origin`` of the projection goes to ``anchor`` on the sheet, both in meters.
    """

    name: str
    crs: str
    scale: float
    origin: tuple[float, float]
    anchor: tuple[float, float]


_INSETS = {
    "02": Inset("Alaska", "EPSG:3338", 0.35, (120_000, 1_350_000), (-1_620_000, 480_000)),
    "15": Inset("Hawaii", "ESRI:102007", 1.0, (180_000, 880_000), (-790_000, 380_000)),
    "72": Inset("Puerto Rico", "EPSG:32161", 1.0, (200_000, 225_000), (1_790_000, 330_000)),
}

#: Hawaii's islands west of this (meters in its projection), 1,000 km of reefs without homes, are
#: left out.
_HAWAII_WEST = -450_000


def lay_sheet(outlines: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, list[Inset]]:
    """Lay the outlines of counties on one sheet.

    Parameters
    ----------
    outlines
        Index a code that starts with the state's two digits, EPSG:4326.

    Returns
    -------
    GeoSeries, list of Inset
        The outlines in the same order, without a coordinate system, and what is drawn separately.
    """
    states = outlines.index.to_series().str[:2].to_numpy()
    sheet = gpd.GeoSeries(outlines.geometry.to_crs(_MAIN).to_numpy(), index=outlines.index)
    alone = len(set(states)) == 1
    apart = []
    for code, inset in _INSETS.items():
        inside = states == code
        if not inside.any():
            continue
        own = outlines.geometry[inside].to_crs(inset.crs).to_numpy()
        if inset.name == "Hawaii":
            own = shapely.clip_by_rect(own, _HAWAII_WEST, -1e7, 1e7, 1e7)
        sheet.iloc[np.flatnonzero(inside)] = _move(own, inset)
        apart.append(inset)
    sheet = gpd.GeoSeries(
        shapely.transform(sheet.to_numpy(), lambda at: at / _METRES), index=outlines.index
    )
    return sheet, [] if alone else apart


def _move(shapes: "pd.api.extensions.ExtensionArray", inset: Inset) -> "np.ndarray":
    """Scale shapes and move them to their place on the sheet."""
    moved: np.ndarray = shapely.transform(
        np.asarray(shapes), lambda at: (at - inset.origin) * inset.scale + inset.anchor
    )
    return moved
