"""Read where a reader may look an address up, with its source and status."""

import tomllib
from importlib import resources

import maps.context
from outreach.evidence import Evidence


def read_geocoder(census_year: int) -> str:
    """Return the address of the Bureau's geocoder for tracts of a census, up to the street address.

    Parameters
    ----------
    census_year
        Whose tracts are mapped.
    """
    text = (resources.files(maps.context) / "geocoder.toml").read_text(encoding="utf-8")
    facts = tomllib.loads(text)
    Evidence(status=facts["status"], source=facts["source"], checked=facts["checked"])
    vintage = facts["vintage"].format(year=census_year)
    return f"{facts['address']}?benchmark={facts['benchmark']}&vintage={vintage}&address="
