"""Merge areas that overlap, so that nothing is requested twice."""

from collections.abc import Iterable

from outreach.campaign.parts import Area
from outreach.connecticut import STATE


def merge_areas(areas: Iterable[Area]) -> tuple[Area, ...]:
    """Return the fewest areas to request that hold all tracts of the areas.

    A place has no codes of its own, so its county or state stands for it. What lies in another area
    is not requested again, and all tracts that are named in one state are requested together.
    Several areas of Connecticut are requested as the state, which is all that one can ask for
    there: its counties have two codes (:mod:`outreach.connecticut`).

    Parameters
    ----------
    areas
        The areas of a campaign, in its order.

    Returns
    -------
    tuple of Area
        States and counties in the order of the campaign, Connecticut as a whole behind them, then
        named tracts. No two overlap.
    """
    areas = list(areas)
    in_connecticut = [area for area in areas if area.state == STATE]
    if len(in_connecticut) > 1:
        areas = [*(area for area in areas if area.state != STATE), Area(state=STATE)]
    whole = {
        area.codes[0]: Area(state=area.state, county=area.county)
        for area in areas
        if not area.tracts
    }
    states = [code for code, area in whole.items() if area.county is None]
    kept = [area for area in whole.values() if area.county is None or area.state not in states]

    # Named tracts outside of all that is requested whole.
    named: dict[str, set[str]] = {}
    for geoid in (geoid for area in areas for geoid in area.tracts):
        if not any(area.holds(geoid) for area in kept):
            named.setdefault(geoid[:2], set()).add(geoid)
    return (*kept, *(_name_tracts(state, geoids) for state, geoids in named.items()))


def _name_tracts(state: str, geoids: set[str]) -> Area:
    """Return the area of some tracts of a state; a county that holds them all is named."""
    counties = {geoid[2:5] for geoid in geoids}
    county = counties.pop() if len(counties) == 1 else None
    return Area(state=state, county=county, tracts=tuple(sorted(geoids)))
