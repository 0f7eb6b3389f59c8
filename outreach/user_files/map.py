"""Read a user's map of polygons in whatever format it was saved.

Shapefile, GeoPackage, GeoJSON, KML and KMZ, GeoParquet, and WKT in a table are read. Coordinates
come out in EPSG:4326. Nothing of GDAL's words reaches the user.
"""

import io
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import ShapelyError

from outreach.errors import InputError
from outreach.user_files.container import DAMAGED_ZIP, is_workbook, is_zip, list_members
from outreach.user_files.table import TABLE_ENDINGS, clean_name, read_table
from outreach.user_files.text import refuse_page

WGS84 = "EPSG:4326"
#: Endings of maps that can lie inside a zip.
MAP_ENDINGS = (
    ".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".gml", ".parquet", ".geoparquet"
)  # fmt: skip
#: Columns in which portals (Socrata, Carto, PostGIS) write a shape as text.
_WKT_COLUMNS = ("the_geom", "geometry", "geom", "wkt", "shape", "multipolygon", "wkt_geom")
_PARQUET = b"PAR1"
_READ_FAULTS = (
    *(DataSourceError, DataLayerError, OSError, ValueError, KeyError, RuntimeError),
    ShapelyError,
)
_GROUND = {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}
_LISTED = 8


def read_map(path: Path, what: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read polygons with their columns.

    Polygons are taken out of collections; a shape without any becomes missing, and the caller says
    what that means. A folder, a zip with folders, and a shapefile whose ``.cpg`` is wrong or
    missing are read too.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, for messages: "the districts 'Wards'".
    layer
        The layer, where the file has several.

    Returns
    -------
    GeoDataFrame
        A row for each row of the file, EPSG:4326; column names trimmed; ``geometry`` is a polygon,
        a multipolygon or missing.

    Raises
    ------
    InputError
        The file cannot be read as a map, holds no polygon, has several layers and none was named,
        or does not say its coordinate system.
    """
    if not path.exists():
        raise InputError(f"Cannot read {path}: there is no such file.", "Check the path.")
    head = _read_head(path)
    if path.is_file() and not head:
        raise InputError(f"{path} is empty.", f"Name a file that holds {what}.")
    refuse_page(head, str(path), what)

    raw = _name_columns(_read_any(path, head, what, layer))
    if raw.empty or raw.geometry.isna().all():
        raise InputError(f"{path} holds no polygons.", "Name a file of polygons.")
    ground = raw.set_geometry(take_polygons(raw.geometry))
    if ground.geometry.isna().all():
        kinds = ", ".join(sorted(raw.geom_type.dropna().unique()))
        raise InputError(f"{path} holds no polygons but {kinds}.", "Name a file of polygons.")
    return _to_degrees(ground, path)


def read_shapes(path: Path, what: str, layer: str | None = None) -> gpd.GeoDataFrame:
    """Read shapes of any kind with their columns, a row for each row of the file.

    Parameters and errors are those of :func:`read_map`, but for the kind of shape. Coordinates come
    out in EPSG:4326.
    """
    head = _read_head(path)
    if path.is_file() and not head:
        raise InputError(f"{path} is empty.", f"Name a file that holds {what}.")
    refuse_page(head, str(path), what)
    raw = _name_columns(_read_any(path, head, what, layer))
    if raw.empty or raw.geometry.isna().all():
        raise InputError(f"{path} holds no shapes.", f"Name a file that holds {what}.")
    return _to_degrees(raw, path)


def _name_columns(raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Trim the names of columns, and call that of the shapes ``geometry``."""
    raw = raw.rename(columns={name: clean_name(name) for name in raw.columns if name != "geometry"})
    return raw if raw.geometry.name == "geometry" else raw.rename_geometry("geometry")


def is_map(path: Path) -> bool:
    """Whether a file holds shapes rather than a plain table, judged by what is in it.

    A workbook is a table; delimited text is one unless a column holds shapes as text; a zip is what
    lies in it.

    Raises
    ------
    InputError
        The file is delimited text and cannot be read.
    """
    if is_zip(_read_head(path)) and zipfile.is_zipfile(path):
        if is_workbook(path.read_bytes()):
            return False
        with zipfile.ZipFile(path) as archive:
            has_table = bool(list_members(archive, TABLE_ENDINGS))
            return bool(list_members(archive, MAP_ENDINGS)) or not has_table
    if path.suffix.lower() not in TABLE_ENDINGS:
        return True
    names = {clean_name(name).casefold() for name in read_table(path, "a list of ZIPs")}
    return bool(names & set(_WKT_COLUMNS))


def _read_head(path: Path) -> bytes:
    """Return the first bytes of a file, none of a folder."""
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(4096)


def take_polygons(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return each shape's polygons, out of collections too; missing where a shape has none."""
    taken = [_take_polygon(shape) for shape in shapes]
    return gpd.GeoSeries(taken, index=shapes.index, crs=shapes.crs)


def _take_polygon(shape: Any) -> Any:
    """Return the polygons of one shape as a polygon or a multipolygon, or nothing."""
    if shape is None or shape.is_empty or shapely.get_type_id(shape) in _GROUND:
        return None if shape is None or shape.is_empty else shape
    parts = np.asarray(shapely.get_parts(shape))
    # A collection may hold collections.
    while any(shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(parts)
    polygons = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), list(_GROUND))])
    return shapely.union_all(polygons) if len(polygons) else None


