"""Turn FIPS codes and a period into conditions for reading segments."""

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import and_, or_

import pyarrow.compute as pc

from outreach.errors import ArchiveError

#: Digits of the FIPS code of a state, a county (state and county), and a tract.
_STATE, _COUNTY, _TRACT = 2, 5, 11


def group_codes(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the codes by state; no states at all means everything.

    Raises
    ------
    ArchiveError
        A code does not have 2, 5, or 11 digits.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for code in codes:
        if not (code.isascii() and code.isdigit() and len(code) in {_STATE, _COUNTY, _TRACT}):
            raise ArchiveError(
                f"'{code}' is not a FIPS code of a state (2 digits), county (5), or tract (11).",
                "Check the area.",
            )
        groups[code[:_STATE]] = (*groups.get(code[:_STATE], ()), code)
    return groups


def build_condition(
    codes: tuple[str, ...], since: dt.date | None, through: dt.date | None
) -> pc.Expression | None:
    """Return one state's codes and a period as a condition that Parquet statistics can answer.

    No codes, or a state's own code, mean the whole state.
    """
    conditions = []
    if codes and min(map(len, codes)) > _STATE:
        geoid = pc.field("geoid")
        counties = [
            (geoid >= code) & (geoid <= f"{code}999999") for code in codes if len(code) == _COUNTY
        ]
        tracts = [code for code in codes if len(code) == _TRACT]
        conditions.append(reduce(or_, [*counties, geoid.isin(tracts)] if tracts else counties))
    if since is not None:
        conditions.append(pc.field("data_date") >= since)
    if through is not None:
        conditions.append(pc.field("data_date") <= through)
    return reduce(and_, conditions) if conditions else None
