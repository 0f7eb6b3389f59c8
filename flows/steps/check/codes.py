"""Check that a campaign's states, counties, places, and languages exist.

States and counties are those of the ``us`` package, as the 2020 Census has them. Places are those
of the Bureau's boundary file.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import us

from flows.steps.check.finding import Finding
from geo.boundaries import fetch_boundaries
from models.audience.languages import LANGUAGES
from models.scores.languages import read_codes
from outreach import connecticut
from outreach.campaign import Area, Campaign
from outreach.errors import GeographyError, ServiceError
from outreach.phrasing import join_words, list_names
from outreach.settings import Settings
from outreach.transport import API_URL, Transport

#: By FIPS code. The library leaves the District of Columbia out of its lists of states.
_STATES = {str(state.fips): state for state in (*us.STATES_AND_TERRITORIES, us.states.DC)}
#: Most names that a sentence lists.
_LISTED = 12


def check_codes(campaign: Campaign, settings: Settings, transport: Transport) -> Iterator[Finding]:
    """Check the codes of all areas and the languages of the campaign.

    Codes are those of the country only where the Bureau's own service answers; a sandbox may serve
    an invented county.
    """
    if urlsplit(settings.api_url).netloc == urlsplit(API_URL).netloc:
        for number, area in enumerate(campaign.areas, start=1):
            yield from _check_area(area, f"areas[{number}]")
    yield from _check_places(campaign, settings, transport)
    yield from _check_languages(campaign)


def _check_area(area: Area, key: str) -> Iterator[Finding]:
    """Check the state and county of one area."""
    state = _STATES.get(area.state)
    if state is None:
        yield Finding(
            f"'{key}.state': no state has the FIPS code {area.state}."
            " Look the code up in the Bureau's list of states."
        )
        return
    counties = {str(county.fips)[2:]: str(county.name) for county in state.counties}
    if area.county is None or area.county in counties or not counties:
        return
    if area.state == connecticut.STATE and area.county in connecticut.REGIONS:
        return
    yield Finding(
        f"'{key}.county': {state.name} has no county with the code {area.county}."
        f" Choose from: {_list_counties(counties)}."
    )


def _list_counties(counties: dict[str, str]) -> str:
    """List the first counties with their codes."""
    return list_names([f"{code} {name}" for code, name in sorted(counties.items())], _LISTED)


def _check_places(
    campaign: Campaign, settings: Settings, transport: Transport
) -> Iterator[Finding]:
    """Check that every place is in the Bureau's file of its state."""
    year = campaign.vintages.boundaries
    for number, area in enumerate(campaign.areas, start=1):
        if not area.place:
            continue
        try:
            places, _ = fetch_boundaries(
                transport, year, area.state, settings.files_cache, layer="place"
            )
        except (ServiceError, GeographyError) as error:
            yield Finding(f"'areas[{number}].place' could not be checked: {error}", is_fault=False)
            continue
        if f"{area.state}{area.place}" not in places.index:
            yield Finding(
                f"'areas[{number}].place': state {area.state} has no place with the code"
                f" {area.place} in {year}. Look the code up in the Bureau's list of places."
            )


def _check_languages(campaign: Campaign) -> Iterator[Finding]:
    """Check that floors and creative are in languages of the census."""
    known = f"{join_words(list(LANGUAGES))}"
    for number, floor in enumerate(campaign.floors, start=1):
        if floor.language is not None and not read_codes((floor.language,)) & set(LANGUAGES):
            yield Finding(
                f"'floors[{number}].language': the census counts no households that speak"
                f" '{floor.language}'. Choose from: {known}."
            )
    for language in campaign.creative_languages:
        if not read_codes((language,)) & set(LANGUAGES):
            yield Finding(
                f"'creative_languages': the census counts no households that speak '{language}',"
                f" so ads in it reach nobody here. It counts {known}.",
                is_fault=False,
            )
