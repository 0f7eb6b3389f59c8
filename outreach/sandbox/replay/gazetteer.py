"""Names of tracts, and of the states and counties whose 2020 tract polygons the real data holds (FIPS codes of 2020)."""

import pandas as pd

from outreach.sandbox.shapefile import tract_label

#: State FIPS code to postal abbreviation and name.
STATES = {
    "10": ("DE", "Delaware"),
    "11": ("DC", "District of Columbia"),
    "15": ("HI", "Hawaii"),
    "17": ("IL", "Illinois"),
    "33": ("NH", "New Hampshire"),
    "50": ("VT", "Vermont"),
}

_COUNTIES_IN_ORDER = {
    "10": ("Kent", "New Castle", "Sussex"),
    "15": ("Hawaii", "Honolulu", "Kalawao", "Kauai", "Maui"),
    "33": (
        *(
            "Belknap",
            "Carroll",
            "Cheshire",
            "Coos",
            "Grafton",
            "Hillsborough",
            "Merrimack",
            "Rockingham",
        ),
        *("Strafford", "Sullivan"),
    ),
    "50": (
        *(
            "Addison",
            "Bennington",
            "Caledonia",
            "Chittenden",
            "Essex",
            "Franklin",
            "Grand Isle",
            "Lamoille",
        ),
        *("Orange", "Orleans", "Rutland", "Washington", "Windham", "Windsor"),
    ),
}

#: Five-digit county code to name. Within a state the counties stand in alphabetical order at every
#: odd number.
COUNTIES = {
    "11001": "District of Columbia",
    "17031": "Cook County",
    **{
        f"{state}{2 * place + 1:03d}": f"{name} County"
        for state, names in _COUNTIES_IN_ORDER.items()
        for place, name in enumerate(names)
    },
}


def name_tracts(geoids: "pd.Series[str]") -> "pd.Series[str]":
    """Return the API's ``NAME`` of each 11-digit tract code, missing where the county's name is not known here."""
    counties = geoids.str[:5].map(COUNTIES)
    states = geoids.str[:2].map({code: name for code, (_, name) in STATES.items()})
    return "Census Tract " + geoids.str[5:].map(tract_label) + ", " + counties + ", " + states
