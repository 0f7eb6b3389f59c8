"""Submit the pulls of a campaign as Prefect tasks, areas side by side."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flows.engine.tasks import (
    check_labels,
    pull_boundaries,
    pull_profiles,
    pull_rates,
    pull_relationship,
    read_archived,
)
from flows.steps.indicators.read import IndicatorPull
from flows.steps.planning.finals import read_finals, read_last_rates
from flows.steps.sources.gather import Gathered, align_dates, list_predictors, list_then
from flows.steps.sources.pulled import Pulled, make_empty_pull
from outreach.archive import Archive
from outreach.campaign import Area, Campaign, merge_areas
from outreach.census.client import discover_datasets
from outreach.dataset import Dataset
from outreach.errors import NothingThere, QueryRefused, ServiceUnavailable
from outreach.settings import Settings
from outreach.store import Input
from outreach.transport import Transport


@dataclass(frozen=True)
class _ProfileRequest:
    """Predictors of one area that are pulled together."""

    dataset: Dataset
    vintage: int
    area: Area


def gather_tables(
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
    archive: Archive,
    data_date: dt.date | None,
    *,
    indicators: tuple[IndicatorPull, ...] = (),
    finals: tuple[Pulled, ...] = (),
) -> Gathered:
    """Pull everything that the campaign needs, areas side by side; what they share is pulled once.

    Parameters
    ----------
    campaign
        Areas, census year, and vintages.
    settings, transport, archive
        The machine, the services, and the ledger of rates.
    data_date
        A data date to read from the archive; ``None`` pulls what is published now.
    indicators
        Figures that the campaign brings itself.
    finals
        For a plan: the final rates of the last census, in place of rates to pull.
    """
    datasets = discover_datasets()
    rates: list[Any] = []
    if not finals:
        rates = _submit_rates(campaign, datasets["responserate"], transport, archive, data_date)

    # Predictors of now and of the last census, and race for the equity sheet only.
    start = dt.datetime.now(dt.UTC)
    now, then = list_predictors(campaign), list_then(campaign)
    race = [("race", campaign.vintages.acs)] if campaign.vintages.acs else []
    requests = [
        _ProfileRequest(datasets[name], vintage, area)
        for name, vintage in dict.fromkeys([*now, *then, *race])
        for area in merge_areas(campaign.areas)
    ]
    profiles = [
        pull_profiles.submit(
            request.dataset, request.vintage, request.area, transport, settings.api_url
        )
        for request in requests
    ]

    labels = [
        check_labels.submit(group, vintage, transport, settings.api_url)
        for vintage, group in _group_by_list(requests)
    ]

    # Boundaries of tracts, and of places in the states that need them.
    edition = campaign.vintages.boundaries
    boundaries = [
        pull_boundaries.submit(settings, transport, edition, state)
        for state in sorted({area.state for area in campaign.areas})
    ]
    places = [
        pull_boundaries.submit(settings, transport, edition, state, "place")
        for state in sorted({area.state for area in campaign.areas if area.place})
    ]

    _wait_for_all([*rates, *profiles, *labels, *boundaries, *places])
    pulls: dict[tuple[str, int], list[Pulled]] = {}
    for future, request in zip(profiles, requests, strict=True):
        source = (request.dataset.name, request.vintage)
        pulls.setdefault(source, []).append(_take_profiles(future, request, start))
    return _add_relationship(
        Gathered(
            rates=align_dates(finals or _take_all(rates), campaign, archive),
            profiles=_pick(pulls, now),
            race=_pick(pulls, race),
            then=_pick(pulls, then),
            boundaries=_take_all(boundaries),
            places=_take_all(places),
            forward=None,
            backward=None,
            relationship=(),
            labels=tuple(source for future in labels for source in _take_labels(future, start)),
            indicators=indicators,
        ),
        settings,
        transport,
    )


def gather_phase(
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
    archive: Archive,
    data_date: dt.date | None,
    indicators: tuple[IndicatorPull, ...] = (),
) -> Gathered:
    """Pull what a campaign needs, whether it is a plan or works with rates.

    The parameters are those of :func:`gather_tables`.
    """
    if campaign.is_plan:
        return gather_plan(campaign, settings, transport, archive, indicators)
    return gather_tables(campaign, settings, transport, archive, data_date, indicators=indicators)


def gather_plan(
    campaign: Campaign,
    settings: Settings,
    transport: Transport,
    archive: Archive,
    indicators: tuple[IndicatorPull, ...] = (),
) -> Gathered:
    """Pull everything that a plan needs: the final rates of the last census stand for rates.

    Parameters
    ----------
    campaign
        Settled as a plan.
    settings, transport, archive, indicators
        As in :func:`gather_tables`.

    Raises
    ------
    NothingThere
        Neither the service nor the archive has final rates of the last census.
    """
    year, today = campaign.last_census, dt.datetime.now(dt.UTC).date()
    ledger = Archive(settings.archive_folder, year)
    finals = tuple(
        _pull_finals(area, year, today, settings, transport, ledger)
        for area in merge_areas(campaign.areas)
    )
    return gather_tables(
        campaign, settings, transport, archive, None, indicators=indicators, finals=finals
    )


def _pull_finals(
    area: Area,
    year: int,
    today: dt.date,
    settings: Settings,
    transport: Transport,
    ledger: Archive,
) -> Pulled:
    """Pull the final rates of a census; without them the last rates of its season stand in."""
    datasets = discover_datasets()
    try:
        final = pull_profiles(datasets["selfresponserate"], year, area, transport, settings.api_url)
        return read_finals(final, year, today)
    except (NothingThere, QueryRefused):
        pass
    try:
        last = pull_rates(datasets["responserate"], year, area, transport, ledger)
    except (NothingThere, QueryRefused):
        newest = ledger.latest_date(area.codes)
        if newest is None:
            raise
        last = read_archived(datasets["responserate"], year, area, ledger, newest)
    return read_last_rates(last, year, today)


def _pick(
    pulls: dict[tuple[str, int], list[Pulled]], sources: list[tuple[str, int]]
) -> tuple[Pulled, ...]:
    """Return the pulls of some sources, in their order."""
    return tuple(pull for source in sources for pull in pulls[source])


def _submit_rates(
    campaign: Campaign,
    dataset: Dataset,
    transport: Transport,
    archive: Archive,
    data_date: dt.date | None,
) -> list[Any]:
    """Submit the pulls of rates, or the reads from the archive."""
    year = campaign.census_year
    if data_date is None:
        return [
            pull_rates.submit(dataset, year, area, transport, archive)
            for area in merge_areas(campaign.areas)
        ]
    return [
        read_archived.submit(dataset, year, area, archive, data_date)
        for area in merge_areas(campaign.areas)
    ]


def _add_relationship(gathered: Gathered, settings: Settings, transport: Transport) -> Gathered:
    """Add the crosswalks between tract years if any predictors are on other tracts."""
    tract_year = gathered.boundaries[0].tract_year
    profiles = (*gathered.profiles, *gathered.then, *gathered.list_indicators(then=False))
    others = {pull.tract_year for pull in profiles if len(pull.table)} - {tract_year}
    if not others:
        return gathered
    # Sources of more than one other census are refused by the join, which names them.
    nearest = max(others) if max(others) < tract_year else min(others)
    forward, backward, source = pull_relationship(settings, transport, nearest, tract_year)
    return replace(gathered, forward=forward, backward=backward, relationship=(source,))


def _wait_for_all(futures: list[Any]) -> None:
    """Wait for all before the first failure is raised, so that pulled rates are archived."""
    for future in futures:
        future.wait()


def _take_all(futures: list[Any]) -> tuple[Pulled, ...]:
    """Return the results, or raise the first failure."""
    return tuple(future.result() for future in futures)


def _group_by_list(requests: list[_ProfileRequest]) -> list[tuple[int, tuple[Dataset, ...]]]:
    """Group the datasets whose labels stand in one list of the Bureau."""
    groups: dict[tuple[str, int], dict[str, Dataset]] = {}
    for request in requests:
        if any(each.bureau_labels for each in request.dataset.list_variables(request.vintage)):
            group = groups.setdefault((request.dataset.path, request.vintage), {})
            group[request.dataset.name] = request.dataset
    return [(vintage, tuple(group.values())) for (_, vintage), group in groups.items()]


def _take_labels(future: Any, start: dt.datetime) -> Iterator[Input]:
    """Return the record of a comparison of labels, or none if the list could not be had."""
    try:
        source: Input = future.result()
    except ServiceUnavailable as error:
        note = f"{error.what} What its variables mean was not compared with our declaration."
        yield Input(
            name="labels of variables",
            address="",
            rows=0,
            sha256="",
            fetched_at=start,
            requests=1,
            note=note,
        )
    else:
        yield source if source.fetched_at >= start else source.model_copy(update={"requests": 0})


def _take_profiles(future: Any, request: _ProfileRequest, start: dt.datetime) -> Pulled:
    """Return pulled predictors, or an empty table with a note if the source has none.

    A pull from the cache, which was fetched before ``start``, took no request.
    """
    try:
        pulled: Pulled = future.result()
    except (NothingThere, QueryRefused) as error:
        return make_empty_pull(request.dataset, request.vintage, request.area, error.what)
    if pulled.source.fetched_at >= start:
        return pulled
    return replace(pulled, source=pulled.source.model_copy(update={"requests": 0}))
