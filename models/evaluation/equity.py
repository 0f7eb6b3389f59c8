"""Equity: who gains and who loses under each list, and how well the forecast serves each group - the only place that reads race and origin.

Groups are of people or households as the ACS counts them in tracts: a list cannot choose persons,
so a group gains where its members live in chosen tracts more often than all do. Race and origin
come as a table of their own (dataset ``race``) and are joined here to nothing but this sheet. The
groups of one dimension may overlap; tracts are not persons, and a group's figure says nothing about
any of its members.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from outreach.errors import DataError

_TO_ONE_SD = 1.645  # the Bureau's margins are 90 %

_LANGUAGES = {
    "Limited English, Spanish": "limited_english_households_spanish_count",
    "Limited English, other Indo-European": "limited_english_households_indo_european_count",
    "Limited English, Asian and Pacific": "limited_english_households_asian_pacific_count",
    "Limited English, other languages": "limited_english_households_other_count",
}
_RACES = {
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
    """A group by tract: its members, the 90 % margins of these, and all of whom they are part; counts, index ``geoid``."""

    dimension: str
    name: str
    unit: str
    members: "pd.Series[float]"
    margin: "pd.Series[float]"
    universe: "pd.Series[float]"


def find_groups(tracts: pd.DataFrame, race: pd.DataFrame | None = None) -> list[Group]:
    """Return the groups of the sheet whose columns are there, in order.

    Parameters
    ----------
    tracts
        Profiles by tract, one row a tract.
    race
        The dataset ``race`` by tract; without it these groups are left out.

    Raises
    ------
    DataError
        A table has a tract twice.
    """
    for name, table in (("tracts", tracts), ("race", race)):
        if table is not None and not table.index.is_unique:
            raise DataError(f"The table '{name}' has a tract twice.", "Hand in one row a tract.")
    return [*_find_profile_groups(tracts), *_find_race_groups(tracts, race)]


def compare_coverage(
    tracts: pd.DataFrame, lists: Mapping[str, pd.Index], race: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Say for each list and group how many of the group live in chosen tracts, against everyone.

    Parameters
    ----------
    tracts
        Tracts that could have been chosen, with their profiles.
    lists
        Name of a list to its tracts.
    race
        See :func:`find_groups`.

    Returns
    -------
    DataFrame
        A row is a group under a list: ``list``, ``dimension``, ``group``, ``unit`` (``households``
        or ``people``); ``members_count``; ``area_share``, the group's share of all;
        ``chosen_share``, its share of all in the chosen tracts; ``covered_share``, the share of the
        group that lives in chosen tracts, with ``covered_margin_share`` (90 %, from the ACS
        margins); ``everyone_covered_share``; ``ratio`` of the two; and ``verdict``: ``gains`` or
        ``loses`` where the difference is larger than the margin, else ``as everyone``. A source
        without margins gives a margin of 0, and any difference then counts.

    Raises
    ------
    DataError
        A list has a tract that is not among ``tracts``.
    """
    groups = find_groups(tracts, race)
    rows = []
    for name, chosen in lists.items():
        strangers = chosen.difference(tracts.index)
        if len(strangers):
            raise DataError(
                f"The list '{name}' has tract {strangers[0]}, which is not in the table.",
                "Compare lists of one run.",
            )
        inside = pd.Series(tracts.index.isin(chosen), index=tracts.index)
        rows += [{"list": name, **_cover_group(group, inside)} for group in groups]
    return pd.DataFrame(rows)


