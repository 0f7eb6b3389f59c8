"""Gathering: everything that a campaign pulls, as one value, and its join into tracts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from flows.engine.tasks import (
    Pulled,
    hash_table,
    leave_out,
    pull_boundaries,
    pull_profiles,
    pull_rates,
    pull_relationship,
    read_archived,
)
from geo.districts import tracts_in_place
from geo.join import join_tracts
from geo.join_report import JoinReport
from geo.profiles import ProfileSource, bring_profiles
from outreach.archive import Archive
from outreach.campaign import Area, Campaign
from outreach.census.client import discover_datasets
from outreach.dataset import Dataset
from outreach.errors import DataError, NothingThere, QueryRefused
from outreach.settings import Settings
from outreach.store import Input
from outreach.transport import Transport


@dataclass(frozen=True)
class Gathered:
    """All tables that were pulled for one campaign."""

    rates: tuple[Pulled, ...]
    profiles: tuple[Pulled, ...]
    race: tuple[Pulled, ...]
    boundaries: tuple[Pulled, ...]
    places: tuple[Pulled, ...]
    forward: pd.DataFrame | None
    backward: pd.DataFrame | None
    relationship: tuple[Input, ...]

    @property
    def sources(self) -> tuple[Input, ...]:
        """The manifest's line about each."""
        pulls = (*self.rates, *self.profiles, *self.race, *self.boundaries, *self.places)
        return (*(pulled.source for pulled in pulls), *self.relationship)


def gather_tables(
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
    archive: Archive,
    on: dt.date | None,
) -> Gathered:
    """Pull everything that the campaign needs, areas side by side.

    Parameters
    ----------
    on
        A data date to read from the archive; ``None`` pulls what is published now.
    """
    datasets = discover_datasets()
    year = campaign.census_year
    if on is None:
        rates = [
            pull_rates.submit(datasets["responserate"], year, area, transport, archive)
            for area in campaign.areas
        ]
    else:
        rates = [
            read_archived.submit(datasets["responserate"], year, area, archive, on)
            for area in campaign.areas
        ]
    begun = dt.datetime.now(dt.UTC)
    wanted = [
        *list_predictors(campaign),
        *([("race", campaign.vintages.acs)] if campaign.vintages.acs else []),
    ]
    asked = [(datasets[name], vintage, area) for name, vintage in wanted for area in campaign.areas]
    profiles = [pull_profiles.submit(*one, transport, settings.api_url) for one in asked]
    states = sorted({area.state for area in campaign.areas})
    with_place = sorted({area.state for area in campaign.areas if area.place})
    edition = campaign.vintages.boundaries
    boundaries = [pull_boundaries.submit(settings, transport, edition, state) for state in states]
    places = [
        pull_boundaries.submit(settings, transport, edition, state, "place") for state in with_place
    ]
    _wait_for([*rates, *profiles, *boundaries, *places])
    pulled = [_take(future, one, begun) for future, one in zip(profiles, asked, strict=True)]
    pulled_race = tuple(one for one in pulled if one.source.name == "race")
    pulled_profiles = tuple(one for one in pulled if one.source.name != "race")
    pulled_rates, pulled_boundaries, pulled_places = (
        tuple(future.result() for future in futures) for futures in (rates, boundaries, places)
    )
    pulled_rates = _align_dates(pulled_rates, campaign, archive)
    tract_year = pulled_boundaries[0].tract_year
    forward, backward = None, None
    relationship: tuple[Input, ...] = ()
    if any(len(pulled.table) and pulled.tract_year != tract_year for pulled in pulled_profiles):
        forward, backward, source = pull_relationship(settings, transport)
        relationship = (source,)
    return Gathered(
        pulled_rates,
        pulled_profiles,
        pulled_race,
        pulled_boundaries,
        pulled_places,
        forward,
        backward,
        relationship,
    )


@dataclass(frozen=True)
class Joined:
    """The tracts of a campaign, what became of each, and how many different ones the sources offered."""

    tracts: gpd.GeoDataFrame
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
        ProfileSource(name, _concat_unique(pulled.table for pulled in pulls), pulls[0].tract_year)
        for name, pulls in by_name.items()
    ]
    tracts, report = join_tracts(
        boundaries,
        rates,
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
        "race", _concat_unique(pulled.table for pulled in pulls), pulls[0].tract_year
    )
    year = gathered.boundaries[0].tract_year
    return bring_profiles([source], tracts.index, gathered.forward, gathered.backward, year).table


def read_season(archive: Archive, campaign: Campaign, tracts: pd.DataFrame) -> pd.DataFrame:
    """Read the season so far of the campaign's tracts: ResponseRates up to their data date, as far as the archive has them."""
    rates = archive.read(list(campaign.areas), through=tracts["data_date"].max().date())
    return rates[rates.index.isin(tracts.index)]


def list_predictors(campaign: Campaign) -> list[tuple[str, int]]:
    """Name the predictor datasets and years that a campaign wants, the most trusted first."""
    wanted = [
        ("acs5", campaign.vintages.acs),
        ("planning_database", campaign.vintages.planning_database),
        ("responserate2010", 2010 if campaign.census_year > 2010 else 0),  # noqa: PLR2004  the census before
    ]
    return [(name, year) for name, year in wanted if year]


def _wait_for(futures: list[Any]) -> None:
    """Wait for all before the first failure is raised, so that what came in is archived."""
    for future in futures:
        future.wait()


def _take(future: Any, asked: tuple[Dataset, int, Area], begun: dt.datetime) -> Pulled:
    """Return a source of predictors, or an empty one with a note; one that came from the cache cost no request."""
    try:
        pulled: Pulled = future.result()
    except (NothingThere, QueryRefused) as error:
        return leave_out(*asked, error.what)
    if pulled.source.fetched_at >= begun:
        return pulled
    return replace(pulled, source=pulled.source.model_copy(update={"requests": 0}))


def _align_dates(
    pulls: tuple[Pulled, ...], campaign: Campaign, archive: Archive
) -> tuple[Pulled, ...]:
    """Bring all areas to the newest data date that every one of them has; rates of different days are never ranked together.

    Raises
    ------
    DataError
        An area was published with a newer date than the others and the archive does not hold the
        common one.
    """
    common = min(pulled.table["data_date"].max() for pulled in pulls)
    aligned = []
    for area, pulled in zip(campaign.areas, pulls, strict=True):
        newest = pulled.table["data_date"].max()
        if newest == common:
            aligned.append(pulled)
            continue
        older = archive.read([area], on=common.date())
        if older.empty:
            raise DataError(
                f"The rates of {area.label} are of {newest.date()}, those of another area still of {common.date()}.",
                "Run again when all are published, or choose a date that the archive has for all with --date.",
            )
        source = pulled.source.model_copy(
            update={
                "data_date": common.date(),
                "rows": len(older),
                "sha256": hash_table(older),
                "note": "older date, from the archive",
            }
        )
        aligned.append(replace(pulled, table=older, source=source))
    return tuple(aligned)


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
            inside = inside.loc[tracts_in_place(inside, place)]
        kept.update(inside.index)
    return boundaries[boundaries.index.isin(kept)]


def _is_asked(geoid: str, campaign: Campaign, drawn: pd.Index) -> bool:
    """Whether a rated tract belongs to the campaign; one without a polygon cannot lie in a place and counts by its codes elsewhere."""
    return geoid in drawn or any(area.holds(geoid) and not area.place for area in campaign.areas)
