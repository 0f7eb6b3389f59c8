"""Find how much of each tract lies in each ZIP, from the best available source.

From best to worst:

- HUD's tract-to-ZIP file, given by the user: true ZIPs, by residential addresses.
- The Bureau's 2020 blocks with ``HOUSING20``; whole blocks make up a ZCTA
  (https://www2.census.gov/geo/tiger/TIGER2020/TABBLOCK20/). The file of a large state has 100 MB
  or more, so it is fetched only on request.
- The Bureau's 2020 file of ZCTAs and tracts, by land area.
- An overlay of polygons, by land area.

A ZIP is a set of mail routes and a ZCTA the Bureau's map of one. ``target_kind`` and every note
say which of the two was used.
"""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from geo.boundaries import fetch_boundaries, read_boundaries
from geo.crosswalk.error import compare_crosswalks
from geo.crosswalk.overlay import overlay_areas, place_blocks, weigh_blocks
from geo.crosswalk.sources import ZCTA_RELATIONSHIP, read_hud, read_zcta_relationship
from geo.districts import read_districts
from geo.download import fetch_file
from outreach.errors import GeographyError, ServiceError
from outreach.partners import match_codes
from outreach.tables import Crosswalk, DataFrame, GeoDataFrame, Tracts, as_table
from outreach.transport import Transport
from outreach.user_files.map import is_map

#: The value of ``ZipRequest.blocks`` that means "fetch the Bureau's block file".
FETCH = "auto"
_DECADE = 2020


@dataclass(frozen=True, slots=True)
class ZipRequest:
    """Which ZIP source to use.

    Parameters
    ----------
    file
        HUD's file (a table) or a file of ZIP polygons; empty for the Bureau's ZCTAs.
    id_column
        Column with the ZIP in a file of polygons.
    blocks
        A block file, :data:`FETCH`, or empty for none.
    layer
        The layer of the polygons, where their file has several.
    """

    file: str = ""
    id_column: str = "zip"
    blocks: str = ""
    layer: str | None = None


@dataclass(frozen=True)
class ZipSource:
    """The ZIPs around the tracts and where they come from.

    Parameters
    ----------
    crosswalk
        From tracts to ZIPs or ZCTAs, from the best available source.
    ground
        Their polygons, if any.
    blocks
        Blocks of the tracts with ``housing_units_count``, if requested.
    notes
        Where the shares come from and the error of the next best source, for people.
    """

    crosswalk: DataFrame[Crosswalk]
    ground: gpd.GeoDataFrame | None
    blocks: gpd.GeoDataFrame | None
    notes: tuple[str, ...]


def find_zips(
    tracts: GeoDataFrame[Tracts],
    request: ZipRequest,
    state: str,
    year: int,
    transport: Transport,
    folder: Path,
) -> ZipSource:
    """Find the ZIPs that tracts lie in.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts`, each with a polygon.
    request
        Which source to use.
    state
        State FIPS code, two digits.
    year
        Vintage of the boundaries.
    transport
        The HTTP session.
    folder
        The file cache.

    Raises
    ------
    GeographyError
        A file of the user cannot be used, or the Bureau's map has no ZCTA here.
    ServiceError
        The Bureau's map of ZCTAs cannot be fetched. Its other files are skipped with a note.
    """
    notes: list[str] = []
    blocks = _find_blocks(tracts, request.blocks, state, transport, folder, notes)

    # List the crosswalks from best to worst.
    if _is_hud(request.file):
        crosswalks, ground = [read_hud(Path(request.file))], None
        notes.append(_match_hud(crosswalks[0], tracts, request.file))
    else:
        ground, kind = _find_polygons(tracts, request, state, year, transport, folder)
        crosswalks = []
        if blocks is not None:
            crosswalks.append(weigh_blocks(blocks, place_blocks(blocks, ground), kind))
        if kind == "zcta" and year >= _DECADE:
            crosswalks += _find_relationship(tracts, transport, folder, notes)
        crosswalks.append(overlay_areas(tracts, ground, (f"tract{_DECADE}", kind)))

    # Describe the best one, and how far the next one is from it.
    best = crosswalks[0]
    notes.append(_describe_shares(best))
    households = tracts["households_count"].fillna(0.0)
    notes += [compare_crosswalks(best, other, households).line() for other in crosswalks[1:2]]
    return ZipSource(best, ground, blocks, tuple(filter(None, notes)))


