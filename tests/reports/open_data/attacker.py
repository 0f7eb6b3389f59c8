"""Attack a season of publications: compute hidden counts from all that is published."""

import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.reports.open_data.season import PublishedWeek

_LEAD = re.compile(r"Of ([\d,]+) households? in .*?, ([\d.]+)% .*?; ([\d,]+) ")
_HALF = 0.5 + 1e-6
_SHARE_HALF = 0.0005 + 1e-9
_MOST = 2000.0


@dataclass
class Attack:
    """What an attacker who reads everything knows.

    Parameters
    ----------
    found
        Hidden counts that are determined: tract, week and why.
    widths
        For each tract that is hidden from the start, how many household counts are possible.
    explained
        Whether the shown counts alone explain every published figure. Then no figure depends on a
        hidden count, and nothing more can be computed.
    """

    found: list[str] = field(default_factory=list)
    widths: dict[str, int] = field(default_factory=dict)
    explained: bool = True


@dataclass(frozen=True)
class _Sum:
    """A published figure as a bound on a sum over tracts: low <= figures of tracts <= high.

    ``rest`` is the part of the sum that the counts shown in the same week explain.
    """

    sort: str
    coefficients: "pd.Series[float]"
    rest: float
    low: float
    high: float


def attack_season(published: list[list[PublishedWeek]]) -> Attack:
    """Attack what a city has published in all its weeks.

    The attacker also knows exactly how tracts are split. Shown counts are subtracted from every
    published sum; where a rest is left, hidden tracts are in the sum, and an integer program bounds
    them.
    """
    attack = Attack()
    tracts = [week[0].tracts.astype({"households_count": float}) for week in published]
    _combine_weeks(tracts, attack)

    shown = pd.concat([week["households_count"] for week in tracts], axis=1).max(axis=1)
    hidden = shown.index[shown.isna()]
    sums: list[_Sum] = []
    for week, table in zip(published, tracts, strict=True):
        for kind in week:
            sums += _list_sums(kind, table)

    # Figures of one sort are all computed alike: if one needs hidden tracts, all have them in.
    bounds: list[_Sum] = []
    for sort in {one.sort for one in sums}:
        same = [one for one in sums if one.sort == sort]
        if not all(one.low <= one.rest <= one.high for one in same):
            attack.explained = False
            bounds += same
    for tract in hidden:
        low, high = _bound(str(tract), hidden, bounds)
        attack.widths[str(tract)] = round(high - low) + 1
        if attack.widths[str(tract)] == 1:
            attack.found.append(f"{tract}: {low:.0f} households, by subtraction")
    return attack


def _combine_weeks(tracts: list[pd.DataFrame], attack: Attack) -> None:
    """Find counts that are hidden in one week and follow from another."""
    for week, table in enumerate(tracts):
        for other, source in enumerate(tracts):
            households = source["households_count"]
            missing = households * (1 - table["cumulative_share"])
            hidden = table["households_count"].isna() & missing.notna()
            attack.found += [
                f"{tract}: hidden in week {week}, {missing[tract]:.0f} missing by week {other}"
                for tract in table.index[hidden]
            ]


def _list_sums(week: PublishedWeek, tracts: pd.DataFrame) -> list[_Sum]:
    """Return what the figures of each district, and the words of the index, say about tracts."""
    sums: list[_Sum] = []
    rate = tracts["cumulative_share"]
    weights = week.crosswalk.pivot_table(index="source", columns="target", values="weight")
    districts = week.districts.index.astype(str)
    weights = weights.reindex(rate.index[rate.notna()], columns=districts).fillna(0.0)
    places = tracts.reindex(weights.index)
    for district, row in week.districts.iterrows():
        sums += _state_sums(
            "table",
            weights[str(district)],
            places,
            _read_figures(row),
        )

    # The index tells the sums of all districts in a sentence.
    found = _LEAD.search(week.lead)
    assert found, "the index has no sentence about all districts"
    households, percent, missing = (float(text.replace(",", "")) for text in found.groups())
    return sums + _state_sums(
        "lead", weights.sum(axis=1), places, (households, missing, percent / 100)
    )


def _read_figures(row: "pd.Series[float]") -> tuple[float, float, float]:
    """Read three figures of a district; those of a district with hidden tracts only are empty."""
    households, missing, share = (
        np.nan if pd.isna(row[name]) else float(row[name])
        for name in ("households_count", "missing_households_count", "cumulative_share")
    )
    return households, missing, share


def _state_sums(
    origin: str,
    weight: "pd.Series[float]",
    places: pd.DataFrame,
    figures: tuple[float, float, float],
) -> list[_Sum]:
    """State three published figures of one area as sums over tracts."""
    households, missing, share = figures
    if np.isnan(households):
        return []
    rate, known = places["cumulative_share"], places["households_count"].fillna(0.0)
    rows = [
        ("households", weight, households - _HALF, households + _HALF),
        ("missing", weight * (1 - rate), missing - _HALF, missing + _HALF),
    ]
    if not np.isnan(share):
        rows += [
            ("share", weight * (rate - share + _SHARE_HALF), -1e-6, np.inf),
            ("share", weight * (rate - share - _SHARE_HALF), -np.inf, 1e-6),
        ]
    return [
        _Sum(f"{origin} {sort}", factors, float(factors @ known), low, high)
        for sort, factors, low, high in rows
    ]


def _bound(tract: str, hidden: pd.Index, bounds: list[_Sum]) -> tuple[float, float]:
    """Return the fewest and the most households that a hidden tract can have."""
    rows = [one.coefficients.reindex(hidden).fillna(0.0).to_numpy() for one in bounds]
    constraints = (
        LinearConstraint(
            np.array(rows),
            [one.low - one.rest for one in bounds],
            [one.high - one.rest for one in bounds],
        )
        if rows
        else ()
    )
    ends = []
    for sign in (1.0, -1.0):
        solution = milp(
            np.where(hidden == tract, sign, 0.0),
            constraints=constraints,
            bounds=Bounds(1, _MOST),
            integrality=np.ones(len(hidden)),
        )
        if solution.x is None:
            return 1.0, _MOST
        ends.append(sign * solution.fun)
    return ends[0], ends[1]