def _read_any(path: Path, head: bytes, what: str, layer: str | None) -> gpd.GeoDataFrame:
    """Read a file by what it is, not by what it is called."""
    if head.startswith(_PARQUET):
        return _read_parquet(path)
    if is_zip(head):
        member = _find_member(path, what)
        if member.endswith((".parquet", ".geoparquet")):
            return _read_parquet(path, member)
        return _read_source(f"/vsizip/{{{path.resolve()}}}/{member}", path, layer)
    if path.suffix.lower() in TABLE_ENDINGS:
        return _read_wkt(path, what)
    return _read_source(path, path, layer)


def _find_member(path: Path, what: str) -> str:
    """Return the one map inside a zip or KMZ; a geodatabase is a folder there."""
    try:
        with zipfile.ZipFile(path) as archive:
            maps = [member.filename for member in list_members(archive, MAP_ENDINGS)]
            bases = {
                str(base)
                for name in archive.namelist()
                for base in PurePosixPath(name).parents
                if base.suffix.lower() == ".gdb"
            }
    except (*DAMAGED_ZIP, RuntimeError):
        raise InputError(f"{path} is a damaged zip archive.", "Download it again.") from None
    found = sorted(bases) or sorted(maps)
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"{path} holds several maps: {', '.join(found[:_LISTED])}.",
            f"Unpack it and name the one that holds {what}.",
        )
    raise InputError(f"{path} holds no map.", "Name a zip with a shapefile, GeoJSON or GeoPackage.")


def _read_parquet(path: Path, member: str | None = None) -> gpd.GeoDataFrame:
    """Read GeoParquet, from a zip where a member is named."""
    try:
        if member is None:
            return gpd.read_parquet(path)
        with zipfile.ZipFile(path) as archive:
            return gpd.read_parquet(io.BytesIO(archive.read(member)))
    except _READ_FAULTS:
        raise InputError(
            f"{path} is a Parquet file without shapes.", "Save it as GeoParquet or GeoJSON."
        ) from None