def _is_hud(file: str) -> bool:
    """Whether a file of the user is a table, which is HUD's, and not a map."""
    if not file or file.startswith(("http://", "https://")):
        return False
    return not is_map(Path(file))


def _match_hud(crosswalk: DataFrame[Crosswalk], tracts: gpd.GeoDataFrame, origin: str) -> str:
    """Refuse HUD's file where it lacks tracts with households, and describe a few that it lacks."""
    households = tracts["households_count"].fillna(0.0)
    return match_codes(
        households.index[households > 0],
        crosswalk["source"],
        "tracts with households",
        "tract of HUD's file",
        origin,
        households,
    )


def _describe_shares(crosswalk: DataFrame[Crosswalk]) -> str:
    """Describe where the shares of a crosswalk come from."""
    places = "ZIPs" if crosswalk["target_kind"].iloc[0] == "zip" else "ZCTAs (the Bureau's ZIP map)"
    unit = crosswalk["unit"].mode()[0].replace("_", " ")
    sources = {
        "hud": "HUD's file",
        "blocks": "the Bureau's blocks",
        "relationship": "the Bureau's file of ZCTAs and tracts",
    }
    source = sources.get(str(crosswalk["method"].iloc[0]), "an overlay of polygons")
    return f"Tracts are split over {places} by {unit}, from {source}."


def _find_blocks(
    tracts: GeoDataFrame[Tracts],
    file: str,
    state: str,
    transport: Transport,
    folder: Path,
    notes: list[str],
) -> gpd.GeoDataFrame | None:
    """Read the blocks of the tracts if requested; note blocks that cannot be fetched."""
    if not file:
        return None

    if file == FETCH:
        try:
            blocks, _ = fetch_boundaries(transport, _DECADE, state, folder, "block", "tiger")
        except ServiceError as error:
            notes.append(f"No blocks: {error.what}")
            return None
    else:
        blocks, _, _ = read_boundaries(Path(file), "block", file)

    inside = blocks[blocks.index.str[:11].isin(tracts.index)]
    if inside.empty:
        raise GeographyError(
            f"No block in {file} lies in the tracts of this campaign.",
            "Name the 2020 block file of the campaign's state.",
        )
    return inside


def _find_polygons(
    tracts: GeoDataFrame[Tracts],
    request: ZipRequest,
    state: str,
    year: int,
    transport: Transport,
    folder: Path,
) -> tuple[gpd.GeoDataFrame, str]:
    """Read the user's ZIP polygons, or the Bureau's ZCTAs around the tracts."""
    if request.file:
        areas, _ = read_districts(
            "ZIP",
            request.file,
            request.id_column,
            transport=transport,
            cache_folder=folder,
            layer=request.layer,
        )
        return areas, "zip"

    areas, _ = fetch_boundaries(transport, year, state, folder, "zcta")
    west, south, east, north = tracts.total_bounds
    nearby = areas.cx[west:east, south:north]
    if nearby.empty:
        raise GeographyError(
            "The Bureau's ZCTA file has no area here.",
            "Name ZIP polygons or HUD's file in [units] zips.",
        )
    return nearby, "zcta"


def _find_relationship(
    tracts: GeoDataFrame[Tracts], transport: Transport, folder: Path, notes: list[str]
) -> list[DataFrame[Crosswalk]]:
    """Read the Bureau's file of ZCTAs and tracts; note why if it is of no use here."""
    try:
        file = fetch_file(transport, ZCTA_RELATIONSHIP, folder)
    except ServiceError as error:
        notes.append(f"No file of ZCTAs and tracts: {error.what}")
        return []

    crosswalk = read_zcta_relationship(file.path.read_bytes())
    inside = as_table(
        crosswalk[crosswalk["source"].isin(tracts.index)].reset_index(drop=True), Crosswalk
    )
    if inside.empty:
        notes.append("The Bureau's file of ZCTAs and tracts has none of these tracts.")
        return []
    return [inside]
