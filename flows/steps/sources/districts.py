"""Read districts with names that stand alone."""

import geopandas as gpd
import pandas as pd

from flows.steps.notes import Notes
from geo.districts import read_districts
from outreach.campaign import Districts
from outreach.files import make_slug
from outreach.settings import Settings
from outreach.tables import DistrictShapes, GeoDataFrame
from outreach.transport import Transport


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


def gather_outlines(
    kinds: tuple[Districts, ...], transport: Transport, settings: Settings, notes: Notes
) -> gpd.GeoDataFrame | None:
    """Read every kind of district for the outlines of a map.

    Returns
    -------
    GeoDataFrame or None
        Columns ``name``, ``kind``, and ``geometry`` (EPSG:4326); ``None`` without any.
    """
    outlines = []
    for requested in kinds:
        districts, sentences = read_named(requested, transport, settings)
        notes.extend(f"{requested.name}: {sentence}" for sentence in sentences)
        outlines.append(districts.assign(kind=requested.name)[["name", "kind", "geometry"]])
    if not outlines:
        return None
    return gpd.GeoDataFrame(pd.concat(outlines, ignore_index=True), crs=4326)


def name_folder(kind: str) -> str:
    """Return a kind of district as a folder name."""
    return make_slug(kind) or "districts"
