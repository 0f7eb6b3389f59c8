"""Name states, counties, and tracts."""

from dataclasses import dataclass

import pandas as pd
import us

from outreach.counties import name_county


@dataclass(frozen=True, slots=True)
class State:
    """A state: its two-digit code, its name, and its postal abbreviation."""

    code: str
    name: str
    short: str


#: By FIPS code. The library leaves the District of Columbia out of its lists of states.
_STATES = {
    str(state.fips): State(str(state.fips), state.name, state.abbr)
    for state in (*us.STATES_AND_TERRITORIES, us.states.DC)
}


def name_state(code: str) -> State:
    """Return a state by its code; an unknown one is named by its code."""
    return _STATES.get(code, State(code, f"State {code}", code))


def name_counties(codes: "pd.Index[str]", outlines: pd.DataFrame | None) -> "pd.Series[str]":
    """Name counties.

    Parameters
    ----------
    codes
        Five-digit codes.
    outlines
        Counties of the Bureau's file, index the code: ``full_name`` (``Cook County``, ``Orleans
        Parish``) or at least ``name``; ``None`` without outlines.

    Returns
    -------
    pandas.Series
        A name for each code; without outlines the Bureau's list of counties names it, and a county
        that is in neither is named by its code.
    """
    names = pd.Series(pd.NA, index=codes, dtype="string")
    for column in ("full_name", "name"):
        if outlines is not None and column in outlines:
            given = outlines[column].reindex(codes).astype("string")
            names = names.fillna(given.where(given.str.strip() != ""))
    known = codes.to_series().map(name_county)
    names = names.fillna(known.where(known != ""))
    return names.fillna("County " + codes.to_series().str[2:]).astype(object)


def label_tract(geoid: str) -> str:
    """Write the number of a tract as the Bureau does: ``17031836902`` is ``8369.02``."""
    return f"{int(geoid[5:9])}" + (f".{geoid[9:]}" if geoid[9:] != "00" else "")
