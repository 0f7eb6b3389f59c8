"""Splits an advertising budget over units (tracts, ZIPs, pins) and channels to win the most expected additional responses.

A row of the answer is a cell: one unit on one channel. Expected responses of a cell are concave in
its spend (:mod:`models.budget.ad_response`), so the best split gives every funded cell the same
marginal value, *the cut*, unless a cap, a minimum or a floor stands in the way
(:mod:`models.budget.concave_solver`). Figures are not rounded; an exporter that rounds down to
cents never exceeds the budget.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.budget.ad_response import META, Case, Channel, ResponseCurve, SpendCurves
from models.budget.concave_solver import Problem, Split, dual_value, split_budget
from outreach.arrays import Floats
from outreach.errors import ModelError

#: Columns of ``units`` that may be left out, and what then holds for every unit.
_OPTIONAL = {
    "persuadable_share": 1.0,
    "price_factor": 1.0,
    "min_spend_usd": 0.0,
    "max_spend_usd": np.inf,
}
_NEEDED = ("households_count", "missing_households_count", "addressable_share")
#: Relative width within which two money figures are taken as equal.
_EQUAL = 1e-9
_CENT = 0.01
#: No count and no amount of a unit is larger.
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Floor:
    """At least so much for a group (a district, a language group): ``usd``, or ``share`` (0-1) of the budget; the larger holds."""

    group: str
    usd: float = 0.0
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """How a budget may be split.

    Parameters
    ----------
    budget_usd
        To spend at most.
    channels, curve
        Where to advertise, and the assumptions about what it wins.
    minimum_spend_usd
        Least spend of a cell that gets any; a unit's ``min_spend_usd`` holds where it is larger.
    max_impressions_per_household
        Frequency cap over the whole flight, on each channel, on the mean over all households of a
        unit. The planning default is 8-10 a month (ASSUMED).
    floors
        By the ``group`` column of the units; the groups do not overlap.
    floors_by_channel
        The groups of the floors are the channels instead.
    channel_frequency
        Frequency cap by channel, where a channel has one of its own.
    """

    budget_usd: float
    channels: tuple[Channel, ...] = (META,)
    curve: ResponseCurve = field(default_factory=ResponseCurve)
    minimum_spend_usd: float = 0.0
    max_impressions_per_household: float = 24.0
    floors: tuple[Floor, ...] = ()
    floors_by_channel: bool = False
    channel_frequency: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        money = (self.budget_usd, self.minimum_spend_usd, *(floor.usd for floor in self.floors))
        if not all(np.isfinite(each) and each >= 0 for each in money):
            raise ModelError(
                "Budget, minimum spend and floors must be amounts from 0 up.", "Mend the terms."
            )
        if (
            not min(self.max_impressions_per_household, *self.channel_frequency.values(), np.inf)
            > 0
        ):
            raise ModelError(
                "The frequency cap must be above 0.", "Planning default: 8-10 impressions a month."
            )
        if not self.channels or len({channel.name for channel in self.channels}) < len(
            self.channels
        ):
            raise ModelError("Channels must be named, each once.", "Give at least one channel.")
        if len({floor.group for floor in self.floors}) < len(self.floors):
            raise ModelError("A group has two floors.", "Give one floor a group.")

    def floor_usd(self, floor: Floor) -> float:
        """Return a floor as money."""
        return max(floor.usd, floor.share * self.budget_usd)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Proof of how good a split is, worked out anew from its spends.

    Parameters
    ----------
    cut_responses_per_usd
        Marginal value that the common budget stops at; 0 where money is left over because all is
        capped.
    group_cuts
        The lower cut of each group that its floor raises.
    bound_responses_count, gap_responses_count
        No split under these terms wins more than the bound; the gap is what this one may lack (0
        without minimums, but for rounding).
    marginal_error
        Largest difference between the logarithms of the marginal value of a cell strictly between
        its bounds and of its cut.
    slackness_error
        Largest such difference on the wrong side of the cut: of a funded cell whose entry (value
        per USD of its minimum, or of the first dollar) lies below it, of an unfunded one above it,
        of a capped cell below it. 0 without minimums, but for rounding; infinite where money is
        left over that clears no minimum.
    """

    cut_responses_per_usd: float
    group_cuts: dict[str, float]
    bound_responses_count: float
    gap_responses_count: float
    marginal_error: float
    slackness_error: float


