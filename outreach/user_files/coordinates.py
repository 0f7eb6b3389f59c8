"""Read the coordinates of a user's file: columns of a table, or shapes of a map."""

from collections.abc import Sequence
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
#: A wrong figure up to this one is a mistake in degrees; larger ones are meters or feet.
_MOST_TYPED = 1_000.0
#: Above this share of rows without a place, a file is refused.
_MOST_BLANK = 0.20


@dataclass(frozen=True)
class Coordinates:
    """Where the rows of a file are, and its other columns.

    Attributes
    ----------
    longitude, latitude
        Degrees, WGS 84, missing where a row has no place; shape (rows,).
    cells
        The other columns, a row for each row of the file.
    """

    longitude: Floats
    latitude: Floats
    cells: pd.DataFrame

    @property
    def known(self) -> Flags:
        """Whether each row has a place."""
        known: Flags = np.isfinite(self.longitude) & np.isfinite(self.latitude)
        return known


@dataclass(frozen=True)
class CoordinateColumns:
    """How a person names the columns of coordinates.

    Attributes
    ----------
    longitude, latitude
        Names of columns; empty for those that are called so, or ``lon`` and ``lat``, or ``x`` and
        ``y``.
    keys
        What a person writes to name them, for messages: longitude first.
    """

    longitude: str = ""
    latitude: str = ""
    keys: tuple[str, str] = ("--longitude", "--latitude")


def read_coordinates(
    path: Path,
    what: str,
    columns: CoordinateColumns,
    wanted: Sequence[str] | None = None,
    layer: str | None = None,
) -> Coordinates:
    """Read where the rows of a file are.

    Parameters
    ----------
    path
        CSV, Excel, or Parquet with columns of coordinates in degrees; or GeoJSON, GeoPackage,
        shapefile, or GeoParquet, in any coordinate system that it names. A polygon counts at a
        point inside it.
    what
        What it should be, for messages: "addresses with their coordinates".
    columns
        The columns of coordinates of a table.
    wanted
        Other columns to read; ``None`` for all, under the names that the file has.
    layer
        The layer, where the file has several.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or has coordinates that are no degrees.
    """
    if is_shapes(path):
        shapes = read_shapes(path, what, layer)
        points = shapely.point_on_surface(shapes.geometry.to_numpy())
        x: Floats = np.asarray(shapely.get_x(points), dtype=np.float64)
        y: Floats = np.asarray(shapely.get_y(points), dtype=np.float64)
        _refuse_other_systems(x, y, path, columns.keys)
        cells = pd.DataFrame(shapes.drop(columns="geometry"))
        return Coordinates(x, y, _pick(cells, path, wanted))
    table = _read_table(path, what)
    names = _find_coordinates(table, columns, path)
    located = strip_cells(pick_columns(table, str(path), names, ()))
    x, y = (_read_floats(located[name], path) for name in names)
    _refuse_other_systems(x, y, path, columns.keys)
    return Coordinates(x, y, strip_cells(_pick(table, path, wanted)))


def refuse_blanks(known: Flags, path: Path, what: str) -> None:
    """Refuse a file without any row, or in which many rows have no place."""
    if not len(known):
        raise InputError(f"{path} has no row.", f"Name a file of {what}.")
    share = float((~known).mean())
    if share > _MOST_BLANK:
        raise InputError(
            f"{path}: {write_count(int((~known).sum()), 'row')} of {len(known):,}"
            f" ({write_percent(share)}) have no coordinates.",
            "Geocode them, or leave them out.",
        )


def is_shapes(path: Path) -> bool:
    """Whether a file is a map rather than a table with columns of coordinates.

    Raises
    ------
    InputError
        There is no such file.
    """
    if not path.exists():
        raise InputError(f"Cannot read {path}: there is no such file.", "Check the path.")
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return b'"primary_column"' in path.read_bytes()[-200_000:]
    return is_map(path)


def _pick(cells: pd.DataFrame, path: Path, wanted: Sequence[str] | None) -> pd.DataFrame:
    """Return the columns that are wanted, or all."""
    return cells if wanted is None else pick_columns(cells, str(path), wanted, ())


def _read_table(path: Path, what: str) -> pd.DataFrame:
    """Read every column of a table as text."""
    content = read_content(path, what, TABLE_ENDINGS)
    if content.data.startswith(PARQUET_MAGIC):
        return read_parquet_cells(content)
    return parse_table(content, what)


def _read_floats(column: "pd.Series[str]", path: Path) -> Floats:
    """Read a column of numbers, missing where the cell is blank."""
    floats: Floats = np.array(read_numbers(column, str(path), blank=True), dtype=np.float64)
    return floats


def _find_coordinates(
    table: pd.DataFrame, columns: CoordinateColumns, path: Path
) -> tuple[str, str]:
    """Return the columns of longitude and latitude."""
    first, second = columns.keys
    if bool(columns.longitude) != bool(columns.latitude):
        raise InputError(
            "One column of coordinates is named without the other.",
            f"Give both {first} and {second}.",
        )
    if columns.longitude:
        return columns.longitude, columns.latitude
    by_name = {fold_name(name): str(name) for name in table.columns}
    found = [
        next((by_name[name] for name in names if name in by_name), None)
        for names in (_LONGITUDES, _LATITUDES)
    ]
    if found[0] is None or found[1] is None:
        names = list_names([str(name) for name in table.columns], 12)
        raise InputError(
            f"{path} has no columns of coordinates. Its columns are {names}.",
            f"Name them with {first} and {second}, or geocode the addresses first.",
        )
    return found[0], found[1]


def _refuse_other_systems(x: Floats, y: Floats, path: Path, keys: tuple[str, str]) -> None:
    """Refuse coordinates that are no degrees, or that stand in each other's column."""
    known = np.isfinite(x) & np.isfinite(y)
    swapped = known & (np.abs(y) > _MOST_LATITUDE) & (x > 0) & (x <= _MOST_LATITUDE)
    wrong = known & ((np.abs(x) > _MOST_LONGITUDE) | (np.abs(y) > _MOST_LATITUDE))
    if not wrong.any():
        return
    row = int(wrong.argmax())
    place = f"data row {row + 1}"
    if swapped.sum() == wrong.sum() and (np.abs(y[wrong]) <= _MOST_LONGITUDE).all():
        raise InputError(
            f"{path}: longitude and latitude stand in each other's column ({place}).",
            f"Swap {keys[0]} and {keys[1]}.",
        )
    if np.maximum(np.abs(x), np.abs(y))[wrong].max() <= _MOST_TYPED:
        axis, degrees, most = "latitude", y[row], _MOST_LATITUDE
        if abs(degrees) <= most:
            axis, degrees, most = "longitude", x[row], _MOST_LONGITUDE
        raise InputError(
            f"{path}: the {axis} of {place} is {degrees:g}, which is not between -{most:g} and"
            f" {most:g}.",
            "Correct the coordinates of that row.",
        )
    raise InputError(
        f"{path}: the coordinates of {write_count(int(wrong.sum()), 'row')}, {place} first, are no"
        " degrees; they look like meters or feet of another coordinate system.",
        "Save the file in degrees (WGS 84), or as GeoPackage, which names its coordinate system.",
    )
