"""Compare the arms of a test between two data dates of the archive."""

import datetime as dt
import math
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.footprint import average_members
from models.trial.design import ARMS, Design
from models.trial.effect import Effect, TrialComparison, prepare_comparison
from models.trial.plan import TrialPlan
from models.trial.power import list_covariates
from models.trial.readable import LEAST_UNITS
from models.trial.readout.dose import DoseEffect, estimate_dose, observe_dose
from models.trial.readout.looks import Boundaries, bound_stages
from models.trial.readout.placebo_arms import PlaceboArms, split_held
from models.trial.readout.spillover import prepare_spill
from models.trial.readout.trimmed_match import TrimmedEffect, estimate_trimmed
from outreach.archive import Archive
from outreach.arrays import Floats
from outreach.campaign.looks import find_share
from outreach.errors import ModelError, NothingThere
from outreach.phrasing import join_words, write_date
from outreach.rates import pivot_rates
from outreach.units import Arm

#: A data date counts if at least this share of the tracts has a rate. A window may begin and end
#: this many days from where it should.
_RATED_SHARE, _MOST_GAP_DAYS = 0.95, 7
#: Least days of the window before the flight, where the archive begins late.
_LEAST_PLACEBO_DAYS = 7
#: Permutations of the arms.
_PERMUTATIONS = 1999


@dataclass(frozen=True)
class DrawnTest:
    """A test as it was drawn: its plan, and the tables of the run that drew it."""

    drawn_by: str
    plan: TrialPlan
    digest: str
    design: Design
    arms: "pd.Series[str]"
    households: "pd.Series[float]"
    members: pd.DataFrame
    tracts: gpd.GeoDataFrame


@dataclass(frozen=True)
class Comparison:
    """What the arms are compared by between two data dates.

    ``change`` is missing for units without a rate, which weigh nothing; ``left_out_tracts`` have no
    rate on one of the dates.
    """

    judge: TrialComparison
    change: "pd.Series[float]"
    households: "pd.Series[float]"
    units_count: dict[str, int]
    left_out_tracts: tuple[str, ...]

    @property
    def null(self) -> Floats:
        """The estimate of each permutation of the arms."""
        return self.judge.rows @ self.change.fillna(0.0).to_numpy(dtype=float)


@dataclass(frozen=True)
class Look:
    """A look at a running test, or its end, with the boundary of the plan's spending.

    Parameters
    ----------
    planned, last
        The day that the plan states, and the data date that was read.
    estimate_share, boundary_share
        The estimate, and how far from zero it must be (0-1 of households).
    spent_share
        Error that is spent by then, 0-1.
    """

    planned: dt.date
    last: pd.Timestamp
    estimate_share: float
    boundary_share: float
    spent_share: float


@dataclass(frozen=True)
class Looks:
    """The looks at a test so far, their boundaries, and what each permutation estimates."""

    stages: tuple[Look, ...]
    boundaries: Boundaries
    nulls: Floats


@dataclass(frozen=True)
class WindowEffect:
    """How much the arms differ between two data dates.

    Parameters
    ----------
    first, last
        The data dates.
    effect
        The difference, with its uncertainty.
    units_count
        Units with rates, by arm.
    treated_count
        Households in treated units.
    left_out_units, left_out_tracts
        Units and tracts without a rate on one of the dates.
    trimmed
        The same difference by trimmed match; ``None`` where too few blocks have both arms, or where
        it was not requested.
    splits
        What is found between random halves of the held-out units; ``None`` where too few are held
        out, or where it was not requested.
    spill
        What areas drawn high won beyond their own ads; ``None`` unless the test is of saturation.
    delivered
        The effect of all planned ads with the arms as an instrument for delivery; ``None`` without
        deliveries.
    observed
        What units with ads won by each full dose, which the arms did not assign; ``None`` without
        deliveries, or where all got alike.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    effect: Effect
    units_count: dict[str, int]
    treated_count: float
    left_out_units: tuple[str, ...]
    left_out_tracts: tuple[str, ...]
    trimmed: TrimmedEffect | None = None
    splits: PlaceboArms | None = None
    spill: Effect | None = None
    delivered: DoseEffect | None = None
    observed: DoseEffect | None = None


def read_rates(archive: Archive, test: DrawnTest) -> pd.DataFrame:
    """Return the cumulative shares of the units' tracts, by data date.

    Tracts without a rate when the arms were drawn are left out, and so are dates on which many
    tracts have none.
    """
    rated = test.tracts.index[test.tracts["cumulative_share"].notna()]
    tracts = rated.intersection(
        test.members.loc[test.members["unit_id"].isin(test.design.unit_ids), "geoid"]
    )
    rates = pivot_rates(archive.read(sorted(tracts))).reindex(tracts)
    return rates.loc[:, rates.notna().mean() >= _RATED_SHARE]


def choose_window(
    days: pd.DatetimeIndex, plan: TrialPlan, *, so_far: bool
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the last data date before the flight and the first one after it.

    With ``so_far``, the second may be the last stated look at a flight that still runs.

    Raises
    ------
    NothingThere
        The flight is not over, or days are missing, or no stated look has been reached.
    """
    if len(days) and days[-1].date() < plan.flight_start:
        raise NothingThere(
            f"The flight has not begun: it runs from {write_date(plan.flight_start)} to"
            f" {write_date(plan.flight_end)}, and the archive ends on {write_date(days[-1])}.",
            "Measure it after its end; --so-far works at the looks that its plan states.",
        )
    before, after = days[days.date < plan.flight_start], days[days.date > plan.flight_end]
    advice = "Import the missing days with 'outreach archive import'."
    if not len(before) or (plan.flight_start - before[-1].date()).days > _MOST_GAP_DAYS:
        raise NothingThere(
            f"The archive has no rates of the tracts in the {_MOST_GAP_DAYS} days before the"
            f" flight, which starts on {write_date(plan.flight_start)}.",
            advice,
        )
    if len(after):
        if (after[0].date() - plan.flight_end).days > _MOST_GAP_DAYS:
            raise NothingThere(
                f"The flight ends on {write_date(plan.flight_end)}, but the first rates after it"
                f" are of {write_date(after[0])}.",
                advice,
            )
        return before[-1], after[0]
    if so_far:
        return before[-1], _choose_look(days, plan)
    running = (
        f"The flight runs until {write_date(plan.flight_end)}, but the archive ends on"
        f" {write_date(days[-1])}."
    )
    raise NothingThere(
        running, "Wait for rates of a later day; --so-far looks ahead where the plan states a look."
    )