@dataclass(frozen=True, slots=True)
class Allocation:
    """A split budget.

    ``cells`` has one row a unit and channel, in the order asked, indexed like the units:
    ``channel``, ``budget_usd``, ``impressions_count``, ``reached_households_count``,
    ``expected_responses_count`` with ``_low`` and ``_high`` cases, ``marginal_responses_per_usd``,
    ``why``. The low and high case put *all* assumptions at their bad or good end together, for the
    same spends.
    """

    cells: pd.DataFrame
    certificate: Certificate
    unspent_usd: float
    assumptions: pd.DataFrame

    def by_unit(self) -> pd.DataFrame:
        """Return the sums over channels, a row a unit, with the ``why`` of each channel, named where there are several."""
        sums = ["budget_usd", "impressions_count", "expected_responses_count"]
        sums += ["expected_responses_low_count", "expected_responses_high_count"]
        several = len(set(self.cells["channel"])) > 1
        why = self.cells["channel"] + ": " + self.cells["why"] if several else self.cells["why"]
        grouped = self.cells.assign(why=why).groupby(level=0, sort=False)
        return grouped[sums].sum().assign(why=grouped["why"].agg("; ".join))

    def _word(self) -> str:
        return "pairs of a unit and a channel" if len(set(self.cells["channel"])) > 1 else "units"

    def summary(self) -> str:
        """Say in a paragraph what was spent, what it is expected to win at best and worst, and what was left over."""
        total = self.cells.select_dtypes("number").sum()
        funded = int((self.cells["budget_usd"] > 0).sum())
        low, high = total["expected_responses_low_count"], total["expected_responses_high_count"]
        unspent = f" {self.unspent_usd:,.2f} USD stay unspent: every unit is capped, or clears no minimum spend."
        return (
            f"{total['budget_usd']:,.2f} USD buy {total['impressions_count']:,.0f} impressions in {funded:,} of "
            f"{len(self.cells):,} {self._word()}. Expected additional responses: {total['expected_responses_count']:,.1f} "
            f"(low case {low:,.1f}, high case {high:,.1f}), {1000 * self.certificate.cut_responses_per_usd:,.1f} of them by the last 1,000 USD; "
            f"the best possible split wins at most {self.certificate.gap_responses_count:,.2g} more."
            + (unspent if self.unspent_usd >= _CENT else "")
        )


