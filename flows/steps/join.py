"""Join the pulled tables into the tracts of a campaign."""

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from flows.steps.gather import Gathered
from flows.steps.pulled import Pulled
from geo.districts import find_tracts_in_place
from geo.join import join_tracts
from geo.join_report import JoinReport
from geo.profiles import ProfileSource, align_profiles
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.errors import NothingThere
from outreach.tables import DataFrame, GeoDataFrame, ResponseRates, TractProfiles, Tracts, as_table


@dataclass(frozen=True)
class Joined:
    """The tracts of a campaign, what became of each, and how many different ones the sources offered."""

    tracts: GeoDataFrame[Tracts]
    report: JoinReport
    offered_count: int


def join_gathered(campaign: Campaign, gathered: Gathered) -> Joined:
    """Join what was gathered into the tracts of the campaign's areas.

    Raises
    ------
    NothingThere
        An area holds no tract, or its place is not in the boundary file.
    """
    boundaries = _inside_areas(
        pd.concat([pulled.table for pulled in gathered.boundaries]), campaign, gathered.places
    )
    rates = pd.concat([pulled.table for pulled in gathered.rates])
    rates = rates[~rates.index.duplicated()]  # areas of a campaign may overlap
    rates = rates[[_is_asked(geoid, campaign, boundaries.index) for geoid in rates.index]]
    by_name: dict[str, list[Pulled]] = {}
    for pulled in gathered.profiles:
        by_name.setdefault(pulled.source.name, []).append(pulled)
    sources = [
        ProfileSource(
            name,
            as_table(_concat_unique(pulled.table for pulled in pulls), TractProfiles),
            pulls[0].tract_year,
        )
        for name, pulls in by_name.items()
    ]
    tracts, report = join_tracts(
        boundaries,
        as_table(rates, ResponseRates),
        [source for source in sources if len(source.table)],
        gathered.forward,
        gathered.backward,
        gathered.boundaries[0].tract_year,
    )
    return Joined(tracts, report, len({*boundaries.index, *rates.index}))


def place_race(gathered: Gathered, tracts: pd.DataFrame) -> pd.DataFrame | None:
    """Bring the race and origin of people to the campaign's tracts, for the equity sheet and for nothing else."""
    pulls = [pulled for pulled in gathered.race if len(pulled.table)]
    if not pulls:
        return None
    source = ProfileSource(
        "race",
        as_table(_concat_unique(pulled.table for pulled in pulls), TractProfiles),
        pulls[0].tract_year,
    )
    year = gathered.boundaries[0].tract_year
    return align_profiles([source], tracts.index, gathered.forward, gathered.backward, year).table


def read_season(
    archive: Archive, campaign: Campaign, tracts: pd.DataFrame
) -> DataFrame[ResponseRates]:
    """Read the season so far of the campaign's tracts: ResponseRates up to their data date, as far as the archive has them."""
    rates = archive.read(campaign.codes, through=tracts["data_date"].max().date())
    return as_table(rates[rates.index.isin(tracts.index)], ResponseRates)


def _concat_unique(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Put the areas of one source below each other; a tract in two areas stands once."""
    table = pd.concat(list(tables))
    return table[~table.index.duplicated()]


def _inside_areas(
    boundaries: gpd.GeoDataFrame, campaign: Campaign, places: tuple[Pulled, ...]
) -> gpd.GeoDataFrame:
    """Keep the tracts of the campaign's areas, a place by its polygon."""
    kept: set[str] = set()
    for area in campaign.areas:
        inside = boundaries[boundaries.index.map(area.holds)]
        if inside.empty:
            raise NothingThere(
                f"There is no tract in {area.label} in the boundary file of {campaign.vintages.boundaries}.",
                "Check the FIPS codes in [[areas]].",
            )
        strangers = sorted(set(area.tracts) - set(inside.index))
        if strangers:
            raise NothingThere(
                f"The tract {strangers[0]} ({len(strangers)} such) of [[areas]] is not in the boundary file of"
                f" {campaign.vintages.boundaries}.",
                "Check its code, or take it out.",
            )
        if area.place:
            outlines = pd.concat([pulled.table for pulled in places])
            place = outlines[outlines.index == area.state + area.place]
            if place.empty:
                raise NothingThere(
                    f"Place {area.place} of state {area.state} is not in the boundary file.",
                    "Check its FIPS code in [[areas]].",
                )
            inside = inside.loc[find_tracts_in_place(inside, place)]
        kept.update(inside.index)
    return boundaries[boundaries.index.isin(kept)]


def _is_asked(geoid: str, campaign: Campaign, drawn: pd.Index) -> bool:
    """Whether a rated tract belongs to the campaign; one without a polygon cannot lie in a place and counts by its codes elsewhere."""
    return geoid in drawn or any(area.holds(geoid) and not area.place for area in campaign.areas)
