"""Polygons of the Bureau's areas: tracts, counties, places, ZCTAs and blocks by vintage, repaired, in EPSG:4326.

Source: cartographic boundary files (``GENZ``, 1:500,000, clipped to the shore) and TIGER/Line (not
clipped) under https://www2.census.gov/geo/tiger/. Coordinates come as NAD83 (EPSG:4269), areas as
square metres.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from geo.download import fetch_file
from outreach.arrays import Floats
from outreach.errors import GeographyError
from outreach.tables import Boundaries, check
from outreach.transport import FILES_URL, Transport

#: The first year whose cartographic files stand in a folder ``shp``.
_SHP_FOLDER_SINCE = 2014
_M2_PER_KM2 = 1e6

Edition = Literal["cartographic", "tiger"]


@dataclass(frozen=True, slots=True)
class BoundaryLayer:
    """One kind of area in the Bureau's files.

    Parameters
    ----------
    cartographic, tiger
        File name, and folder and file name, by edition; ``{year}`` and ``{state}`` are filled in.
        Empty: no such file.
    code_length
        Number of digits of a code.
    counts
        Columns of counts to keep, by our name.
    words
        Columns of text to keep where the file has them, by our name.
    """

    cartographic: str
    tiger: str
    code_length: int
    counts: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def address(self, year: int, state: str, edition: Edition) -> str:
        """Return the public address of the file of one vintage and state (national layers pass over the state)."""
        template = self.cartographic if edition == "cartographic" else self.tiger
        if not template:
            raise GeographyError(
                f"There is no {edition} file of this kind of area.", "Ask for the TIGER edition."
            )
        folder = f"TIGER{year}"
        if edition == "cartographic":
            folder = f"GENZ{year}/shp" if year >= _SHP_FOLDER_SINCE else f"GENZ{year}"
        return f"{FILES_URL}/geo/tiger/{folder}/{template.format(year=year, state=state)}"


LAYERS = {
    "tract": BoundaryLayer(
        "cb_{year}_{state}_tract_500k.zip", "TRACT/tl_{year}_{state}_tract.zip", 11
    ),
    "county": BoundaryLayer(
        "cb_{year}_us_county_500k.zip",
        "COUNTY/tl_{year}_us_county.zip",
        5,
        words={"full_name": "NAMELSAD"},
    ),
    "place": BoundaryLayer(
        "cb_{year}_{state}_place_500k.zip", "PLACE/tl_{year}_{state}_place.zip", 7
    ),
    "zcta": BoundaryLayer("cb_{year}_us_zcta520_500k.zip", "ZCTA520/tl_{year}_us_zcta520.zip", 5),
    "block": BoundaryLayer(
        "",
        "TABBLOCK20/tl_{year}_{state}_tabblock20.zip",
        15,
        {"housing_units_count": "HOUSING20", "population_count": "POP20"},
    ),
}

#: Our column and the Bureau's names for it, the first that is there; a name carries its census in
#: some layers.
_COLUMNS = {
    "geoid": ("GEOID", "GEOID20", "GEOID10", "ZCTA5CE20"),
    "name": ("NAME", "NAME20", "NAME10", "ZCTA5CE20"),
    "land_km2": ("ALAND", "ALAND20", "ALAND10"),
    "water_km2": ("AWATER", "AWATER20", "AWATER10"),
}


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """What was done to get polygons: where they come from and what had to be mended.

    Parameters
    ----------
    file
        Address or path.
    sha256
        Hash of the file.
    fetched_at
        When this content was downloaded, UTC; empty for a file of the user's.
    rows
        Areas in the file.
    repaired
        Codes of areas whose geometry was invalid and was repaired.
    without_polygon
        Codes of areas left out because nothing polygonal was there.
    from_cache
        Whether the content was on this machine already.
    note
        Set if the server failed and a copy was used.
    """

    file: str
    sha256: str
    fetched_at: str
    rows: int
    repaired: tuple[str, ...] = ()
    without_polygon: tuple[str, ...] = ()
    from_cache: bool = False
    note: str = ""

    def lines(self) -> list[str]:
        """Say it to people, one sentence a line."""
        said = [f"{self.rows:,} areas from {self.file}{' (kept copy)' if self.from_cache else ''}."]
        said += [self.note] if self.note else []
        for codes, what in (
            (self.repaired, "repaired"),
            (self.without_polygon, "left out, without a polygon"),
        ):
            said += [f"{len(codes):,} {what}: {', '.join(codes)}."] if codes else []
        return said


def fetch_boundaries(
    transport: Transport,
    year: int,
    state: str,
    folder: Path,
    layer: str = "tract",
    edition: Edition = "cartographic",
) -> tuple[gpd.GeoDataFrame, BoundaryReport]:
    """Return the areas of one state in one vintage, fetched or from the cache.

    Parameters
    ----------
    transport
        The HTTP session.
    year
        Vintage of the file; 2020 and later are on 2020 tracts.
    state
        State FIPS code, two digits; national layers (county, zcta) hold all states.
    folder
        Folder of the cache.
    layer
        A key of :data:`LAYERS`.
    edition
        ``cartographic`` (clipped to the shore, small) or ``tiger``.

    Returns
    -------
    GeoDataFrame, BoundaryReport
        :class:`outreach.tables.Boundaries` for tracts, and the same columns for the other layers
        (index ``geoid``; blocks also ``housing_units_count`` and ``population_count``, counties
        ``full_name``).

    Raises
    ------
    GeographyError
        The file cannot be read as this layer; the message names file and column.
    ServiceError
        The file could not be fetched and there is no copy.
    """
    address = LAYERS[layer].address(year, state, edition)
    download = fetch_file(transport, address, folder)
    areas, repaired, empty = read_boundaries(download.path, layer, address)
    report = BoundaryReport(
        address,
        download.sha256,
        download.fetched_at,
        len(areas) + len(empty),
        repaired,
        empty,
        download.from_cache,
        download.note,
    )
    return areas, report


def read_boundaries(
    path: Path, layer: str, origin: str
) -> tuple[gpd.GeoDataFrame, tuple[str, ...], tuple[str, ...]]:
    """Read a zipped shapefile of the Bureau's (or any file GeoPandas reads, with the same columns).

    Parameters
    ----------
    path
        The file.
    layer
        A key of :data:`LAYERS`.
    origin
        The file's name for messages.

    Returns
    -------
    GeoDataFrame, tuple, tuple
        The areas as :func:`fetch_boundaries` returns them, the codes that were repaired and the
        codes left out without a polygon.
    """
    raw = read_polygons(path, origin)
    raw.columns = pd.Index(
        [str(name) if name == "geometry" else str(name).upper() for name in raw.columns]
    )
    found = {ours: _find_column(raw, theirs, origin) for ours, theirs in _COLUMNS.items()}
    counts = {
        ours: _find_column(raw, (theirs,), origin) for ours, theirs in LAYERS[layer].counts.items()
    }
    words = {ours: theirs for ours, theirs in LAYERS[layer].words.items() if theirs in raw.columns}
    areas = gpd.GeoDataFrame(
        {
            "name": raw[found["name"]].astype("str").to_numpy(),
            "land_km2": _figures(raw, found["land_km2"], origin) / _M2_PER_KM2,
            "water_km2": _figures(raw, found["water_km2"], origin) / _M2_PER_KM2,
            **{ours: _figures(raw, column, origin) for ours, column in counts.items()},
            **{ours: raw[theirs].astype("str").to_numpy() for ours, theirs in words.items()},
        },
        index=pd.Index(raw[found["geoid"]].astype("str"), name="geoid"),
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )
    _check_codes(areas.index, LAYERS[layer].code_length, found["geoid"], origin)
    areas, repaired, empty = repair_polygons(areas)
    if layer == "tract":
        areas = check(areas, Boundaries, origin)
    return areas, repaired, empty


def read_polygons(path: Path, origin: str) -> gpd.GeoDataFrame:
    """Read any vector file (GeoParquet, or what GDAL reads, zipped or not) and bring it to EPSG:4326.

    Raises
    ------
    GeographyError
        The file is missing, cannot be read, holds no geometry or no row, or does not say its
        coordinate system.
    """
    try:
        layer = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    except (DataSourceError, DataLayerError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
    else:
        reason = ""
    if reason:
        raise GeographyError(
            f"{origin} cannot be read as a boundary file: {reason}.",
            "Name a whole file of polygons.",
        )
    if not isinstance(layer, gpd.GeoDataFrame) or layer.empty:
        raise GeographyError(f"{origin} holds no polygons.", "Name a file of polygons.")
    if layer.crs is None:
        raise GeographyError(
            f"{origin} does not say its coordinate system.",
            "Add the .prj file, or save it with a coordinate system.",
        )
    layer = layer.rename_geometry("geometry") if layer.geometry.name != "geometry" else layer
    return layer.to_crs("EPSG:4326")


def repair_polygons(
    areas: gpd.GeoDataFrame,
) -> tuple[gpd.GeoDataFrame, tuple[str, ...], tuple[str, ...]]:
    """Make every geometry a valid polygon; name what was changed and what had to be left out.

    Returns
    -------
    GeoDataFrame, tuple, tuple
        The areas with a polygon; the index values that were repaired; the index values without
        anything polygonal.
    """
    shapes = areas.geometry.to_numpy().copy()
    broken = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    # "structure" keeps ground that a ring covers twice; "linework" would cut it out.
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    polygonal = np.isin(
        shapely.get_type_id(shapes),
        (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    )
    kept = polygonal & ~shapely.is_empty(shapes)
    mended = areas.set_geometry(gpd.GeoSeries(shapes, index=areas.index, crs=areas.crs)).loc[kept]
    return mended, tuple(areas.index[broken & kept]), tuple(areas.index[~kept])


def _find_column(raw: pd.DataFrame, names: tuple[str, ...], origin: str) -> str:
    """Return the first of ``names`` that is a column."""
    for name in names:
        if name in raw.columns:
            return name
    raise GeographyError(
        f"{origin} has no column {' or '.join(names)}; it has {', '.join(raw.columns)}.",
        "Ask for a vintage whose files have it.",
    )


def _figures(raw: pd.DataFrame, column: str, origin: str) -> Floats:
    """Return a column as numbers; some editions hold them as text."""
    figures = pd.to_numeric(raw[column], errors="coerce")
    if figures.isna().any():
        bad = raw[column][figures.isna()].iloc[0]
        raise GeographyError(
            f"{origin}: column {column} holds {bad!r}, which is not a number.",
            "Fetch the file again.",
        )
    return figures.to_numpy(dtype=float)


def _check_codes(codes: pd.Index, length: int, column: str, origin: str) -> None:
    """Refuse repeated or misshapen codes."""
    text = codes.to_series()
    misshapen = text[~text.str.fullmatch(rf"\d{{{length}}}")]
    if len(misshapen):
        raise GeographyError(
            f"{origin}: column {column} holds {misshapen.iloc[0]!r}, not {length} digits ({len(misshapen):,} such rows).",
            "A leading zero may be lost; fetch the file again.",
        )
    repeated = text[text.duplicated()]
    if len(repeated):
        raise GeographyError(
            f"{origin}: the area {repeated.iloc[0]} stands there twice.", "Fetch the file again."
        )
