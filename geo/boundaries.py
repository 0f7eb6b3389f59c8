"""Fetch and read boundaries of tracts, counties, places, ZCTAs, and blocks.

Source: the Bureau's boundary files, see :mod:`geo.boundary_layers`. Coordinates come as NAD83
(EPSG:4269) and leave as EPSG:4326; areas come in square meters and leave in square kilometers.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.boundary_layers import LAYERS, Edition
from geo.download import fetch_file
from geo.polygons import read_polygons, repair_polygons
from outreach.arrays import Floats
from outreach.errors import GeographyError, QueryRefused
from outreach.phrasing import list_names, write_count
from outreach.tables import Boundaries, check
from outreach.transport import Transport

_M2_PER_KM2 = 1e6

#: Our column and the Bureau's names for it, in order of preference. Some layers add the census year
#: to a name.
_COLUMNS = {
    "geoid": ("GEOID", "GEOID20", "GEOID10", "ZCTA5CE20"),
    "name": ("NAME", "NAME20", "NAME10", "ZCTA5CE20"),
    "land_km2": ("ALAND", "ALAND20", "ALAND10"),
    "water_km2": ("AWATER", "AWATER20", "AWATER10"),
}


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """Where boundaries come from and what had to be repaired.

    Parameters
    ----------
    file
        Address or path.
    sha256
        Hash of the file.
    fetched_at
        When this content was downloaded, UTC; empty for a file of the user.
    rows
        Areas in the file.
    repaired
        Codes of areas whose invalid geometry was repaired.
    without_polygon
        Codes of areas left out because they have no polygon.
    from_cache
        Whether the content was already on this machine.
    note
        Set if the server failed and a cached copy was used.
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
        """Describe the report for people, one sentence per line."""
        cached = " (from the cache)" if self.from_cache else ""
        lines = [f"Read {write_count(self.rows, 'area')} from {self.file}{cached}."]
        if self.note:
            lines.append(self.note)
        for codes, action in (
            (self.repaired, "Repaired the geometry of"),
            (self.without_polygon, "Left out for lack of a polygon:"),
        ):
            if codes:
                lines.append(f"{action} {write_count(len(codes), 'area')}: {', '.join(codes)}.")
        return lines


def fetch_boundaries(
    transport: Transport,
    year: int,
    state: str,
    folder: Path,
    layer: str = "tract",
    edition: Edition = "cartographic",
) -> tuple[gpd.GeoDataFrame, BoundaryReport]:
    """Return the areas of one state in one vintage, downloaded or from the cache.

    Where the server has no cartographic file, the TIGER/Line file of the same year is used, which
    is not clipped to the shore; ``note`` says so.

    Parameters
    ----------
    transport
        The HTTP session.
    year
        Vintage of the file; files from 2020 on have 2020 tracts.
    state
        State FIPS code, two digits; national layers (county, zcta) hold all states.
    folder
        Folder of the cache.
    layer
        A key of :data:`geo.boundary_layers.LAYERS`.
    edition
        ``cartographic`` (clipped to the shore, small) or ``tiger``.

    Returns
    -------
    GeoDataFrame, BoundaryReport
        :class:`outreach.tables.Boundaries` for tracts and the same columns for the other layers
        (index ``geoid``; blocks also ``housing_units_count`` and ``population_count``, counties
        ``full_name``).

    Raises
    ------
    GeographyError
        The file cannot be read as this layer; the message names file and column.
    ServiceError
        The file could not be fetched and there is no cached copy.
    """
    address = LAYERS[layer].address(year, state, edition)
    note = ""
    try:
        download = fetch_file(transport, address, folder)
    except QueryRefused:
        if edition == "tiger":
            raise
        absent, address = address, LAYERS[layer].address(year, state, "tiger")
        download = fetch_file(transport, address, folder)
        note = (
            f"There is no file {absent.rpartition('/')[2]}. The TIGER/Line file was used, whose"
            " areas are not clipped to the shore."
        )
    areas, repaired, empty = read_boundaries(download.path, layer, address)
    report = BoundaryReport(
        file=address,
        sha256=download.sha256,
        fetched_at=download.fetched_at,
        rows=len(areas) + len(empty),
        repaired=repaired,
        without_polygon=empty,
        from_cache=download.from_cache,
        note=" ".join(filter(None, [note, download.note])),
    )
    return areas, report


