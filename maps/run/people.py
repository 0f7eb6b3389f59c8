"""Say who lives in each tract: shares of households and people, with margins.

Formulas of the margins: :mod:`outreach.margins`. Counts are those of the American Community Survey
that travel with the tracts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from outreach.margins import add_margins, measure_share_margin, read_column
from outreach.tables import DataFrame, Tracts

#: The share of 90% margins of error, after the name of a share.
MARGIN = "_moe"
#: Shares are kept in steps of this; they are shown as whole percents.
_STEP = 0.001


@dataclass(frozen=True, slots=True)
class PeopleShare:
    """A share of the households or people of a tract.

    Parameters
    ----------
    parts
        Columns of counts that are added up.
    whole
        The column of the count that they are a share of.
    """

    parts: tuple[str, ...]
    whole: str


#: By column of the map, in the order in which a reader sees them.
SHARES: Mapping[str, PeopleShare] = {
    "under5_share": PeopleShare(("under5_count",), "population_count"),
    "householder_65plus_share": PeopleShare(("householder_65plus_count",), "households_count"),
    "single_parent_share": PeopleShare(("single_parent_households_count",), "households_count"),
    "renter_share": PeopleShare(("renter_households_count",), "households_count"),
    "crowded_share": PeopleShare(("crowded_households_count",), "households_count"),
    "limited_english_share": PeopleShare(
        tuple(
            f"limited_english_households_{group}_count"
            for group in ("spanish", "indo_european", "asian_pacific", "other")
        ),
        "households_count",
    ),
    "offline_share": PeopleShare(("offline_households_count",), "internet_universe_count"),
    "smartphone_only_share": PeopleShare(
        ("smartphone_only_households_count",), "device_universe_count"
    ),
}


def describe_people(tracts: DataFrame[Tracts]) -> pd.DataFrame:
    """Compute who lives in each tract.

    Parameters
    ----------
    tracts
        With the counts of :data:`SHARES`, as far as there are any, and their margins as ``_moe``.

    Returns
    -------
    DataFrame
        By ``geoid``: those of :data:`SHARES` that have a figure (0-1), each with its margin of
        error (90%, 0-1) as ``<name>_moe`` if the source gave one. A tract without the counts lacks
        the figure.
    """
    columns = {}
    for name, share in SHARES.items():
        known = [part for part in share.parts if part in tracts]
        if not known or share.whole not in tracts:
            continue
        whole = read_column(pd.DataFrame(tracts), share.whole)
        counts = pd.DataFrame(tracts)[known].astype(float).sum(axis=1, min_count=1)
        figures = (counts / whole.where(whole > 0)).clip(0, 1)
        if figures.notna().any():
            columns[name] = figures
        margins = measure_share_margin(
            figures,
            add_margins(pd.DataFrame(tracts), known),
            read_column(pd.DataFrame(tracts), f"{share.whole}{MARGIN}"),
            whole,
        )
        if margins.notna().any():
            columns[name + MARGIN] = margins
    table = pd.DataFrame(columns, index=tracts.index)
    return (table / _STEP).round() * _STEP


def list_people(rows: pd.DataFrame) -> list[dict[str, str | float | None]]:
    """List the rows of "Who lives here" for the page: column, column of its margin, and median.

    Parameters
    ----------
    rows
        From :func:`maps.run.columns.gather_columns`.

    Returns
    -------
    list of dict
        ``column``; ``margin``, empty without one; ``typical``, the median of the tracts (0-1).
    """
    return [
        {
            "column": name,
            "margin": name + MARGIN if name + MARGIN in rows else "",
            "typical": round(float(rows[name].median()), 3),
        }
        for name in SHARES
        if name in rows and rows[name].notna().any()
    ]
