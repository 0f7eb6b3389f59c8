"""Finds how much of each tract lies in which ZIP, from the best source at hand, and says how far the next best is from it.

From the best on: HUD's tract-to-ZIP file (the user's; true ZIPs by residential addresses), the
Bureau's blocks of 2020 with ``HOUSING20`` (whole blocks make up a ZCTA;
https://www2.census.gov/geo/tiger/TIGER2020/TABBLOCK20/, a file of 100 MB and more for a large
state, so only when asked for), the Bureau's file of ZCTAs and tracts of 2020 (land area), the
overlay of polygons (land area). A ZIP is a set of mail routes, a ZCTA the Bureau's map of one;
``target_kind`` and every note tell which it is.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.boundaries import fetch_boundaries, read_boundaries
from geo.crosswalk.error import compare_crosswalks
from geo.crosswalk.overlay import overlay_areas, place_blocks, weigh_blocks
from geo.crosswalk.sources import ZCTA_RELATIONSHIP, read_hud, read_zcta_relationship
from geo.districts import read_districts
from geo.download import fetch_file
from outreach.campaign import Districts, Units
from outreach.errors import GeographyError, ServiceError
from outreach.transport import Transport

#: The word of a campaign for "fetch the Bureau's block file".
FETCH = "auto"
_DECADE = 2020


@dataclass(frozen=True)
class ZipSource:
    """Where ZIPs come from.

    Parameters
    ----------
    crosswalk
        From tracts to ZIPs or ZCTAs, by the best source at hand.
    ground
        Their polygons, if any.
    blocks
        Blocks of these tracts with ``housing_units_count``, if asked for.
    notes
        What the shares were made of, and the error of the next best source, for people.
    """

    crosswalk: pd.DataFrame
    ground: gpd.GeoDataFrame | None
    blocks: gpd.GeoDataFrame | None
    notes: tuple[str, ...]


def find_zips(
    tracts: gpd.GeoDataFrame,
    asked: Units,
    state: str,
    year: int,
    transport: Transport,
    folder: Path,
) -> ZipSource:
    """Return the ZIPs that a campaign asks for.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` with a polygon each.
    asked
        The part ``[units]`` of the campaign.
    state, year
        FIPS code, and vintage of the boundaries.
    transport, folder
        HTTP session, and the cache of files.

    Raises
    ------
    GeographyError
        A file of the user's cannot be used, or the Bureau's map has no ZCTA here.
    ServiceError
        The Bureau's map of ZCTAs cannot be fetched; its other files are left out with a note.
    """
    notes: list[str] = []
    blocks = _find_blocks(tracts, asked.blocks, state, transport, folder, notes)
    if Path(asked.zips).suffix.lower() in {".xlsx", ".csv"}:
        found, ground = [read_hud(Path(asked.zips))], None
    else:
        ground, kind = _find_polygons(tracts, asked, state, year, transport, folder)
        found = [] if blocks is None else [weigh_blocks(blocks, place_blocks(blocks, ground), kind)]
        if kind == "zcta" and year >= _DECADE:
            found += _find_relationship(tracts, transport, folder, notes)
        found.append(overlay_areas(tracts, ground, (f"tract{_DECADE}", kind)))
    best = found[0]
    word = "ZIPs" if best["target_kind"].iloc[0] == "zip" else "ZCTAs, the Bureau's map of ZIPs,"
    notes.append(
        f"Shares of tracts in {word} are by {best['unit'].mode()[0].replace('_', ' ')} ({_name(best)})."
    )
    units = tracts["households_count"].fillna(0.0)
    notes += [compare_crosswalks(best, poorer, units).line() for poorer in found[1:2]]
    return ZipSource(best, ground, blocks, tuple(notes))


def _name(crosswalk: pd.DataFrame) -> str:
    """Name the source of a crosswalk for people."""
    method = str(crosswalk["method"].iloc[0])
    words = {
        "hud": "HUD's file",
        "blocks": "the Bureau's blocks",
        "relationship": "the Bureau's file of ZCTAs and tracts",
    }
    return words.get(method, "polygons laid over each other")


def _find_blocks(
    tracts: gpd.GeoDataFrame,
    named: str,
    state: str,
    transport: Transport,
    folder: Path,
    notes: list[str],
) -> gpd.GeoDataFrame | None:
    """Read the blocks of these tracts, if asked for; blocks that cannot be fetched are noted."""
    if not named:
        return None
    if named == FETCH:
        try:
            blocks, _ = fetch_boundaries(transport, _DECADE, state, folder, "block", "tiger")
        except ServiceError as error:
            notes.append(f"No blocks: {error.what}")
            return None
    else:
        blocks, _, _ = read_boundaries(Path(named), "block", named)
    here = blocks[blocks.index.str[:11].isin(tracts.index)]
    if here.empty:
        raise GeographyError(
            f"Not one block of {named} lies in the tracts of this campaign.",
            "Name the block file of 2020 of its state.",
        )
    return here


def _find_polygons(
    tracts: gpd.GeoDataFrame,
    asked: Units,
    state: str,
    year: int,
    transport: Transport,
    folder: Path,
) -> tuple[gpd.GeoDataFrame, str]:
    """Read the polygons that the user names, or the Bureau's ZCTAs around the tracts."""
    if asked.zips:
        areas, _ = read_districts(
            Districts(name="ZIP", file=asked.zips, id_column=asked.zip_column), transport, folder
        )
        return areas, "zip"
    areas, _ = fetch_boundaries(transport, year, state, folder, "zcta")
    west, south, east, north = tracts.total_bounds
    near = areas.cx[west:east, south:north]
    if near.empty:
        raise GeographyError(
            "The Bureau's ZCTA file has no area here.",
            "Name ZIP polygons or HUD's file in [units] zips.",
        )
    return near, "zcta"


def _find_relationship(
    tracts: gpd.GeoDataFrame, transport: Transport, folder: Path, notes: list[str]
) -> list[pd.DataFrame]:
    """Read the Bureau's file of ZCTAs and tracts; one that cannot be fetched, or knows none of these tracts, is noted."""
    try:
        file = fetch_file(transport, ZCTA_RELATIONSHIP, folder)
    except ServiceError as error:
        notes.append(f"No file of ZCTAs and tracts: {error.what}")
        return []
    crosswalk = read_zcta_relationship(file.path.read_bytes())
    here = crosswalk[crosswalk["source"].isin(tracts.index)].reset_index(drop=True)
    if here.empty:
        notes.append("The Bureau's file of ZCTAs and tracts knows none of these tracts.")
        return []
    return [here]
