"""Find the FIPS codes of a state, county, or place by its name.

States and counties are those of the ``us`` package, as the 2020 Census has them. Places are those
of the Bureau's boundary file of a state, and are looked for where the state is named.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import us
from pydantic import SecretStr

from geo.boundaries import fetch_boundaries
from outreach import connecticut
from outreach.campaign import Area
from outreach.errors import CampaignError, GeographyError, ServiceError
from outreach.phrasing import list_names
from outreach.settings import Settings
from outreach.transport import Transport

_PLACES_YEAR = 2020
#: What a name may end with; people leave it out.
_ENDING = re.compile(
    r" (county|parish|borough|census area|municipality|planning region|city and borough|city|town"
    r"|village|cdp)$"
)
#: How well a name fits, the best first.
_SAME, _SAME_WITHOUT_ENDING, _BEGINS, _CONTAINS = range(4)
_LISTED = 8


@dataclass(frozen=True, slots=True)
class FoundArea:
    """An area that a name may mean.

    Parameters
    ----------
    title
        Its name with the state's.
    kind
        ``state``, ``county``, or ``place``.
    area
        Its codes.
    fit
        How well the name fits: 0 is the same, higher is worse.
    """

    title: str
    kind: str
    area: Area
    fit: int

    @property
    def name(self) -> str:
        """Its name without the state and, for a place, without what kind of place it is."""
        name = self.title.rpartition(", ")[0] or self.title
        return (
            re.sub(r" (city|town|village|borough|CDP)$", "", name) if self.kind == "place" else name
        )

    @property
    def codes(self) -> str:
        """The codes as a campaign writes them."""
        given = {"state": self.area.state, "county": self.area.county, "place": self.area.place}
        return ", ".join(f'{key} = "{code}"' for key, code in given.items() if code)


def find_areas(name: str, settings: Settings) -> tuple[list[FoundArea], list[str]]:
    """Find the areas that a name may mean, such as ``Durham, NC`` or ``Cook County, Illinois``.

    Parameters
    ----------
    name
        A name, with or without its state behind a comma.
    settings
        Addresses and cache, for the file of places.

    Returns
    -------
    list of FoundArea, list of str
        The areas, those that fit best first, and remarks on what was not searched.

    Raises
    ------
    CampaignError
        The part behind the comma is no state.
    """
    words, _, behind = name.partition(",")
    needle, remarks = _simplify(words), []
    if behind.strip():
        states = [_find_state(behind.strip())]
    else:
        states = [*us.STATES, us.states.DC, *us.TERRITORIES]
        remarks.append(f"Name the state too, as in '{words.strip()}, IL', to search its places.")

    found = [area for state in states for area in _list_counties(state, needle)]
    if not behind.strip():
        found += [
            FoundArea(str(state.name), "state", Area(state=str(state.fips)), fit)
            for state in states
            if (fit := _compare(needle, str(state.name))) is not None
        ]
    else:
        try:
            found += _list_places(states[0], needle, settings)
        except (ServiceError, GeographyError) as error:
            remarks.append(f"Places could not be searched: {error}")
    return sorted(found, key=lambda each: (each.fit, each.kind != "place", each.title)), remarks


def choose_area(name: str, settings: Settings) -> FoundArea:
    """Return the one area that a name means; a place goes before a county of the same name.

    Raises
    ------
    CampaignError
        Nothing fits, several areas fit alike, or a place may fit better and places could not be
        searched.
    """
    found, remarks = find_areas(name, settings)
    if not found:
        raise CampaignError(
            f"No state, county, or place is called '{name}'.", " ".join(remarks) or "Check it."
        )
    # "Durham, NC" is the city; "Durham County, NC" fits the county alone.
    best = [area for area in found if area.fit == found[0].fit]
    best = [area for area in best if area.kind == best[0].kind] or best
    if found[0].fit > _SAME_WITHOUT_ENDING or len(best) > 1:
        titles = list_names([area.title for area in found], _LISTED)
        raise CampaignError(
            f"'{name}' may mean {titles}.", "Write the whole name, with the state behind a comma."
        )
    if remarks and best[0].fit > _SAME:
        raise CampaignError(
            f"'{name}' may be {best[0].title}, or a place that was not looked for."
            f" {' '.join(remarks)}",
            f"Write '{best[0].title}' if you mean that one.",
        )
    return best[0]


def _find_state(name: str) -> us.states.State:
    """Return a state by its name or postal code."""
    for state in (*us.STATES_AND_TERRITORIES, us.states.DC):
        if name.casefold() in {str(state.name).casefold(), str(state.abbr).casefold()}:
            return state
    raise CampaignError(
        f"'{name}' is no state.", "Write its name or its postal code, as in 'Durham, NC'."
    )


def _list_counties(state: us.states.State, needle: str) -> Iterator[FoundArea]:
    """List the counties of a state whose name fits, and Connecticut's planning regions."""
    counties = {str(county.fips)[2:]: str(county.name) for county in state.counties}
    if str(state.fips) == connecticut.STATE:
        counties |= {
            code: f"{region} Planning Region" for code, region in connecticut.REGIONS.items()
        }
    for code, county in counties.items():
        fit = _compare(needle, county)
        if fit is not None:
            area = Area(state=str(state.fips), county=code)
            yield FoundArea(f"{county}, {state.name}", "county", area, fit)


def _list_places(state: us.states.State, needle: str, settings: Settings) -> Iterator[FoundArea]:
    """List the places of a state whose name fits."""
    transport = Transport(settings, SecretStr(""))
    places, _ = fetch_boundaries(
        transport, _PLACES_YEAR, str(state.fips), settings.files_cache, layer="place"
    )
    titles = places["full_name"] if "full_name" in places else places["name"]
    for geoid, title in titles.items():
        fit = _compare(needle, str(title))
        if fit is not None:
            area = Area(state=str(state.fips), place=str(geoid)[2:])
            yield FoundArea(f"{title}, {state.name}", "place", area, fit)


def _simplify(name: str) -> str:
    """Return a name without case, accents of punctuation, and spellings of "Saint"."""
    words = re.sub(r"[^\w ]", "", name.casefold().replace("-", " ")).split()
    return " ".join("st" if word == "saint" else word for word in words)


def _compare(needle: str, name: str) -> int | None:
    """Return how well a name fits; ``None`` if it does not."""
    simple = _simplify(name)
    if simple == needle:
        return _SAME
    if _ENDING.sub("", simple) == _ENDING.sub("", needle):
        # "Durham County" is not the city of Durham.
        return None if _ENDING.search(needle) else _SAME_WITHOUT_ENDING
    if simple.startswith(needle):
        return _BEGINS
    return _CONTAINS if f" {needle}" in f" {simple}" else None
