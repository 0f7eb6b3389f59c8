"""Fetch what shows people where they are: roads, rails, water, parks, landmarks, towns.

Source: TIGER/Line files and cartographic boundary files of the U.S. Census Bureau under
https://www2.census.gov/geo/tiger/. The classes are the Bureau's MTFCC codes. Coordinates come as
NAD83 and leave as EPSG:4326.
"""

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import ShapelyError

from geo.boundary_layers import LAYERS
from geo.download import Download, fetch_file
from outreach.arrays import Floats
from outreach.errors import GeographyError, QueryRefused, ServiceError
from outreach.phrasing import list_names
from outreach.tables import GeoDataFrame, Tracts
from outreach.transport import FILES_URL, Transport

#: Files by county are fetched for at most so many; a state has 254 at most.
MOST_COUNTIES = 12

_FAULTS = (DataSourceError, DataLayerError, OSError, ValueError, KeyError, RuntimeError)
_CODE = "MTFCC"


@dataclass(frozen=True, slots=True)
class ContextFile:
    """One kind of context and its file.

    Parameters
    ----------
    words
        What it is called in notes.
    file
        Folder and name under a year's TIGER folder, with ``{year}``, ``{state}``, and ``{county}``
        (five digits); empty for a layer of :data:`geo.boundary_layers.LAYERS` of the same name.
    name_columns
        The Bureau's names for the name, in order of preference.
    codes
        How the codes begin of what is kept; all by default.
    """

    words: str
    file: str = ""
    name_columns: tuple[str, ...] = ("FULLNAME",)
    codes: tuple[str, ...] = ("",)

    @property
    def is_by_county(self) -> bool:
        """Whether there is a file for each county."""
        return "{county}" in self.file


#: The Bureau's classes of parks, K2180 to K2190.
_PARKS = ("K218", "K2190")
#: What people name when they say where something is: hospitals, halls and centers, post offices,
#: libraries, malls, airports and stations, colleges and schools, museums, and zoos.
_LANDMARKS = (
    *("K1231", "K2146", "K2165", "K2167", "K2191", "K2195", "K2196", "K2361", "K2451", "K2453"),
    *("K2456", "K2457", "K2540", "K2543", "K2545", "K2564", "K2586"),
)

#: By kind, in the order in which they are fetched. The file of parks has landmarks too.
FILES = {
    "place": ContextFile("cities and places", name_columns=("NAME",)),
    "roads": ContextFile("main roads", "PRISECROADS/tl_{year}_{state}_prisecroads.zip"),
    "water": ContextFile("water", "AREAWATER/tl_{year}_{county}_areawater.zip"),
    "parks": ContextFile(
        "parks", "AREALM/tl_{year}_{state}_arealm.zip", codes=(*_PARKS, *_LANDMARKS)
    ),
    "streets": ContextFile("street names", "ROADS/tl_{year}_{county}_roads.zip"),
    "town": ContextFile("towns", name_columns=("NAMELSAD", "NAME")),
    "senate": ContextFile("upper legislative districts", name_columns=("NAMELSAD", "NAME")),
    "house": ContextFile("lower legislative districts", name_columns=("NAMELSAD", "NAME")),
    "rails": ContextFile("rail lines", "RAILS/tl_{year}_us_rails.zip"),
    "zcta": ContextFile("ZIPs", name_columns=("ZCTA5CE20", "NAME20")),
}


@dataclass(frozen=True, slots=True)
class GroundContext:
    """What lies around and between tracts, by kind.

    Parameters
    ----------
    shapes
        By a key of :data:`FILES` without ``streets``, and ``landmarks``: columns ``name`` (may be
        empty) and ``code`` (MTFCC, may be empty), lines or polygons inside the box of the tracts,
        EPSG:4326.
    streets
        Columns ``name`` and ``geoid``: the tracts that a named street runs through.
    files
        The files that were read, each with the number of shapes inside the box.
    note
        What is missing and why, in one sentence; else empty.
    """

    shapes: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    streets: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["name", "geoid"]))
    files: tuple[tuple[Download, int], ...] = ()
    note: str = ""


def fetch_context(
    transport: Transport, year: int, tracts: GeoDataFrame[Tracts], folder: Path
) -> GroundContext:
    """Fetch every kind of context around tracts, from the cache where nothing changed.

    A file that is missing or cannot be read costs its kind, never the others. Once the server
    itself fails, nothing further is requested.

    Parameters
    ----------
    transport
        The HTTP session.
    year
        Vintage of the files; ZIPs are always those of 2020.
    tracts
        What is mapped, EPSG:4326.
    folder
        Folder of the cache.
    """
    box = shapely.box(*tracts.total_bounds)
    shapes: dict[str, gpd.GeoDataFrame] = {}
    files: list[tuple[Download, int]] = []
    absent: dict[str, str] = {}
    is_down = ""
    for kind, file in FILES.items():
        if is_down:
            absent[file.words] = is_down
            continue
        try:
            fetched = [
                fetch_file(transport, address, folder)
                for address in list_addresses(kind, year, tracts.index)
            ]
            parts = [read_shapes(each.path, file, box, each.address) for each in fetched]
        except (QueryRefused, GeographyError) as error:
            absent[file.words] = error.what
            continue
        except ServiceError as error:
            is_down = absent[file.words] = error.what
            continue
        files += zip(fetched, map(len, parts), strict=True)
        shapes[kind] = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=4326)

    # One file has parks, which are drawn, and landmarks, which are found by name.
    if "parks" in shapes:
        both = shapes["parks"]
        is_park = both["code"].str.startswith(_PARKS)
        shapes["parks"] = both[is_park].reset_index(drop=True)
        shapes["landmarks"] = both[~is_park].reset_index(drop=True)

    roads = shapes.pop("streets", None)
    streets = GroundContext().streets if roads is None else find_streets(roads, tracts)
    return GroundContext(shapes, streets, tuple(files), _say_absent(absent))