def allocate_budget(units: pd.DataFrame, terms: Terms) -> Allocation:
    """Split ``terms.budget_usd`` over ``units`` to win the most expected additional responses.

    Parameters
    ----------
    units
        A row a unit, uniquely indexed: ``households_count``, ``missing_households_count`` (expected
        at the deadline), ``addressable_share`` (households online, 0-1). Optional:
        ``persuadable_share`` (0-1), ``price_factor`` (by place and season, see
        :func:`models.budget.ad_response.price_season`), ``min_spend_usd`` and ``max_spend_usd`` (a
        cell's), ``group`` (whose floor it counts to).
    terms
        The rules.

    Raises
    ------
    ModelError
        A column is missing or a figure is, or the terms cannot be met; the message says which.
    """
    units = _checked_units(units)
    cells = pd.concat([units.assign(channel=channel.name) for channel in terms.channels])
    mid, low, high = (_curves(units, terms, case) for case in (Case.MID, Case.LOW, Case.HIGH))
    price = np.concatenate(
        [terms.curve.price_usd(c) * units["price_factor"].to_numpy(float) for c in terms.channels]
    )
    most = {channel.name: terms.max_impressions_per_household for channel in terms.channels} | dict(
        terms.channel_frequency
    )
    by_frequency = (
        price
        * cells["households_count"].to_numpy(float)
        * cells["channel"].map(most).to_numpy(float)
    )
    group = cells["channel" if terms.floors_by_channel else "group"]
    names = [floor.group for floor in terms.floors]
    problem = Problem(
        mid,
        terms.budget_usd,
        np.maximum(cells["min_spend_usd"].to_numpy(float), terms.minimum_spend_usd),
        np.minimum(by_frequency, cells["max_spend_usd"].to_numpy(float)),
        pd.Index(names).get_indexer(pd.Index(group))
        if names
        else np.full(len(cells), -1, dtype=np.intp),
        np.array([terms.floor_usd(floor) for floor in terms.floors]),
    )
    _check_floors(problem, names)
    split = split_budget(problem)
    impressions = split.spend / price
    table = pd.DataFrame(
        {
            "channel": cells["channel"],
            "budget_usd": split.spend,
            "impressions_count": impressions,
            "reached_households_count": _reached(cells, impressions, terms),
            "expected_responses_count": mid.responses(split.spend),
            "expected_responses_low_count": low.responses(split.spend),
            "expected_responses_high_count": high.responses(split.spend),
            "marginal_responses_per_usd": mid.marginal(split.spend),
            "why": _explain(problem, split, names, by_frequency),
        },
        index=cells.index,
    )
    unspent = max(0.0, terms.budget_usd - float(split.spend.sum()))
    return Allocation(
        table, certify(problem, split, names), unspent, terms.curve.assumptions(terms.channels)
    )


def certify(problem: Problem, split: Split, names: list[str]) -> Certificate:
    """Check a split against the conditions of optimality, from its spends and cuts alone."""
    log_cuts = np.minimum(np.append(split.log_group_cut, np.inf)[problem.group], split.log_cut)
    lowest = np.where(split.spend > 0, problem.minimum, 0.0)
    capped = split.spend >= problem.maximum * (1 - _EQUAL)
    at_bottom = split.spend <= lowest * (1 + _EQUAL)
    inside = problem.fundable & ~capped & ~at_bottom
    with np.errstate(invalid="ignore"):  # -inf - -inf: nothing to win and nothing asked
        off = problem.curves.log_marginal(split.spend) - log_cuts
        entry_off = problem.entry_log_cut - log_cuts
    wrong = [
        np.where(problem.fundable, np.where(split.spend == 0, entry_off, -entry_off), 0.0),
        np.where(capped & ~at_bottom, -off, 0.0),
        np.where(at_bottom & ~capped & (split.spend > 0), off, 0.0),
    ]
    raised = split.log_group_cut < split.log_cut
    bound = min(split.bound, dual_value(problem, split.log_cut, split.log_group_cut))
    return Certificate(
        cut_responses_per_usd=float(np.exp(split.log_cut)),
        group_cuts={
            names[g]: float(np.exp(split.log_group_cut[g])) for g in np.flatnonzero(raised)
        },
        bound_responses_count=bound,
        gap_responses_count=max(0.0, bound - split.won(problem)),
        marginal_error=float(np.abs(off[inside]).max(initial=0.0)),
        slackness_error=float(np.max(wrong, initial=0.0)),
    )


def _checked_units(units: pd.DataFrame) -> pd.DataFrame:
    """Return ``units`` with its optional columns, or say what is wrong with it."""
    absent = [name for name in _NEEDED if name not in units]
    if absent:
        raise ModelError(
            f"The units lack the column '{absent[0]}'.", f"Needed: {', '.join(_NEEDED)}."
        )
    if units.empty:
        raise ModelError("There is no unit to spend on.", "Choose targets first.")
    if not units.index.is_unique:
        raise ModelError(
            f"The unit {units.index[units.index.duplicated()][0]} stands twice.",
            "Give each unit once.",
        )
    full = units.assign(**{name: value for name, value in _OPTIONAL.items() if name not in units})
    full = full if "group" in full else full.assign(group=None)
    for name in (*_NEEDED, *_OPTIONAL):
        figures = full[name].to_numpy(float)
        top = 1.0 if name.endswith("_share") else np.inf if name == "max_spend_usd" else _LARGEST
        bad = np.flatnonzero(~((figures >= 0) & (figures <= top)))
        if len(bad):
            raise ModelError(
                f"{name} of unit {full.index[bad[0]]} is {figures[bad[0]]:g} ({len(bad):,} units are so).",
                f"Give a figure from 0 to {top:g}, or leave the unit out.",
            )
    if not (full["price_factor"] > 0).all():
        raise ModelError("A price factor is 0.", "1 is the channel's own price.")
    return full


