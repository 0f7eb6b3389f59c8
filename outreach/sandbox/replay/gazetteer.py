"""Name the states, counties, and tracts of the real 2020 data."""

import pandas as pd
import us

from outreach.sandbox.shapefile import tract_label

#: The states whose 2020 tract polygons the real data holds.
_HELD = (
    us.states.DE,
    us.states.DC,
    us.states.HI,
    us.states.IL,
    us.states.NH,
    us.states.VT,
)

#: State FIPS code to postal abbreviation and name.
STATES = {str(state.fips): (state.abbr, state.name) for state in _HELD}

#: Five-digit county code to name.
COUNTIES = {county.fips: county.name for state in _HELD for county in state.counties}


def name_tracts(geoids: "pd.Series[str]") -> "pd.Series[str]":
    """Return the API's ``NAME`` of each 11-digit tract code, missing outside :data:`STATES`."""
    counties = geoids.str[:5].map(COUNTIES)
    states = geoids.str[:2].map({code: name for code, (_, name) in STATES.items()})
    return "Census Tract " + geoids.str[5:].map(tract_label) + ", " + counties + ", " + states