def list_addresses(kind: str, year: int, geoids: "pd.Index[str]") -> list[str]:
    """List the addresses of the files of one kind for some tracts.

    Raises
    ------
    GeographyError
        There would be a file for each of too many counties.
    """
    file = FILES[kind]
    states, counties = sorted(set(geoids.str[:2])), sorted(set(geoids.str[:5]))
    if not file.file:
        layer = LAYERS["zcta" if kind == "zcta" else kind]
        addresses = [layer.address(year, state, "cartographic") for state in states]
    elif file.is_by_county:
        if len(counties) > MOST_COUNTIES:
            raise GeographyError(
                f"Files by county are fetched for at most {MOST_COUNTIES} counties, and the map"
                f" has {len(counties)}."
            )
        addresses = [_fill(file.file, year, county[:2], county) for county in counties]
    else:
        addresses = [_fill(file.file, year, state, "") for state in states]
    return list(dict.fromkeys(addresses))


def _fill(file: str, year: int, state: str, county: str) -> str:
    """Return the public address of a TIGER/Line file."""
    name = file.format(year=year, state=state, county=county)
    return f"{FILES_URL}/geo/tiger/TIGER{year}/{name}"


def read_shapes(
    path: Path, file: ContextFile, box: shapely.Geometry, origin: str
) -> gpd.GeoDataFrame:
    """Read what lies in a box from one of the Bureau's zipped shapefiles.

    Parameters
    ----------
    path
        The file.
    file
        Says which columns and codes to keep.
    box
        EPSG:4326; what crosses its edge is cut there.
    origin
        The file's address, for messages.

    Returns
    -------
    GeoDataFrame
        ``name``, ``code``, and geometry, EPSG:4326.

    Raises
    ------
    GeographyError
        The file is no map, or lacks the column with the names.
    """
    short = origin.rpartition("/")[2]
    try:
        raw = pyogrio.read_dataframe(path, bbox=box.bounds)
    except (*_FAULTS, ShapelyError):
        raise GeographyError(f"{short} cannot be read as a map.", "Delete the cache.") from None
    column = next((name for name in file.name_columns if name in raw.columns), None)
    if column is None or "geometry" not in raw.columns:
        raise GeographyError(f"{short} has no column {' or '.join(file.name_columns)}.")

    # Keep the classes that are drawn, and cut them at the box.
    codes = raw[_CODE].fillna("").astype(str) if _CODE in raw else pd.Series("", raw.index)
    raw = raw.assign(name=raw[column].fillna("").astype(str), code=codes)
    kept = raw.loc[raw["code"].str.startswith(file.codes) & raw.geometry.notna()]
    if kept.crs is not None:
        kept = kept.to_crs(4326)
    solid = shapely.make_valid(kept.geometry.to_numpy())
    inside = shapely.clip_by_rect(solid, *box.bounds)
    table = gpd.GeoDataFrame(kept[["name", "code"]], geometry=inside, crs=4326)
    return table[~table.geometry.is_empty].reset_index(drop=True)


def find_streets(roads: gpd.GeoDataFrame, tracts: GeoDataFrame[Tracts]) -> pd.DataFrame:
    """Find the tracts that each named street runs through or along.

    Parameters
    ----------
    roads
        ``name`` and lines, EPSG:4326.
    tracts
        Polygons, EPSG:4326.

    Returns
    -------
    DataFrame
        ``name`` and ``geoid``, sorted, each pair once.
    """
    named = roads[roads["name"] != ""].reset_index(drop=True)
    areas: Floats = tracts.geometry.to_numpy()
    street, tract = shapely.STRtree(areas).query(named.geometry.to_numpy(), predicate="intersects")
    pairs = pd.DataFrame({"name": named["name"].to_numpy()[street], "geoid": tracts.index[tract]})
    return pairs.drop_duplicates().sort_values(["name", "geoid"]).reset_index(drop=True)


def _say_absent(absent: dict[str, str]) -> str:
    """Say in one sentence what the map lacks, and the first reason."""
    if not absent:
        return ""
    reason = next(iter(absent.values())).rstrip(".")
    return f"The map is without {list_names(list(absent), len(absent))}: {reason}."
