"""Name counties by their codes, without a file server.

Source: U.S. Census Bureau, ANSI codes of counties 2020, with the planning regions that take the
place of Connecticut's counties from 2022 on:
https://www2.census.gov/geo/docs/reference/codes2020/national_county2020.txt
"""

from functools import cache
from importlib import resources

import us


def name_county(code: str) -> str:
    """Return the name of a county, ``Cook County``, by five digits; empty for an unknown code."""
    return _read_names().get(code, "")


def name_area(state: str, county: str | None = None) -> str:
    """Name a county with its state, or a state: ``Cook County, Illinois``.

    Parameters
    ----------
    state, county
        FIPS codes, two and three digits. An unknown one is named by its code.
    """
    known = us.states.lookup(state, field="fips")
    whole = known.name if known else f"state {state}"
    if county is None:
        return whole
    return f"{name_county(state + county) or f'county {county}'}, {whole}"


@cache
def _read_names() -> dict[str, str]:
    """Read the names by code; none of them has a comma."""
    file = resources.files("outreach") / "county_names.csv"
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split(",", 1) for line in lines)
