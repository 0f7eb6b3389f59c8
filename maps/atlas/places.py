"""Names of places: states by their code, and counties as the Bureau's boundary file or their code names them.

State codes and postal abbreviations: ANSI INCITS 38,
https://www.census.gov/library/reference/code-lists/ansi.html.
"""

from dataclasses import dataclass

import pandas as pd

_STATES = """01 AL Alabama|02 AK Alaska|04 AZ Arizona|05 AR Arkansas|06 CA California|08 CO Colorado|09 CT Connecticut|10 DE Delaware
|11 DC District of Columbia|12 FL Florida|13 GA Georgia|15 HI Hawaii|16 ID Idaho|17 IL Illinois|18 IN Indiana|19 IA Iowa|20 KS Kansas
|21 KY Kentucky|22 LA Louisiana|23 ME Maine|24 MD Maryland|25 MA Massachusetts|26 MI Michigan|27 MN Minnesota|28 MS Mississippi
|29 MO Missouri|30 MT Montana|31 NE Nebraska|32 NV Nevada|33 NH New Hampshire|34 NJ New Jersey|35 NM New Mexico|36 NY New York
|37 NC North Carolina|38 ND North Dakota|39 OH Ohio|40 OK Oklahoma|41 OR Oregon|42 PA Pennsylvania|44 RI Rhode Island|45 SC South Carolina
|46 SD South Dakota|47 TN Tennessee|48 TX Texas|49 UT Utah|50 VT Vermont|51 VA Virginia|53 WA Washington|54 WV West Virginia
|55 WI Wisconsin|56 WY Wyoming|60 AS American Samoa|66 GU Guam|69 MP Northern Mariana Islands|72 PR Puerto Rico|78 VI U.S. Virgin Islands"""


@dataclass(frozen=True, slots=True)
class State:
    """A state: its two-digit code, what it is called, and its short form for narrow columns."""

    code: str
    name: str
    short: str


_KNOWN = {part[:2]: State(part[:2], part[6:].strip(), part[3:5]) for part in _STATES.split("|")}


def name_state(code: str) -> State:
    """Return a state by its code; one that no list knows is called by its code."""
    return _KNOWN.get(code, State(code, f"State {code}", code))


def name_counties(codes: "pd.Index[str]", outlines: pd.DataFrame | None) -> "pd.Series[str]":
    """Return what counties are called.

    Parameters
    ----------
    codes
        Five-digit codes.
    outlines
        Counties of the Bureau's file, index the code: ``full_name`` (``Cook County``, ``Orleans
        Parish``) or at least ``name``; ``None`` without.

    Returns
    -------
    pandas.Series
        A name for each code; a county that the file does not hold is called by its code.
    """
    names = pd.Series(pd.NA, index=codes, dtype="string")
    for column in ("full_name", "name"):
        if outlines is not None and column in outlines:
            given = outlines[column].reindex(codes).astype("string")
            names = names.fillna(given.where(given.str.strip() != ""))
    return names.fillna("County " + codes.to_series().str[2:]).astype(object)


def label_tract(geoid: str) -> str:
    """Return the number of a tract as the Bureau writes it: ``17031836902`` is ``8369.02``."""
    return f"{int(geoid[5:9])}" + (f".{geoid[9:]}" if geoid[9:] != "00" else "")
