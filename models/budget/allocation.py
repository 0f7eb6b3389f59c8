"""Split an advertising budget over units and channels to win the most responses.

A cell is one unit on one channel. Its expected responses are concave in its spend
(:mod:`models.budget.ad_response`), so the best split gives every funded cell the same marginal
value, the shadow price of the budget, unless a cap, a minimum or a floor prevents it
(:mod:`models.budget.concave_solver`). Amounts are not rounded here.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.budget.ad_response import SpendCurves
from models.budget.assumptions import Case
from models.budget.cells import describe_cells, describe_channels
from models.budget.certificate import EQUAL, Certificate, certify_split
from models.budget.concave_problem import Problem, Split, spread_groups
from models.budget.concave_solver import split_budget
from models.budget.saturation import find_stop_price, limit_budget
from models.budget.terms import Terms
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.phrasing import write_count, write_dollars
from outreach.tables import DataFrame, SpendUnits, as_table

#: Columns of the units that may be left out, and the value that then holds for every unit.
_OPTIONAL = {"persuadable_share": 1.0, "max_spend_usd": np.inf}
_REQUIRED = ("households_count", "missing_households_count", "addressable_share")
#: Fewer responses than this would be written as none.
_COUNTED = 0.05
_CENT = 0.01
#: No count of a unit is larger.
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Allocation:
    """A split budget.

    Parameters
    ----------
    cells
        A row per unit and channel, channel by channel, indexed like the units: ``channel``,
        ``budget_usd``, ``impressions_count``, and all that the responses follow from
        (:func:`models.budget.cells.describe_cells`); ``expected_responses_count`` with its
        ``_low`` and ``_high`` cases, ``marginal_responses_per_usd``, ``why``. The low and the high
        case put *all* assumptions at their bad or good end together, for the same spends.
    certificate
        The proof of how good the split is.
    unspent_usd
        Money left over.
    problem
        What was solved, with the whole budget.
    units, terms
        What was split, and by which rules.
    assumptions
        As :meth:`models.budget.ad_response.ResponseCurve.list_assumptions`.
    """

    cells: pd.DataFrame
    certificate: Certificate
    unspent_usd: float
    assumptions: pd.DataFrame
    problem: Problem
    units: DataFrame[SpendUnits]
    terms: Terms

    @property
    def _has_channels(self) -> bool:
        return len(set(self.cells["channel"])) > 1

    def respend(self, spend_usd: Floats) -> "Allocation":
        """Return the allocation with other amounts in its cells, such as whole cents.

        Parameters
        ----------
        spend_usd
            An amount for each row of ``cells``.
        """
        fixed = self.cells[["marginal_responses_per_usd", "why"]]
        table = _describe_spend(self.units, spend_usd, self.terms)
        unspent = max(0.0, self.terms.budget_usd - float(spend_usd.sum()))
        return replace(self, cells=table.assign(**fixed), unspent_usd=unspent)

    def by_unit(self) -> pd.DataFrame:
        """Return the sums over channels, a row per unit; ``why`` names the channels if several.

        ``reached_share`` and ``ads_per_reached_household`` are over all channels.
        """
        sums = ["budget_usd", "impressions_count", "reached_households_count"]
        sums += [f"expected_responses{case}_count" for case in ("", "_low", "_high")]
        cells = self.cells.assign(
            why=self.cells["channel"] + ": " + self.cells["why"]
            if self._has_channels
            else self.cells["why"],
            seen=self.cells["ads_per_reached_household"] * self.cells["reached_households_count"],
            missed=1 - self.cells["reached_share"],
        )
        grouped = cells.groupby(level=0, sort=False)
        table = grouped[sums].sum().assign(why=grouped["why"].agg("; ".join))

        # Channels reach households independently (Sainsbury).
        reached = 1 - grouped["missed"].prod()
        households = self.units["households_count"].reindex(table.index)
        table["reached_households_count"] = reached * households
        frequency = grouped["seen"].sum() / table["reached_households_count"].where(reached > 0)
        return table.assign(reached_share=reached, ads_per_reached_household=frequency.fillna(0.0))

    def summary(self) -> str:
        """Return a paragraph: what was spent, what it is expected to win, and what is left."""
        total = self.cells.select_dtypes("number").sum()
        funded = int((self.cells["budget_usd"] > 0).sum())
        low, high = total["expected_responses_low_count"], total["expected_responses_high_count"]
        noun = "unit-channel pair" if self._has_channels else "unit"
        last = 1000 * self.certificate.shadow_price_responses_per_usd
        reason = (
            "beyond it the next dollar wins too little"
            if self.certificate.shadow_price_responses_per_usd > 0
            else "every unit is capped or does not clear the minimum spend"
        )
        gap = self.certificate.gap_responses_count
        best = f"the best possible split wins at most {gap:,.1f} more"
        unspent = f" {write_dollars(self.unspent_usd, cents=True)} stays unspent: {reason}."
        return (
            f"{write_dollars(total['budget_usd'], cents=True)} buys"
            f" {total['impressions_count']:,.0f} impressions in {funded:,} of"
            f" {write_count(len(self.cells), noun)}."
            f" Expected additional responses: {total['expected_responses_count']:,.1f}"
            f" (low case {low:,.1f}, high case {high:,.1f}), {last:,.1f} of them from the last"
            f" $1,000; {best if gap >= _COUNTED else 'no other split wins more'}."
            + (unspent if self.unspent_usd >= _CENT else "")
        )


def allocate_budget(units: pd.DataFrame, terms: Terms) -> Allocation:
    """Split ``terms.budget_usd`` over ``units`` to win the most expected additional responses.

    Parameters
    ----------
    units
        A row per unit, with a unique index: ``households_count``, ``missing_households_count``
        (expected at the deadline), ``addressable_share`` (households online, 0-1). Optional:
        ``persuadable_share`` (0-1), ``max_spend_usd`` (on each channel), ``group`` (whose floor it
        counts toward).
    terms
        The rules.

    Raises
    ------
    ModelError
        A column or figure is missing, or the terms cannot be met; the message says which.
    """
    complete = _complete_units(units)
    cells = _list_cells(complete, terms)
    by_frequency = _cap_frequency(cells, terms)
    problem = _pose_problem(complete, cells, by_frequency, terms)
    groups = [floor.group for floor in terms.floors]
    _check_floors(problem, groups)

    # Spend no more than wins enough, and no more than there is.
    stop = find_stop_price(problem, terms.least_value_share)
    posed = replace(problem, budget=min(problem.budget, limit_budget(problem, stop)))
    split = split_budget(posed)

    table = _describe_spend(complete, split.spend, terms).assign(
        marginal_responses_per_usd=problem.curves.marginal(split.spend),
        why=_explain_cells(posed, split, groups, by_frequency),
    )
    return Allocation(
        cells=table,
        certificate=certify_split(posed, split, groups),
        unspent_usd=max(0.0, terms.budget_usd - float(split.spend.sum())),
        assumptions=terms.curve.list_assumptions(terms.channels),
        problem=problem,
        units=complete,
        terms=terms,
    )


def _list_cells(units: DataFrame[SpendUnits], terms: Terms) -> pd.DataFrame:
    """Return a row for each unit on each channel, channel by channel."""
    return pd.concat([units.assign(channel=channel.name) for channel in terms.channels])


def _describe_spend(units: DataFrame[SpendUnits], spend_usd: Floats, terms: Terms) -> pd.DataFrame:
    """Describe what amounts in the cells buy, and the responses in every case."""
    table = describe_cells(_list_cells(units, terms), spend_usd, terms)
    cases = {Case.MID: "", Case.LOW: "_low", Case.HIGH: "_high"}
    responses = {
        f"expected_responses{ending}_count": _join_curves(units, terms, case).responses(spend_usd)
        for case, ending in cases.items()
    }
    return table.assign(**responses)


def _cap_frequency(cells: pd.DataFrame, terms: Terms) -> Floats:
    """Return the spend (USD) at which each cell reaches its frequency cap."""
    facts = describe_channels(cells, terms)
    addressed = cells["households_count"] * cells["addressable_share"] * facts["penetration_share"]
    cap_usd: Floats = (addressed * facts["frequency_cap"] * facts["impression_usd"]).to_numpy(float)
    return cap_usd


def _pose_problem(
    units: DataFrame[SpendUnits], cells: pd.DataFrame, by_frequency: Floats, terms: Terms
) -> Problem:
    """State the split of these cells as a concave problem."""
    group = cells["channel" if terms.floors_by_channel else "group"]
    groups = [floor.group for floor in terms.floors]
    number = (
        pd.Index(groups).get_indexer(pd.Index(group))
        if groups
        else np.full(len(cells), -1, dtype=np.intp)
    )
    return Problem(
        curves=_join_curves(units, terms, Case.MID),
        budget=terms.budget_usd,
        minimum=np.full(len(cells), float(terms.minimum_spend_usd)),
        maximum=np.minimum(by_frequency, cells["max_spend_usd"].to_numpy(float)),
        group=number,
        floor=np.array([floor.usd for floor in terms.floors]),
    )


def _complete_units(units: pd.DataFrame) -> DataFrame[SpendUnits]:
    """Return ``units`` with its optional columns, or raise for what is wrong with it."""
    absent = [name for name in _REQUIRED if name not in units]
    if absent:
        raise ModelError(
            f"The units lack the column '{absent[0]}'.", f"Needed: {', '.join(_REQUIRED)}."
        )
    if units.empty:
        raise ModelError("There is no unit to spend on.", "Choose targets first.")
    if not units.index.is_unique:
        raise ModelError(
            f"The unit {units.index[units.index.duplicated()][0]} appears twice.",
            "List each unit once.",
        )

    full = units.assign(**{name: value for name, value in _OPTIONAL.items() if name not in units})
    full = full if "group" in full else full.assign(group=None)
    for name in (*_REQUIRED, *_OPTIONAL):
        _check_figures(full[name], name)
    return as_table(full, SpendUnits)


def _check_figures(column: "pd.Series[float]", name: str) -> None:
    """Raise for a figure that is missing, negative or too large."""
    top = 1.0 if name.endswith("_share") else np.inf if name == "max_spend_usd" else _LARGEST
    figures = column.to_numpy(float)
    bad = np.flatnonzero(~((figures >= 0) & (figures <= top)))
    if len(bad):
        others = f" ({len(bad) - 1:,} more units are wrong)" if len(bad) > 1 else ""
        raise ModelError(
            f"{name} of unit {column.index[bad[0]]} is {figures[bad[0]]:g}{others}.",
            f"Give a figure from 0 to {top:g}, or leave the unit out.",
        )


def _check_floors(problem: Problem, groups: list[str]) -> None:
    """Raise if the floors exceed the budget, or what their groups can take."""
    total = float(problem.floor.sum())
    if total > problem.budget * (1 + EQUAL):
        raise ModelError(
            f"The floors add up to {write_dollars(total, cents=True)}; the budget is"
            f" {write_dollars(problem.budget, cents=True)}.",
            "Raise the budget or lower the floors.",
        )
    room = np.where(problem.fundable, problem.maximum, 0.0)
    for number, floor in enumerate(problem.floor):
        most = float(room[problem.group == number].sum())
        if floor > most:
            raise ModelError(
                f"'{groups[number]}' can take at most {write_dollars(most, cents=True)}, less than"
                f" its floor of {write_dollars(floor, cents=True)}.",
                "Lower the floor, or raise the caps of its units.",
            )


def _join_curves(units: DataFrame[SpendUnits], terms: Terms, case: Case) -> SpendCurves:
    """Return the curves of all cells, channel by channel."""
    parts = [terms.curve.spend_curves(units, channel, case) for channel in terms.channels]
    return SpendCurves(
        np.concatenate([part.ceiling for part in parts]),
        np.concatenate([part.rate for part in parts]),
    )


def _explain_cells(problem: Problem, split: Split, groups: list[str], by_frequency: Floats) -> Any:
    """Say why each cell got what it got."""
    spend, own = split.spend, spread_groups(problem, split.log_group_price)
    raised = own < split.log_price

    # Cells between their bounds: the shadow price that they share.
    price = np.exp(split.log_price)
    sentences = [f"marginal value equals the shadow price of {price:.3g} responses per dollar"]
    sentences += [
        f"raised to the floor of {name}: marginal value equals its shadow price of"
        f" {np.exp(log_price):.3g} responses per dollar"
        for name, log_price in zip(groups, split.log_group_price, strict=True)
    ]
    inside = np.array(sentences, dtype=object)[np.where(raised, problem.group + 1, 0)]

    # The first condition that holds explains a cell.
    has_minimum = problem.minimum > 0
    capped = spend >= problem.maximum * (1 - EQUAL)
    cleared = problem.entry_log_price >= np.minimum(own, split.log_price)
    conditions: dict[str, Any] = {
        "no missing household can be reached here": problem.curves.ceiling <= 0,
        "below minimum: its cap is below the minimum spend": problem.maximum < problem.minimum,
        "below minimum: the whole budget does not clear it": problem.budget < problem.minimum,
        "below minimum: its value per dollar reaches the shadow price, but no money is left to"
        " clear it": (spend == 0) & has_minimum & cleared,
        "below minimum: its value per dollar is below the shadow price": (spend == 0) & has_minimum,
        "its first dollar wins less than the shadow price": spend == 0,
        "capped by frequency": capped & (by_frequency <= problem.maximum),
        "capped by its maximum spend": capped,
        "held at its minimum spend": has_minimum & (spend <= problem.minimum * (1 + EQUAL)),
    }
    return np.select(list(conditions.values()), list(conditions), default=inside)