def _choose_look(days: pd.DatetimeIndex, plan: TrialPlan) -> pd.Timestamp:
    """Return the data date of the last stated look that the archive has."""
    if not plan.looks:
        raise NothingThere(
            "The plan of this test states no looks before its end, so none is taken: looking at"
            " will and stopping on what one sees finds effects that do not exist.",
            f"Measure it after {write_date(plan.flight_end)}. For the next test, state them with"
            " [holdout] looks before the flight.",
        )
    taken = list(list_looks(days, plan).values())
    if not taken:
        ahead = [day for day in plan.looks if day > days[-1].date()]
        stated = join_words([write_date(day) for day in plan.looks])
        raise NothingThere(
            f"The plan of this test states looks on {stated}, and the archive ends on"
            f" {write_date(days[-1])}.",
            f"Look on {write_date(ahead[0])} or within the week after it."
            if ahead
            else "Import the days after a look with 'outreach archive import'.",
        )
    return taken[-1]


def find_before(
    days: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp
) -> pd.Timestamp | None:
    """Return the start of the window before the flight's, as long or as long as the archive allows.

    ``None`` if the archive does not reach back a week.
    """
    start = first - (last - first)
    before = days[days <= start]
    if len(before) and (start - before[-1]).days <= _MOST_GAP_DAYS:
        return before[-1]
    within = days[(days > start) & ((first - days).days >= _LEAST_PLACEBO_DAYS)]
    return within[0] if len(within) else None


def estimate_effect(
    rates: pd.DataFrame,
    test: DrawnTest,
    first: pd.Timestamp,
    last: pd.Timestamp,
    *,
    is_checked: bool = False,
    dose: "pd.Series[float] | None" = None,
    looks: Looks | None = None,
) -> WindowEffect:
    """Estimate how much the arms differ between two data dates.

    The estimate is the one that :func:`models.trial.power.tabulate_power` assumes. With
    ``is_checked`` it has trimmed match and placebo arms beside it, with the ``dose`` of each unit
    the estimate by delivery, and with ``looks`` its range and p-value allow for them.
    """
    compared = compare_arms(rates, test, first, last)
    change = compared.change.fillna(0.0)
    effect = _bound_effect(compared, test, change, looks)
    return WindowEffect(
        first,
        last,
        effect,
        compared.units_count,
        float(compared.households[test.arms == Arm.TREAT].sum()),
        tuple(compared.change.index[compared.change.isna()]),
        compared.left_out_tracts,
        estimate_trimmed(compared.judge, test.arms, change) if is_checked else None,
        _split_held(compared, test) if is_checked else None,
        _estimate_spill(compared.judge, test.arms, change, effect),
        None if dose is None else estimate_dose(compared.judge, test.arms, change, dose),
        None if dose is None else observe_dose(compared.judge, test.arms, change, dose),
    )


