"""Compare the arms of a test between two data dates of the archive."""

import math
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.footprint import average_members
from models.trial.design import ARMS, Design
from models.trial.dose import DoseEffect, estimate_dose
from models.trial.effect import Effect, TrialComparison, prepare_comparison
from models.trial.plan import TrialPlan
from models.trial.power import list_covariates
from models.trial.readable import LEAST_UNITS
from models.trial.spillover import prepare_spill
from models.trial.trimmed_match import TrimmedEffect, estimate_trimmed
from outreach.archive import Archive
from outreach.errors import ModelError, NothingThere
from outreach.phrasing import write_date
from outreach.rates import pivot_rates
from outreach.units import Arm

#: A data date counts if at least this share of the tracts has a rate. A window may begin and end
#: this many days from where it should.
_RATED_SHARE, _MOST_GAP_DAYS = 0.95, 7
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
    spill
        What areas drawn high won beyond their own ads; ``None`` unless the test is of saturation.
    delivered
        The effect of all planned ads with the arms as an instrument for delivery; ``None`` without
        deliveries.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    effect: Effect
    units_count: dict[str, int]
    treated_count: float
    left_out_units: tuple[str, ...]
    left_out_tracts: tuple[str, ...]
    trimmed: TrimmedEffect | None = None
    spill: Effect | None = None
    delivered: DoseEffect | None = None


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

    With ``so_far``, the second may be the newest date of a flight that still runs.

    Raises
    ------
    NothingThere
        The flight is not over, or days are missing.
    """
    if len(days) and days[-1].date() < plan.flight_start:
        raise NothingThere(
            f"The flight has not begun: it runs from {write_date(plan.flight_start)} to"
            f" {write_date(plan.flight_end)}, and the archive ends on {write_date(days[-1])}.",
            "Measure it after its end; --so-far works from its first days on.",
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
        return before[-1], days[-1]
    running = (
        f"The flight runs until {write_date(plan.flight_end)}, but the archive ends on"
        f" {write_date(days[-1])}."
    )
    raise NothingThere(
        running, "Wait for rates of a later day, or use --so-far for a provisional look."
    )


def find_before(
    days: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp
) -> pd.Timestamp | None:
    """Return the start of the window before the flight's, which is just as long.

    ``None`` if the archive does not reach back far enough.
    """
    start = first - (last - first)
    before = days[days <= start]
    return before[-1] if len(before) and (start - before[-1]).days <= _MOST_GAP_DAYS else None


def estimate_effect(
    rates: pd.DataFrame,
    test: DrawnTest,
    first: pd.Timestamp,
    last: pd.Timestamp,
    *,
    is_checked: bool = False,
    dose: "pd.Series[float] | None" = None,
) -> WindowEffect:
    """Estimate how much the arms differ between two data dates.

    The estimate is the one that :func:`models.trial.power.tabulate_power` assumes. With
    ``is_checked`` it has its check by trimmed match beside it, and with the ``dose`` of each unit
    the estimate by delivery.

    Tracts without a rate on one of the dates are left out on both. A unit without other tracts
    weighs nothing, in the assignment and in every permutation.
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
    comparison = prepare_comparison(
        test.design,
        households,
        known.fillna(known.mean()),
        permutations=_PERMUTATIONS,
        seed=choose_seed(test.plan),
    )
    effect = comparison.estimate(test.arms, change.fillna(0.0))
    if not math.isfinite(effect.low_share + effect.high_share):
        raise ModelError(
            f"The arms of {len(units):,} units have too few permutations to tell how certain the"
            " estimate is.",
            "Plan the next test with more and smaller units.",
        )
    return WindowEffect(
        first,
        last,
        effect,
        counted,
        float(households[test.arms == Arm.TREAT].sum()),
        tuple(units[change.isna()]),
        tuple(rates.index.difference(whole.index)),
        estimate_trimmed(comparison, test.arms, change.fillna(0.0)) if is_checked else None,
        _estimate_spill(comparison, test.arms, change.fillna(0.0), effect),
        None if dose is None else estimate_dose(comparison, test.arms, change.fillna(0.0), dose),
    )


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