def read_boundaries(
    path: Path, layer: str, origin: str
) -> tuple[gpd.GeoDataFrame, tuple[str, ...], tuple[str, ...]]:
    """Read a zipped shapefile of the Bureau, or any map file with the same columns.

    Parameters
    ----------
    path
        The file.
    layer
        A key of :data:`geo.boundary_layers.LAYERS`.
    origin
        The file's name for messages.

    Returns
    -------
    GeoDataFrame, tuple, tuple
        The areas as :func:`fetch_boundaries` returns them, the codes that were repaired, and the
        codes left out because they have no polygon.
    """
    raw = read_polygons(path, origin)
    raw.columns = pd.Index(
        [str(name) if name == "geometry" else str(name).upper() for name in raw.columns]
    )

    # Find the Bureau's columns and give them our names and units.
    theirs = {name: _find_column(raw, columns, origin) for name, columns in _COLUMNS.items()}
    counts = {
        name: _find_column(raw, (column,), origin) for name, column in LAYERS[layer].counts.items()
    }
    texts = {name: column for name, column in LAYERS[layer].texts.items() if column in raw.columns}
    areas = gpd.GeoDataFrame(
        {
            "name": raw[theirs["name"]].astype("str").to_numpy(),
            "land_km2": _read_numbers(raw, theirs["land_km2"], origin) / _M2_PER_KM2,
            "water_km2": _read_numbers(raw, theirs["water_km2"], origin) / _M2_PER_KM2,
            **{name: _read_numbers(raw, column, origin) for name, column in counts.items()},
            **{name: raw[column].astype("str").to_numpy() for name, column in texts.items()},
        },
        index=pd.Index(raw[theirs["geoid"]].astype("str"), name="geoid"),
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )

    _check_codes(areas.index, LAYERS[layer].code_length, theirs["geoid"], origin)
    areas, repaired, empty = repair_polygons(areas)
    if layer == "tract":
        areas = check(areas, Boundaries, origin)
    return areas, repaired, empty


def _find_column(raw: pd.DataFrame, names: tuple[str, ...], origin: str) -> str:
    """Return the first of ``names`` that is a column."""
    for name in names:
        if name in raw.columns:
            return name
    found = list_names(list(raw.columns), len(raw.columns))
    raise GeographyError(
        f"{origin} has no column {' or '.join(names)}; it has {found}.",
        "Use a vintage whose files have it.",
    )


def _read_numbers(raw: pd.DataFrame, column: str, origin: str) -> Floats:
    """Return a column as numbers; some editions store them as text."""
    figures = pd.to_numeric(raw[column], errors="coerce")
    if figures.isna().any():
        wrong = raw[column][figures.isna()].iloc[0]
        raise GeographyError(
            f"{origin}: column {column} has {wrong!r}, which is not a number.",
            "Fetch the file again.",
        )
    return figures.to_numpy(dtype=float)


def _check_codes(codes: pd.Index, length: int, column: str, origin: str) -> None:
    """Refuse repeated or malformed codes."""
    texts = codes.to_series()
    malformed = texts[~texts.str.fullmatch(rf"\d{{{length}}}")]
    if len(malformed):
        raise GeographyError(
            f"{origin}: column {column} has {malformed.iloc[0]!r}, not {length} digits, in"
            f" {write_count(len(malformed), 'row')}.",
            "A leading zero may be lost; fetch the file again.",
        )
    repeated = texts[texts.duplicated()]
    if len(repeated):
        raise GeographyError(
            f"{origin}: the area {repeated.iloc[0]} appears twice.", "Fetch the file again."
        )
