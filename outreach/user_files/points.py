"""Read a user's addresses as points: a table with coordinates, or a map of points or parcels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from outreach.arrays import Flags, Floats
from outreach.errors import InputError
from outreach.phrasing import list_names, write_count, write_percent
from outreach.user_files.cells import read_numbers
from outreach.user_files.container import read_content
from outreach.user_files.map import is_map, read_shapes
from outreach.user_files.parquet import PARQUET_MAGIC, read_parquet_cells
from outreach.user_files.table import (
    TABLE_ENDINGS,
    fold_name,
    parse_table,
    pick_columns,
    strip_cells,
)

#: What columns of coordinates are called, the surest names first.
_LONGITUDES = ("longitude", "lon", "lng", "long", "x", "x coord", "point x")
_LATITUDES = ("latitude", "lat", "y", "y coord", "point y")
_MOST_LONGITUDE, _MOST_LATITUDE = 180.0, 90.0
#: Above this share of rows without a place, a file is refused.
_MOST_BLANK = 0.20


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
    if _is_shapes(path):
        shapes = read_shapes(path, what, layer)
        places = shapely.point_on_surface(shapes.geometry.to_numpy())
        x: Floats = np.asarray(shapely.get_x(places), dtype=np.float64)
        y: Floats = np.asarray(shapely.get_y(places), dtype=np.float64)
        cells = pick_columns(pd.DataFrame(shapes.drop(columns="geometry")), str(path), wanted, ())
    else:
        table = _read_table(path, what)
        names = _find_coordinates(table, longitude, latitude, path)
        cells = strip_cells(pick_columns(table, str(path), (*names, *wanted), ()))
        x, y = _read_floats(cells[names[0]], path), _read_floats(cells[names[1]], path)
        _refuse_other_systems(x, y, path)

    known = np.isfinite(x) & np.isfinite(y)
    _refuse_blanks(known, path)
    count = np.ones(len(x))
    if homes:
        count = np.nan_to_num(_read_floats(cells[homes], path, low=0.0))
    years = None
    if built:
        years = _read_floats(cells[built], path, low=0.0)[known]
        years[years == 0] = np.nan  # what assessors write where they do not know
    return HomePoints(x[known], y[known], count[known], years, int((~known).sum()), str(path))


def _is_shapes(path: Path) -> bool:
    """Whether a file is a map rather than a table with columns of coordinates."""
    if not path.exists():
        raise InputError(f"Cannot read {path}: there is no such file.", "Check the path.")
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return b'"primary_column"' in path.read_bytes()[-200_000:]
    return is_map(path)


def _read_table(path: Path, what: str) -> pd.DataFrame:
    """Read every column of a table as text."""
    content = read_content(path, what, TABLE_ENDINGS)
    if content.data.startswith(PARQUET_MAGIC):
        return read_parquet_cells(content)
    return parse_table(content, what)


def _read_floats(column: "pd.Series[str]", path: Path, low: float = -np.inf) -> Floats:
    """Read a column of numbers, missing where the cell is blank."""
    figures = read_numbers(column, str(path), blank=True, low=low)
    floats: Floats = np.array(figures, dtype=np.float64)
    return floats


def _find_coordinates(
    table: pd.DataFrame, longitude: str, latitude: str, path: Path
) -> tuple[str, str]:
    """Return the columns of longitude and latitude."""
    if bool(longitude) != bool(latitude):
        raise InputError(
            "One column of coordinates is named without the other.",
            "Give both --longitude and --latitude.",
        )
    if longitude:
        return longitude, latitude
    by_name = {fold_name(name): str(name) for name in table.columns}
    found = [
        next((by_name[name] for name in names if name in by_name), None)
        for names in (_LONGITUDES, _LATITUDES)
    ]
    if found[0] is None or found[1] is None:
        columns = list_names([str(name) for name in table.columns], 12)
        raise InputError(
            f"{path} has no columns of coordinates. Its columns are {columns}.",
            "Name them with --longitude and --latitude, or geocode the addresses first.",
        )
    return found[0], found[1]


def _refuse_other_systems(x: Floats, y: Floats, path: Path) -> None:
    """Refuse coordinates that are no degrees, or that stand in each other's column."""
    known = np.isfinite(x) & np.isfinite(y)
    swapped = known & (np.abs(y) > _MOST_LATITUDE) & (np.abs(x) <= _MOST_LATITUDE)
    wrong = known & ((np.abs(x) > _MOST_LONGITUDE) | (np.abs(y) > _MOST_LATITUDE))
    if not wrong.any():
        return
    row = int(wrong.argmax())
    place = f"data row {row + 1}"
    if swapped.sum() == wrong.sum() and (np.abs(y[wrong]) <= _MOST_LONGITUDE).all():
        raise InputError(
            f"{path}: longitude and latitude stand in each other's column ({place}).",
            "Swap --longitude and --latitude.",
        )
    raise InputError(
        f"{path}: the coordinates of {write_count(int(wrong.sum()), 'row')}, {place} first, are no"
        " degrees; they look like meters or feet of another coordinate system.",
        "Save the file in degrees (WGS 84), or as GeoPackage, which names its coordinate system.",
    )


def _refuse_blanks(known: Flags, path: Path) -> None:
    """Refuse a file in which many rows have no place."""
    if not len(known):
        raise InputError(f"{path} has no row.", "Name a file of addresses.")
    share = float((~known).mean())
    if share > _MOST_BLANK:
        raise InputError(
            f"{path}: {write_count(int((~known).sum()), 'row')} of {len(known):,}"
            f" ({write_percent(share)}) have no coordinates.",
            "Geocode them, or leave them out.",
        )
