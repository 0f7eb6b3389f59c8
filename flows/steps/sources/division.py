"""Divide tracts among districts, the same way for the map and for the reports."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.crosswalk.chain import chain_crosswalks
from geo.crosswalk.sources import TRACT_RELATIONSHIP, read_relationship, read_user_crosswalk
from geo.districts import assign_districts
from geo.download import fetch_file
from outreach.campaign import Districts
from outreach.partners import match_codes
from outreach.settings import Settings
from outreach.tables import Crosswalk, DataFrame, DistrictShapes, GeoDataFrame, Tracts, as_table
from outreach.transport import Transport

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
        The one to count by: the campaign's own, or else land area.
    land
        The same by land area.
    notes
        Sentences about the few codes that meet no partner.
    """

    crosswalk: DataFrame[Crosswalk]
    land: DataFrame[Crosswalk]
    notes: tuple[str, ...] = ()


def divide_tracts(
    tracts: GeoDataFrame[Tracts],
    shapes: GeoDataFrame[DistrictShapes],
    requested: Districts,
    tract_year: int,
    settings: Settings,
    transport: Transport,
) -> Division:
    """Divide the tracts among the districts: by the campaign's crosswalk if any, else by land.

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
    crosswalk = read_crosswalk(requested, tract_year, settings, transport)
    households = tracts["households_count"].fillna(0.0)
    notes = match_crosswalk(crosswalk, land, shapes.index, households, requested.crosswalk)
    return Division(as_table(crosswalk, Crosswalk), land, notes)


def read_crosswalk(
    districts: Districts, tract_year: int, settings: Settings, transport: Transport
) -> pd.DataFrame:
    """Read the crosswalk that a campaign names.

    A crosswalk on tracts of another census is chained with the relationship file.
    """
    year = districts.crosswalk_tract_year
    own = read_user_crosswalk(
        Path(str(districts.crosswalk)),
        districts.crosswalk_unit,
        (f"tract{year}", districts.name),
    )
    if year == tract_year:
        return own
    file = fetch_file(transport, TRACT_RELATIONSHIP, settings.files_cache)
    forward, backward = read_relationship(file.path.read_bytes())
    return chain_crosswalks(backward if year < tract_year else forward, own)


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
