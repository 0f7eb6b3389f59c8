"""Find the groups of people that an equity sheet compares.

Race and origin are read here and in :mod:`models.evaluation.equity` alone. They come as a table of
their own (dataset ``race``).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from outreach.errors import DataError
from outreach.tables import DataFrame, TractProfiles

_LANGUAGES = {
    "Limited English, Spanish": "limited_english_households_spanish_count",
    "Limited English, other Indo-European": "limited_english_households_indo_european_count",
    "Limited English, Asian and Pacific": "limited_english_households_asian_pacific_count",
    "Limited English, other languages": "limited_english_households_other_count",
}
#: Groups of race and origin, and their columns in the dataset ``race``.
RACES = {
    "Hispanic or Latino": "hispanic_count",
    "Black or African American": "black_count",
    "American Indian or Alaska Native": "american_indian_count",
    "Asian": "asian_count",
    "Native Hawaiian or Pacific Islander": "pacific_islander_count",
}
_INCOMES = (
    "Tracts of the lowest third of income",
    "Tracts of the middle third of income",
    "Tracts of the highest third",
)


class Group(NamedTuple):
    """A group by tract.

    Attributes
    ----------
    dimension, name
        What the group is of, and what it is called.
    unit
        ``households`` or ``people``.
    members, margin, universe
        Counts, index ``geoid``: the members, their 90% margins of error (missing where the source
        gives none), and all that they are part of.
    """

    dimension: str
    name: str
    unit: str
    members: "pd.Series[float]"
    margin: "pd.Series[float]"
    universe: "pd.Series[float]"


def find_groups(
    tracts: DataFrame[TractProfiles], race: DataFrame[TractProfiles] | None = None
) -> list[Group]:
    """Return the groups of the sheet whose columns are available, in order.

    Parameters
    ----------
    tracts
        Profiles by tract, one row a tract.
    race
        The dataset ``race`` by tract. Without it these groups are left out.

    Raises
    ------
    DataError
        A table has a tract twice.
    """
    for name, table in (("tracts", tracts), ("race", race)):
        if table is not None and not table.index.is_unique:
            raise DataError(
                f"The table '{name}' has a tract twice.", "Pass one row for each tract."
            )
    return [*_find_profile_groups(tracts), *_find_race_groups(tracts, race)]


def _find_profile_groups(tracts: pd.DataFrame) -> Iterator[Group]:
    """Yield the groups by language, tenure, poverty, and income."""
    if "households_count" in tracts:
        households = tracts["households_count"]
        present = {name: column for name, column in _LANGUAGES.items() if column in tracts}
        for name, column in present.items():
            yield _take(tracts, "language", name, "households", column, households)
        for name, column in {
            "Owners": "owner_households_count",
            "Renters": "renter_households_count",
        }.items():
            if column in tracts:
                yield _take(tracts, "tenure", name, "households", column, households)
    if {"poverty_count", "poverty_universe_count"} <= set(tracts):
        people = tracts["poverty_universe_count"]
        poor = _take(
            tracts, "poverty", "Below the poverty level", "people", "poverty_count", people
        )
        yield poor
        yield poor._replace(name="At or above the poverty level", members=people - poor.members)
    if {"household_income_usd", "households_count"} <= set(tracts):
        households = tracts["households_count"].where(tracts["household_income_usd"].notna())
        third = np.ceil(3 * tracts["household_income_usd"].rank(pct=True, method="first"))
        for number, name in enumerate(_INCOMES, start=1):
            count = households.where(third == number, 0.0).where(households.notna())
            yield Group("income", name, "households", count, 0.0 * count, households)


def _find_race_groups(tracts: pd.DataFrame, race: pd.DataFrame | None) -> Iterator[Group]:
    """Yield the groups by race and origin; tracts without a figure are missing."""
    if race is None or "population_count" not in tracts:
        return
    beside = race.reindex(tracts.index)
    for name, column in RACES.items():
        if column in beside:
            yield _take(
                beside, "race and origin", name, "people", column, tracts["population_count"]
            )


def _take(
    table: pd.DataFrame,
    dimension: str,
    name: str,
    unit: str,
    column: str,
    universe: "pd.Series[float]",
) -> Group:
    """Read a group and its margin of error from a column."""
    margin = (
        table[f"{column}_moe"] if f"{column}_moe" in table else pd.Series(np.nan, index=table.index)
    )
    return Group(
        dimension,
        name,
        unit,
        table[column].astype(float),
        margin.astype(float),
        universe,
    )
