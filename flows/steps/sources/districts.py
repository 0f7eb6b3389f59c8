"""Read districts with names that stand alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from flows.steps.notes import Notes
from flows.steps.sources.division import divide_tracts, prefer_homes
from geo.districts import assign_districts, read_districts
from outreach.campaign import Districts
from outreach.errors import OutreachError
from outreach.files import make_slug
from outreach.settings import Settings
from outreach.tables import Crosswalk, DataFrame, DistrictShapes, GeoDataFrame, Tracts
from outreach.transport import Transport

#: The table of a run that keeps how its tracts are divided among districts.
DIVISIONS = "divisions"


def read_named(
    requested: Districts, transport: Transport, settings: Settings
) -> tuple[GeoDataFrame[DistrictShapes], tuple[str, ...]]:
    """Read one kind of district; a bare number becomes a name, such as ``Ward 5``.

    Returns
    -------
    districts : GeoDataFrame
        The districts.
    notes : tuple of str
        What was done to the file.
    """
    districts, report = read_districts(
        requested.name,
        requested.file,
        requested.id_column,
        requested.name_column,
        transport,
        settings.files_cache,
        requested.layer,
    )
    is_number = districts["name"].str.fullmatch(r"\d+")
    districts["name"] = districts["name"].mask(is_number, f"{requested.name} " + districts["name"])
    return districts, tuple(report.lines()[1:])


@dataclass(frozen=True)
class MapDistricts:
    """The districts of a map: their outlines, and their parts of tracts.

    Parameters
    ----------
    outlines
        Columns ``name``, ``kind``, and ``geometry`` (EPSG:4326).
    parts
        ``kind``, ``name``, ``geoid``, ``weight``, the share of the tract, and ``unit``, what the
        weight counts.
    pages
        By kind and name: the address of a district's page, where there is one.
    home
        The address of the site that the map belongs to, if any.
    divisions
        :class:`outreach.tables.Crosswalk` with a column ``kind``: how the tracts were divided,
        which the run keeps for its reports. A kind that could only be drawn is not in it.
    """

    outlines: gpd.GeoDataFrame
    parts: pd.DataFrame
    pages: dict[str, dict[str, str]] = field(default_factory=dict)
    home: str = ""
    divisions: pd.DataFrame | None = None


def gather_outlines(
    kinds: tuple[Districts, ...],
    tracts: GeoDataFrame[Tracts],
    tract_year: int,
    transport: Transport,
    settings: Settings,
    notes: Notes,
) -> MapDistricts | None:
    """Read every kind of district for a map, and divide the tracts for the whole run.

    Homes divide the tracts where they can be had. Where the division of the campaign is not
    possible, a note says why, land area divides them on the map, and a report refuses.

    Returns
    -------
    MapDistricts or None
        ``None`` without any kind.
    """
    shown, divisions = [], []
    for requested in kinds:
        districts, sentences = read_named(requested, transport, settings)
        notes.extend(f"{requested.name}: {sentence}" for sentence in sentences)
        preferred = prefer_homes(requested, tracts.index, settings)
        try:
            division = divide_tracts(tracts, districts, preferred, tract_year, settings, transport)
            crosswalk = division.crosswalk
            divisions.append(crosswalk.assign(kind=requested.name))
            notes.extend(f"{requested.name}: {sentence}" for sentence in division.notes)
        except OutreachError as error:
            notes.add(f"{requested.name}: the map divides tracts by land area. {error}")
            crosswalk = assign_districts(tracts, districts, requested.name, tract_year)
        shown.append((requested.name, districts, crosswalk))
    if not shown:
        return None
    kept = pd.concat(divisions, ignore_index=True) if divisions else None
    return replace(join_districts(shown), divisions=kept)


def join_districts(
    kinds: Sequence[tuple[str, GeoDataFrame[DistrictShapes], DataFrame[Crosswalk]]],
) -> MapDistricts:
    """Join several kinds of district for one map.

    Parameters
    ----------
    kinds
        Name, districts, and crosswalk from the tracts of each kind, at least one.
    """
    outlines, parts = [], []
    for kind, districts, crosswalk in kinds:
        outlines.append(districts.assign(kind=kind)[["name", "kind", "geometry"]])
        inside = crosswalk[crosswalk["target"].isin(districts.index) & (crosswalk["weight"] > 0)]
        names = inside["target"].map(districts["name"])
        columns = {"kind": kind, "name": names, "geoid": inside["source"]}
        parts.append(pd.DataFrame({**columns, "weight": inside["weight"], "unit": inside["unit"]}))
    return MapDistricts(
        gpd.GeoDataFrame(pd.concat(outlines, ignore_index=True), crs=4326),
        pd.concat(parts, ignore_index=True),
    )


def name_folder(kind: str) -> str:
    """Return a kind of district as a folder name."""
    return make_slug(kind) or "districts"