def measure_forecast(
    tracts: pd.DataFrame,
    forecast: pd.DataFrame,
    final: "pd.Series[float]",
    race: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say for each group how far a forecast missed the final rate, tracts weighted by the members that live in them.

    Parameters
    ----------
    tracts, race
        See :func:`find_groups`.
    forecast
        Index ``geoid``: ``final_share``, and ``final_low80_share``, ``final_high80_share`` where
        there are intervals.
    final
        The final rate once known, shares by tract.

    Returns
    -------
    DataFrame
        A row is a group, ``everyone`` first: ``dimension``, ``group``, ``tracts_count`` with
        forecast, final rate and members; ``bias_points`` (forecast less final: positive promised
        too much), ``error_points`` (mean absolute), ``covered80_share`` (how often the 80 %
        interval held), and ``bias_against_all_points``.

    Raises
    ------
    DataError
        No tract has both a forecast and a final rate.
    """
    both = tracts.index[
        forecast["final_share"].reindex(tracts.index).notna() & final.reindex(tracts.index).notna()
    ]
    if both.empty:
        raise DataError(
            "No tract has both a forecast and a final rate.", "Hand in the forecast of this area."
        )
    known, truth = forecast.loc[both], final[both]
    miss = 100 * (known["final_share"] - truth)
    held = pd.Series(np.nan, index=both)
    if {"final_low80_share", "final_high80_share"} <= set(known):
        held = truth.between(known["final_low80_share"], known["final_high80_share"]).astype(float)
    everyone = tracts["households_count"].reindex(both).fillna(0.0)
    groups = [("all", "everyone", everyone)]
    groups += [
        (group.dimension, group.name, group.members.reindex(both).fillna(0.0))
        for group in find_groups(tracts, race)
    ]
    rows = []
    for dimension, name, weight in groups:
        whole = float(weight.sum())
        if whole <= 0:
            continue
        figures = {
            "tracts_count": int((weight > 0).sum()),
            "bias_points": float((weight * miss).sum() / whole),
            "error_points": float((weight * miss.abs()).sum() / whole),
            "covered80_share": float((weight * held).sum(skipna=False) / whole),
        }
        rows.append({"dimension": dimension, "group": name, **figures})
    table = pd.DataFrame(rows)
    return table.assign(bias_against_all_points=table["bias_points"] - table["bias_points"].iloc[0])


def _find_profile_groups(tracts: pd.DataFrame) -> Iterator[Group]:
    """Yield the groups by language, tenure, poverty and income."""
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
        known = tracts["poverty_universe_count"]
        poor = _take(tracts, "poverty", "Below the poverty level", "people", "poverty_count", known)
        yield poor
        yield poor._replace(name="At or above the poverty level", members=known - poor.members)
    if {"household_income_usd", "households_count"} <= set(tracts):
        households = tracts["households_count"].where(tracts["household_income_usd"].notna())
        third = np.ceil(3 * tracts["household_income_usd"].rank(pct=True, method="first"))
        for number, name in enumerate(_INCOMES, start=1):
            count = households.where(third == number, 0.0).where(households.notna())
            yield Group("income", name, "households", count, 0.0 * count, households)


def _find_race_groups(tracts: pd.DataFrame, race: pd.DataFrame | None) -> Iterator[Group]:
    """Yield the groups by race and origin, tracts without a figure missing."""
    if race is None or "population_count" not in tracts:
        return
    beside = race.reindex(tracts.index)
    for name, column in _RACES.items():
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
    margin = (
        table[f"{column}_moe"] if f"{column}_moe" in table else pd.Series(0.0, index=table.index)
    )
    return Group(
        dimension,
        name,
        unit,
        table[column].astype(float),
        margin.fillna(0.0).astype(float),
        universe,
    )


def _cover_group(group: Group, inside: "pd.Series[bool]") -> dict[str, object]:
    """Compare a group with everyone of its universe; tracts without a figure of the group are left out on both sides."""
    known = group.members.notna() & group.universe.notna()
    count, universe, chosen = group.members[known], group.universe[known], inside[known]
    members, everyone = float(count.sum()), float(universe.sum())
    members_in, everyone_in = float(count[chosen].sum()), float(universe[chosen].sum())
    covered = _divide(members_in, members)
    variance = (group.margin[known] / _TO_ONE_SD) ** 2
    # Of the share a / (a + b) with independent errors of a (inside) and b (outside).
    spread = np.hypot(
        (1 - covered) * np.sqrt(float(variance[chosen].sum())),
        covered * np.sqrt(float(variance[~chosen].sum())),
    )
    margin, all_covered = (
        _TO_ONE_SD * _divide(float(spread), members),
        _divide(everyone_in, everyone),
    )
    difference = covered - all_covered
    verdict = (
        "as everyone" if not abs(difference) > margin else "gains" if difference > 0 else "loses"
    )
    return {
        "dimension": group.dimension,
        "group": group.name,
        "unit": group.unit,
        "members_count": members,
        "area_share": _divide(members, everyone),
        "chosen_share": _divide(members_in, everyone_in),
        "covered_share": covered,
        "covered_margin_share": margin,
        "everyone_covered_share": all_covered,
        "ratio": _divide(covered, all_covered),
        "verdict": verdict,
    }


def _divide(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