def _read_wkt(path: Path, what: str) -> gpd.GeoDataFrame:
    """Read a table in which a column holds shapes as well-known text, in degrees."""
    table = read_table(path, what)
    names = {clean_name(name).casefold(): name for name in table.columns}
    column = next((names[name] for name in _WKT_COLUMNS if name in names), None)
    if column is None:
        raise InputError(
            f"{path} is a table without a column of shapes ({', '.join(_WKT_COLUMNS[:4])}).",
            "Export the portal's GeoJSON or shapefile instead.",
        )
    cells = table[column].str.replace(r"^SRID=\d+;", "", regex=True)
    texts = [cell or None for cell in cells]
    shapes = shapely.from_wkt(texts, on_invalid="ignore")
    wrong = (cells != "").to_numpy() & shapely.is_missing(shapes)
    if wrong.any():
        row = int(wrong.argmax()) + 1
        raise InputError(
            f"{path}: {column} in data row {row} is not a shape; spreadsheets cut cells at 32,767"
            " characters.",
            "Export the portal's GeoJSON or shapefile instead.",
        )
    return gpd.GeoDataFrame(table.drop(columns=column), geometry=shapes, crs=WGS84)


def _read_source(source: Path | str, path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Read whatever GDAL reads, one layer of it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks on rings and fields, not for users
            layers = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
            chosen = _choose_layer(layers, layer, path)
            return _read_text_fields(source, chosen)
    except _READ_FAULTS:
        pass
    ending = path.suffix.lower()
    todo = (
        "A shapefile needs its .shp, .shx, .dbf and .prj side by side; put them all into one zip."
        if ending in {".shp", ".shx", ".dbf", ".prj"}
        else "Name a shapefile, GeoPackage, GeoJSON, KML or GeoParquet file."
    )
    raise InputError(f"{path} cannot be read as a map of polygons.", todo)


def _choose_layer(layers: Sequence[str], wanted: str | None, path: Path) -> str | None:
    """Return the wanted layer, or the only one."""
    if wanted is not None and wanted not in layers:
        raise InputError(
            f"{path} has no layer {wanted!r}; it has {', '.join(layers) or 'none'}.",
            "Correct the key 'layer'.",
        )
    if wanted is None and len(layers) > 1:
        raise InputError(
            f"{path} has {len(layers)} layers: {', '.join(layers[:_LISTED])}.",
            "Name one with the key 'layer'.",
        )
    return wanted or (layers[0] if layers else None)


def _read_text_fields(source: Path | str, layer: str | None) -> gpd.GeoDataFrame:
    """Read one layer; text that is not in the encoding it claims is Windows-1252 or UTF-8."""
    try:
        table = gpd.read_file(source, layer=layer)
    except UnicodeDecodeError:
        return gpd.read_file(source, layer=layer, encoding="cp1252")
    if str(source).lower().endswith((".shp", ".dbf")) and not _has_encoding(source):
        return _read_as_utf8(table)
    return table


def _has_encoding(source: Path | str) -> bool:
    """Whether a shapefile on the disk has a ``.cpg`` beside it."""
    path = Path(source)
    return any(path.with_suffix(ending).exists() for ending in (".cpg", ".CPG"))


def _read_as_utf8(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Decode text that was UTF-8 and was read as Latin-1, where all of a column allows that."""
    fixed = table.copy()
    for name in table.columns.drop(table.geometry.name):
        if not pd.api.types.is_string_dtype(table[name]):
            continue
        try:
            fixed[name] = [
                cell.encode("latin-1").decode("utf-8") if isinstance(cell, str) else cell
                for cell in table[name]
            ]
        except UnicodeError:
            continue
    return fixed


def _to_degrees(ground: gpd.GeoDataFrame, path: Path) -> gpd.GeoDataFrame:
    """Bring a map to EPSG:4326, and refuse coordinates that cannot be degrees."""
    if ground.crs is None:
        raise InputError(
            f"{path} does not say its coordinate system.",
            "Add the .prj file, or save it with a coordinate system.",
        )
    ground = ground.to_crs(WGS84)
    west, south, east, north = ground.total_bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # noqa: PLR2004  degrees
        raise InputError(
            f"{path} says that its coordinates are degrees, but they reach from {west:,.0f},"
            f" {south:,.0f} to {east:,.0f}, {north:,.0f}.",
            "Save it again with its true coordinate system.",
        )
    return ground
