"""Districts as a run shows them: read from the campaign's files, each with a name that can stand alone."""

import geopandas as gpd
import pandas as pd

from geo.districts import read_districts
from outreach.campaign import Campaign, Districts
from outreach.errors import OutreachError
from outreach.settings import Settings
from outreach.tables import DistrictShapes, GeoDataFrame
from outreach.transport import Transport


def read_named(
    asked: Districts, transport: Transport, settings: Settings
) -> tuple[GeoDataFrame[DistrictShapes], tuple[str, ...]]:
    """Read one kind of district; a bare number becomes a name, such as ``Ward 5``.

    Returns
    -------
    GeoDataFrame, tuple of str
        The districts, and sentences about what was done to the file.
    """
    drawn, report = read_districts(
        asked.name, asked.file, asked.id_column, asked.name_column, transport, settings.files_cache
    )
    number = drawn["name"].str.fullmatch(r"\d+")
    drawn["name"] = drawn["name"].mask(number, f"{asked.name} " + drawn["name"])
    return drawn, tuple(report.lines()[1:])


def gather_outlines(
    campaign: Campaign, transport: Transport, settings: Settings
) -> tuple[gpd.GeoDataFrame | None, tuple[str, ...]]:
    """Read every kind of district that a campaign names, for the outlines of its map.

    A file that cannot be read does not stop a run: a sentence, which is returned, says why that
    kind is not drawn.

    Returns
    -------
    GeoDataFrame or None, tuple of str
        Columns ``name``, ``kind`` and ``geometry`` (EPSG:4326), ``None`` without any; and the
        sentences.
    """
    drawn, said = [], []
    for asked in campaign.districts:
        try:
            outlines, _ = read_named(asked, transport, settings)
        except OutreachError as error:
            said.append(f"The map does not show '{asked.name}': {error}")
        else:
            drawn.append(outlines.assign(kind=asked.name)[["name", "kind", "geometry"]])
    if not drawn:
        return None, tuple(said)
    return gpd.GeoDataFrame(pd.concat(drawn, ignore_index=True), crs=4326), tuple(said)


def name_folder(kind: str) -> str:
    """Return a kind of district as a folder name."""
    plain = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in kind.lower()
    )
    return plain.strip("-")[:60] or "districts"