def compare_arms(
    rates: pd.DataFrame, test: DrawnTest, first: pd.Timestamp, last: pd.Timestamp
) -> Comparison:
    """Prepare the comparison of the arms between two data dates.

    Tracts without a rate on one of the dates are left out on both. A unit without other tracts
    weighs nothing, in the assignment and in every permutation.

    Raises
    ------
    ModelError
        An arm has too few units with rates.
    """
    whole = rates.loc[rates[[first, last]].notna().all(axis=1), :last]
    units = pd.Index(test.design.unit_ids)
    members = test.members[test.members["geoid"].isin(whole.index)]
    history = average_members(members, whole, test.tracts["households_count"]).reindex(units)
    known = list_covariates(
        history,
        pd.DataFrame({"households_count": test.households}),
        int(pd.DatetimeIndex(whole.columns).searchsorted(first)),
    )
    change = history[last] - history[first]
    households = test.households.where(change.notna(), 0.0)
    counted = {arm.value: int((test.arms[change.notna()] == arm).sum()) for arm in ARMS}
    few = [arm for arm in (Arm.TREAT, Arm.HOLDOUT) if counted[arm] < LEAST_UNITS]
    if few:
        raise ModelError(
            f"The arm '{few[0]}' has {counted[few[0]]} units with rates, too few to compare.",
            "Plan the next test with more and smaller units, or a larger holdout.",
        )
    judge = prepare_comparison(
        test.design,
        households,
        known.fillna(known.mean()),
        permutations=_PERMUTATIONS,
        seed=choose_seed(test.plan),
    )
    return Comparison(
        judge, change, households, counted, tuple(rates.index.difference(whole.index))
    )


def read_looks(
    rates: pd.DataFrame, test: DrawnTest, first: pd.Timestamp, last: pd.Timestamp
) -> Looks | None:
    """Read the test at every stated look up to a data date, and find the boundaries.

    A look without rates in the week after it was not taken, and spends nothing.

    Returns
    -------
    Looks or None
        With the end as its last stage where ``last`` is after the flight. ``None`` if the plan
        states no looks.
    """
    plan = test.plan
    if not plan.looks:
        return None
    taken = list_looks(pd.DatetimeIndex(rates.columns), plan)
    stages = [(day, date) for day, date in taken.items() if date <= last]
    if last.date() > plan.flight_end:
        stages.append((plan.flight_end, last))
    compared = [compare_arms(rates, test, first, date) for _, date in stages]
    nulls = np.array([each.null for each in compared])
    times = [find_share(day, plan.flight_start, plan.flight_end) for day, _ in stages]
    boundaries = bound_stages(nulls, times)
    estimates = [
        each.judge.estimate(test.arms, each.change.fillna(0.0)).estimate_share for each in compared
    ]
    looks = tuple(
        Look(day, date, estimate, float(boundary), float(spent))
        for (day, date), estimate, boundary, spent in zip(
            stages, estimates, boundaries.shares, boundaries.spent, strict=True
        )
    )
    return Looks(looks, boundaries, nulls)


def list_looks(days: pd.DatetimeIndex, plan: TrialPlan) -> dict[dt.date, pd.Timestamp]:
    """Return the data date of each stated look that the archive has: the first one from it on."""
    found = {}
    for day in plan.looks:
        after = days[(days.date >= day) & (days.date <= plan.flight_end)]
        if len(after) and (after[0].date() - day).days <= _MOST_GAP_DAYS:
            found[day] = after[0]
    return found


def _bound_effect(
    compared: Comparison, test: DrawnTest, change: "pd.Series[float]", looks: Looks | None
) -> Effect:
    """Return the effect; its range and p-value allow for the looks."""
    judge = compared.judge
    effect = judge.estimate(test.arms, change)
    if looks is not None and looks.stages[-1].planned < test.plan.flight_end:
        # At a look, the range is what the boundary leaves.
        reach = looks.stages[-1].boundary_share
        middle = effect.estimate_share
        effect = replace(effect, low_share=middle - reach, high_share=middle + reach)
    elif looks is not None:
        level = float(looks.boundaries.levels[-1])
        narrow = judge.estimate(test.arms, change, 1 - level)
        p_value = looks.boundaries.judge(
            [look.estimate_share for look in looks.stages], looks.nulls
        )
        effect = replace(narrow, confidence=effect.confidence, p_value=p_value)
    if not math.isfinite(effect.low_share + effect.high_share):
        raise ModelError(
            f"The arms of {len(change):,} units have too few permutations to tell how certain the"
            " estimate is.",
            "Plan the next test with more and smaller units.",
        )
    return effect


def _split_held(compared: Comparison, test: DrawnTest) -> PlaceboArms | None:
    """Split the held-out units as if half had ads, with seeds that nothing else is drawn from."""
    return split_held(compared.judge, test.arms, compared.change, choose_seed(test.plan) + 1)


def _estimate_spill(
    comparison: TrialComparison,
    arms: "pd.Series[str]",
    change: "pd.Series[float]",
    direct: Effect,
) -> Effect | None:
    """Estimate the spill-over between areas; ``None`` unless the test is of saturation."""
    if comparison.design.levels is None:
        return None
    return prepare_spill(comparison).estimate(arms, change, direct.estimate_share)


def choose_seed(plan: TrialPlan) -> int:
    """Return the seed of the permutations; the plan's own seed would draw the plan's arms first."""
    return plan.seed + 1
