"""Divide tracts among districts, the same way for the map and for the reports."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.boundaries import fetch_boundaries
from geo.boundary_layers import LAYERS
from geo.crosswalk.chain import chain_crosswalks
from geo.crosswalk.overlay import place_blocks, weigh_blocks
from geo.crosswalk.relationship import fetch_relationship, find_relationship, read_relationship
from geo.crosswalk.sources import read_user_crosswalk
from geo.districts import assign_districts
from geo.download import has_file
from outreach.campaign import AUTO, Districts
from outreach.errors import GeographyError, InputError, ServiceError
from outreach.partners import match_codes
from outreach.settings import Settings
from outreach.tables import Crosswalk, DataFrame, DistrictShapes, GeoDataFrame, Tracts, as_table
from outreach.transport import Transport

#: The blocks are those of this census.
_BLOCK_YEAR = 2020
#: A tract lies wholly in districts beyond this share of its land.
_WHOLLY = 0.999
#: A crosswalk covers a tract that lies wholly in districts beyond this share.
_MOSTLY = 0.9


@dataclass(frozen=True)
class Division:
    """How tracts are divided among one kind of district.

    Parameters
    ----------
    crosswalk
        The one to count by: the campaign's own, the housing units of blocks, or else land area.
    land
        The same by land area.
    notes
        Sentences about the few codes that meet no partner, or why land area divides the tracts.
    """

    crosswalk: DataFrame[Crosswalk]
    land: DataFrame[Crosswalk]
    notes: tuple[str, ...] = ()

    @property
    def others(self) -> dict[str, DataFrame[Crosswalk]]:
        """Other ways to divide them, by name, which show the error of the division."""
        return {} if self.crosswalk is self.land else {"land": self.land}


def prefer_homes(requested: Districts, tracts: pd.Index, settings: Settings) -> Districts:
    """Return the kind of district, divided by the homes of blocks where we hold their files.

    Homes divide tracts better than land does, but a state's file is 100 MB and more. So it is
    downloaded only where a campaign asks for it, and used by every campaign from then on.

    Parameters
    ----------
    requested
        The kind of district in the campaign; one that names a crosswalk remains as it is.
    tracts
        Codes of the tracts.
    settings
        Where the file cache is.
    """
    if requested.crosswalk:
        return requested
    addresses = (
        LAYERS["block"].address(_BLOCK_YEAR, state, "tiger") for state in set(tracts.str[:2])
    )
    is_held = all(has_file(address, settings.files_cache) for address in addresses)
    return requested.model_copy(update={"crosswalk": AUTO}) if is_held else requested


def divide_tracts(
    tracts: GeoDataFrame[Tracts],
    shapes: GeoDataFrame[DistrictShapes],
    requested: Districts,
    tract_year: int,
    settings: Settings,
    transport: Transport,
) -> Division:
    """Divide the tracts among the districts: by the campaign's crosswalk if any, else by land.

    The crosswalk ``auto`` is made of the housing units in the Bureau's 2020 blocks. Where these
    cannot be had, a note says so, and land area divides the tracts.

    Parameters
    ----------
    tracts
        Tracts with geometry and ``households_count``.
    shapes
        The districts, index their ids.
    requested
        The kind of district in the campaign.
    tract_year
        Census year of the tracts.

    Raises
    ------
    InputError
        The crosswalk does not fit the districts or the tracts.
    ServiceError
        The crosswalk is on tracts of another census, and the relationship file is not to be had.
    """
    land = assign_districts(tracts, shapes, requested.name, tract_year)
    if not requested.crosswalk:
        return Division(land, land)
    if requested.crosswalk == AUTO:
        return _divide_by_blocks(tracts, shapes, land, tract_year, settings, transport)
    crosswalk = read_crosswalk(requested, tract_year, settings, transport)
    households = tracts["households_count"].fillna(0.0)
    notes = match_crosswalk(crosswalk, land, shapes.index, households, requested.crosswalk)
    return Division(as_table(crosswalk, Crosswalk), land, notes)


def _divide_by_blocks(
    tracts: GeoDataFrame[Tracts],
    shapes: GeoDataFrame[DistrictShapes],
    land: DataFrame[Crosswalk],
    tract_year: int,
    settings: Settings,
    transport: Transport,
) -> Division:
    """Divide the tracts by the housing units of the blocks in them, or by land with a note."""
    kind = str(land["target_kind"].iloc[0])
    try:
        whole = _weigh_blocks(tracts.index, shapes, kind, transport, settings.files_cache)
        crosswalk = _carry_to_year(whole, _BLOCK_YEAR, tract_year, settings, transport)
        inside = crosswalk[crosswalk["source"].isin(tracts.index)].reset_index(drop=True)
        households = tracts["households_count"].fillna(0.0)
        notes = match_crosswalk(inside, land, shapes.index, households, "the block file")
    except (ServiceError, GeographyError, InputError) as error:
        note = f"Land area, not households, divides the tracts among districts. {error}"
        return Division(land, land, (note,))
    return Division(as_table(inside, Crosswalk), land, notes)


def _weigh_blocks(
    tracts: pd.Index,
    shapes: GeoDataFrame[DistrictShapes],
    kind: str,
    transport: Transport,
    folder: Path,
) -> DataFrame[Crosswalk]:
    """Return the crosswalk from the 2020 tracts of the same counties, by housing units."""
    crosswalks = []
    for state in sorted(set(tracts.str[:2])):
        blocks, _ = fetch_boundaries(transport, _BLOCK_YEAR, state, folder, "block", "tiger")
        nearby = blocks[blocks.index.str[:5].isin(tracts.str[:5])]
        if nearby.empty:
            raise GeographyError(
                f"The block file of state {state} has none of these counties.",
                "Name a crosswalk of your own.",
            )
        crosswalks.append(weigh_blocks(nearby, place_blocks(nearby, shapes), kind))
    return as_table(pd.concat(crosswalks, ignore_index=True), Crosswalk)


def read_crosswalk(
    districts: Districts, tract_year: int, settings: Settings, transport: Transport
) -> DataFrame[Crosswalk]:
    """Read the crosswalk that a campaign names.

    A crosswalk on tracts of another census is chained with the relationship file.
    """
    year = districts.crosswalk_tract_year
    own = read_user_crosswalk(
        Path(str(districts.crosswalk)),
        districts.crosswalk_unit,
        (f"tract{year}", districts.name),
    )
    return _carry_to_year(own, year, tract_year, settings, transport)


def _carry_to_year(
    crosswalk: DataFrame[Crosswalk],
    year: int,
    tract_year: int,
    settings: Settings,
    transport: Transport,
) -> DataFrame[Crosswalk]:
    """Carry a crosswalk from tracts of one census to those of another, if they differ."""
    if year == tract_year:
        return crosswalk
    declared = find_relationship(year, tract_year)
    file = fetch_relationship(transport, declared, settings.files_cache)
    forward, backward = read_relationship(file.path.read_bytes(), declared)
    return chain_crosswalks(backward if year < tract_year else forward, crosswalk)


def match_crosswalk(
    crosswalk: pd.DataFrame,
    land: pd.DataFrame,
    districts: pd.Index,
    households: "pd.Series[float]",
    origin: str,
) -> tuple[str, ...]:
    """Check that a crosswalk's targets are districts and that it covers the tracts inside them.

    Parameters
    ----------
    crosswalk
        From tracts to districts, of the campaign.
    land
        The same by land, which shows the tracts that lie wholly in districts.
    districts
        The ids of the districts.
    households
        Households by tract.
    origin
        The crosswalk's file, for messages.

    Returns
    -------
    tuple of str
        Sentences about the few codes that meet no partner.

    Raises
    ------
    InputError
        Targets or tracts with many households meet no partner.
    """
    # Both sides by households: a target by those that the crosswalk gives to it.
    assigned = crosswalk[crosswalk["target"] != ""]
    rows = assigned[assigned["source"].isin(households.index)]
    given = rows["weight"] * rows["source"].map(households).astype(float)
    targets = match_codes(
        rows["target"],
        districts,
        "targets of the crosswalk",
        "district of the file",
        origin,
        given.groupby(rows["target"]).sum(),
    )
    inside = land[land["target"] != ""].groupby("source")["weight"].sum()
    covered = assigned.groupby("source")["weight"].sum()
    sources = match_codes(
        inside.index[inside > _WHOLLY],
        covered.index[covered > _MOSTLY],
        "tracts inside the districts",
        "source that the crosswalk divides among districts",
        origin,
        households,
    )
    return tuple(filter(None, (targets, sources)))
