"""Name states and counties by their codes, without a file server.

Source: the ``us`` package, which has the Bureau's ANSI codes of 2020, and the planning regions that
take the place of Connecticut's counties from 2022 on (:mod:`outreach.connecticut`).
"""

from functools import cache

import us

from outreach import connecticut


def name_county(code: str) -> str:
    """Return the name of a county, ``Cook County``, by five digits; empty for an unknown code."""
    return _list_names().get(code, "")


def name_area(state: str, county: str | None = None) -> str:
    """Name a county with its state, or a state: ``Cook County, Illinois``.

    Parameters
    ----------
    state, county
        FIPS codes, two and three digits. An unknown one is named by its code, ``FIPS 98001``,
        which stands in a page of any language.
    """
    known = us.states.lookup(state, field="fips")
    if county is None:
        return known.name if known else f"FIPS {state}"
    name = name_county(state + county) or f"FIPS {state}{county}"
    return f"{name}, {known.name}" if known else name


@cache
def _list_names() -> dict[str, str]:
    """List the names of counties by code."""
    states = (*us.STATES_AND_TERRITORIES, us.states.DC)
    names = {str(county.fips): str(county.name) for each in states for county in each.counties}
    regions = {
        f"{connecticut.STATE}{code}": f"{name} Planning Region"
        for code, name in connecticut.REGIONS.items()
    }
    return names | regions
