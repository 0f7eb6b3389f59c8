"""Measure which groups of people gain or lose under lists and forecasts.

Only this module and :mod:`models.evaluation.groups` read race and origin. They come as a table of
their own (dataset ``race``) and are joined here to nothing but this sheet. Groups are of people or
households as the ACS counts them in tracts. A list cannot choose persons, so a group gains where
its members live in chosen tracts more often than everyone does. The groups of one dimension may
overlap. Tracts are not persons, and a group's figure says nothing about any of its members.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.evaluation.groups import Group, find_groups
from outreach.errors import DataError
from outreach.tables import DataFrame, TractProfiles

#: The Bureau's margins of error are 90%.
_TO_ONE_SD = 1.645


def compare_coverage(
    tracts: DataFrame[TractProfiles],
    lists: Mapping[str, pd.Index],
    race: DataFrame[TractProfiles] | None = None,
) -> pd.DataFrame:
    """Compare how many members of each group live in chosen tracts with everyone.

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
        group that lives in chosen tracts, with ``covered_margin_share`` (90%, from the ACS
        margins; missing where the source gives none); ``everyone_covered_share``; ``ratio`` of the
        two; and ``verdict``: ``gains`` or ``loses`` if the difference is larger than the margin,
        ``as everyone`` if it is not, and ``not known`` without figures of the group or without
        their margins.

    Raises
    ------
    DataError
        A list has a tract that is not among ``tracts``.
    """
    groups = find_groups(tracts, race)
    rows = []
    for name, chosen in lists.items():
        unknown = chosen.difference(tracts.index)
        if len(unknown):
            raise DataError(
                f"The list '{name}' has tract {unknown[0]}, which is not in the table.",
                "Compare lists of one run.",
            )
        inside = pd.Series(tracts.index.isin(chosen), index=tracts.index)
        rows += [{"list": name, **_cover_group(group, inside)} for group in groups]
    return pd.DataFrame(rows)


def measure_forecast(
    tracts: DataFrame[TractProfiles],
    forecast: pd.DataFrame,
    final: "pd.Series[float]",
    race: DataFrame[TractProfiles] | None = None,
) -> pd.DataFrame:
    """Measure how far a forecast missed the final rate of each group.

    Tracts are weighted by the group's members in them.

    Parameters
    ----------
    tracts, race
        See :func:`find_groups`.
    forecast
        Index ``geoid``: ``final_share``, and ``final_low80_share``, ``final_high80_share`` where
        there are intervals.
    final
        The final rate, shares by tract.

    Returns
    -------
    DataFrame
        A row is a group, ``everyone`` first: ``dimension``, ``group``, ``tracts_count`` with
        forecast, final rate, and members; ``bias_points`` (forecast minus final: positive is too
        high), ``error_points`` (mean absolute), ``covered80_share`` (how often the 80% interval
        contained the final rate), and ``bias_against_all_points``.

    Raises
    ------
    DataError
        No tract has both a forecast and a final rate.
    """
    has_both = forecast["final_share"].reindex(tracts.index).notna()
    has_both &= final.reindex(tracts.index).notna()
    both = tracts.index[has_both]
    if both.empty:
        raise DataError(
            "No tract has both a forecast and a final rate.", "Pass the forecast of this area."
        )

    table, truth = forecast.loc[both], final[both]
    miss = 100 * (table["final_share"] - truth)
    covered = pd.Series(np.nan, index=both)
    if {"final_low80_share", "final_high80_share"} <= set(table):
        inside = truth.between(table["final_low80_share"], table["final_high80_share"])
        covered = inside.astype(float)

    # Average over each group, everyone first.
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
            "covered80_share": float((weight * covered).sum(skipna=False) / whole),
        }
        rows.append({"dimension": dimension, "group": name, **figures})
    measured = pd.DataFrame(rows)
    bias = measured["bias_points"]
    return measured.assign(bias_against_all_points=bias - bias.iloc[0])


def _cover_group(group: Group, inside: "pd.Series[bool]") -> dict[str, object]:
    """Compare a group with everyone in its universe.

    Tracts without a figure for the group are left out on both sides.
    """
    given = group.members.notna() & group.universe.notna()
    count, universe, chosen = group.members[given], group.universe[given], inside[given]
    members, everyone = float(count.sum()), float(universe.sum())
    members_in, everyone_in = float(count[chosen].sum()), float(universe[chosen].sum())
    covered, all_covered = _divide(members_in, members), _divide(everyone_in, everyone)

    # Error of the share a / (a + b) with independent errors of a (inside) and b (outside). A tract
    # whose margin is missing has that of a typical one.
    variance = (group.margin[given] / _TO_ONE_SD) ** 2
    variance = variance.fillna(variance.mean())
    spread = np.hypot(
        (1 - covered) * np.sqrt(float(variance[chosen].sum(skipna=False))),
        covered * np.sqrt(float(variance[~chosen].sum(skipna=False))),
    )
    margin = _TO_ONE_SD * _divide(float(spread), members)

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
        "verdict": _judge(covered - all_covered, margin),
    }


def _judge(difference: float, margin: float) -> str:
    """Say whether a group gains or loses against everyone, as far as its margin lets one say."""
    if np.isnan(difference) or np.isnan(margin):
        return "not known"
    if abs(difference) <= margin:
        return "as everyone"
    return "gains" if difference > 0 else "loses"


def _divide(part: float, whole: float) -> float:
    """Return a share, missing of an empty whole."""
    return part / whole if whole > 0 else float("nan")
