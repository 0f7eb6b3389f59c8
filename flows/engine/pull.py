"""Submit the pulls of a campaign as Prefect tasks, areas side by side."""

import datetime as dt
from dataclasses import replace
from typing import Any

from flows.engine.tasks import (
    pull_boundaries,
    pull_profiles,
    pull_rates,
    pull_relationship,
    read_archived,
)
from flows.steps.gather import Gathered, align_dates, list_predictors
from flows.steps.pulled import Pulled, leave_out
from outreach.archive import Archive
from outreach.campaign import Area, Campaign
from outreach.census.client import discover_datasets
from outreach.dataset import Dataset
from outreach.errors import NothingThere, QueryRefused
from outreach.settings import Settings
from outreach.store import Input
from outreach.transport import Transport


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
    pulled_rates = align_dates(pulled_rates, campaign, archive)
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
