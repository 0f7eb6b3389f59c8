"""Read a user's addresses as points: a table with coordinates, or a map of points or parcels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.user_files.cells import read_numbers
from outreach.user_files.coordinates import CoordinateColumns, read_coordinates, refuse_blanks


@dataclass(frozen=True)
class HomePoints:
    """Places of homes, without anything that names them.

    Attributes
    ----------
    longitude, latitude
        Degrees, WGS 84; shape (places,).
    homes
        Homes at each place, shape (places,).
    built
        Year in which they were built, missing where it is not known; ``None`` without such a
        column.
    blank_count
        Rows of the file that have no place and are left out.
    origin
        The file, for messages.
    """

    longitude: Floats
    latitude: Floats
    homes: Floats
    built: Floats | None
    blank_count: int
    origin: str


def read_points(
    path: Path,
    *,
    longitude: str = "",
    latitude: str = "",
    homes: str = "",
    built: str = "",
    layer: str | None = None,
) -> HomePoints:
    """Read where homes are; addresses, names, and every other column are passed over.

    Parameters
    ----------
    path
        CSV, Excel, or Parquet with columns of coordinates in degrees; or GeoJSON, GeoPackage,
        shapefile, or GeoParquet of points or of parcels, in any coordinate system that it names. A
        parcel counts at a point inside it.
    longitude, latitude
        Columns of a table; by default those that are called so, or ``lon`` and ``lat``, or ``x``
        and ``y``.
    homes
        Column with the number of homes; by default each row is one home.
    built
        Column with the year in which they were built.
    layer
        The layer, where the file has several.

    Raises
    ------
    InputError
        The file cannot be read, has no coordinates, or coordinates that are no degrees, more than
        a fifth of its rows have no place, or a number is none.
    """
    what = "addresses with their coordinates"
    wanted = [name for name in (homes, built) if name]
    read = read_coordinates(path, what, CoordinateColumns(longitude, latitude), wanted, layer)
    known = read.known
    refuse_blanks(known, path, "addresses")
    count = np.ones(len(known))
    if homes:
        count = np.nan_to_num(_read_floats(read.cells[homes], path))
    years = None
    if built:
        years = _read_floats(read.cells[built], path)[known]
        years[years == 0] = np.nan  # what assessors write where they do not know
    return HomePoints(
        read.longitude[known],
        read.latitude[known],
        count[known],
        years,
        int((~known).sum()),
        str(path),
    )


def _read_floats(column: "pd.Series[str]", path: Path) -> Floats:
    """Read a column of numbers of 0 or more, missing where the cell is blank."""
    figures = read_numbers(column, str(path), blank=True, low=0.0)
    floats: Floats = np.array(figures, dtype=np.float64)
    return floats