def _check_floors(problem: Problem, names: list[str]) -> None:
    if problem.floor.sum() > problem.budget * (1 + _EQUAL):
        raise ModelError(
            f"The floors come to {problem.floor.sum():,.2f} USD, the budget is {problem.budget:,.2f} USD.",
            "Raise the budget or lower the floors.",
        )
    room = np.where(problem.fundable, problem.maximum, 0.0)
    for number, floor in enumerate(problem.floor):
        most = float(room[problem.group == number].sum())
        if floor > most:
            raise ModelError(
                f"'{names[number]}' can take at most {most:,.2f} USD, less than its floor of {floor:,.2f} USD.",
                "Lower the floor, or raise the caps of its units.",
            )


def _curves(units: pd.DataFrame, terms: Terms, case: Case) -> SpendCurves:
    """Return the curves of all cells, channel by channel."""
    parts = [terms.curve.spend_curves(units, channel, case) for channel in terms.channels]
    return SpendCurves(
        np.concatenate([part.ceiling for part in parts]),
        np.concatenate([part.rate for part in parts]),
        parts[0].reach,
    )


def _reached(cells: pd.DataFrame, impressions: Floats, terms: Terms) -> Floats:
    """Return the households (answered or not) that at least one impression reaches."""
    penetration = {channel.name: channel.penetration.mid for channel in terms.channels}
    ceiling = (cells["addressable_share"] * cells["channel"].map(penetration)).to_numpy(float)
    households = cells["households_count"].to_numpy(float)
    each = np.divide(impressions, households, out=np.zeros_like(impressions), where=households > 0)
    return households * terms.curve.reach_share(each, ceiling)


def _explain(problem: Problem, split: Split, names: list[str], by_frequency: Floats) -> Any:
    """Say for each cell why it got what it got."""
    spend, own = split.spend, np.append(split.log_group_cut, np.inf)[problem.group]
    raised = own < split.log_cut
    cuts = [f"marginal value equals the cut of {np.exp(split.log_cut):.3g} responses per USD"]
    cuts += [
        f"raised to the floor of {name}: marginal value equals its cut of {np.exp(log_cut):.3g} responses per USD"
        for name, log_cut in zip(names, split.log_group_cut, strict=True)
    ]
    inside = np.array(cuts, dtype=object)[np.where(raised, problem.group + 1, 0)]
    cleared = problem.entry_log_cut >= np.minimum(own, split.log_cut)
    conditions: dict[str, Any] = {
        "no missing household can be reached here": problem.curves.ceiling <= 0,
        "below minimum: its cap forbids the minimum spend": problem.maximum < problem.minimum,
        "below minimum: the whole budget does not clear it": problem.budget < problem.minimum,
        "below minimum: what it would win there per USD reaches the cut, but no money is left to clear it": (
            (spend == 0) & (problem.minimum > 0) & cleared
        ),
        "below minimum: what it would win there per USD lies under the cut": (spend == 0)
        & (problem.minimum > 0),
        "its first dollar wins less than the cut": spend == 0,
        "capped by frequency": (spend >= problem.maximum * (1 - _EQUAL))
        & (by_frequency <= problem.maximum),
        "capped by its maximum spend": spend >= problem.maximum * (1 - _EQUAL),
        "held at its minimum spend": (problem.minimum > 0)
        & (spend <= problem.minimum * (1 + _EQUAL)),
    }
    return np.select(list(conditions.values()), list(conditions), default=inside)
