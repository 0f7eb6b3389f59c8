"""The flight of a test in the archived season: between which data dates its units are compared, and by how much its arms differ there."""

import math
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from geo.footprint import average_members
from models.trial.design import ARMS, Design
from models.trial.effect import Effect, prepare_comparison
from models.trial.plan import TrialPlan
from models.trial.power import list_covariates
from outreach.archive import Archive
from outreach.errors import ModelError, NothingThere
from outreach.rates import pivot_rates
from outreach.units import Arm

#: A data date counts where so many of the tracts have a rate; a window may begin and end so many
#: days off where it should.
_KNOWN_SHARE, _MOST_GAP_DAYS = 0.95, 7
#: Permutations of the arms, and the least units that an arm must have.
_PERMUTATIONS, _LEAST_UNITS = 1999, 2


@dataclass(frozen=True)
class DrawnTest:
    """A test as it was drawn: its plan, and the tables of the run that drew it."""

    drawn_by: str
    record: TrialPlan
    digest: str
    design: Design
    arms: "pd.Series[str]"
    households: "pd.Series[float]"
    members: pd.DataFrame
    tracts: gpd.GeoDataFrame


@dataclass(frozen=True)
class Window:
    """What the arms differ by between two data dates, of how many units by arm and treated households, and what had no rate there."""

    first: pd.Timestamp
    last: pd.Timestamp
    effect: Effect
    units_count: dict[str, int]
    treated_count: float
    left_out_units: tuple[str, ...]
    left_out_tracts: tuple[str, ...]


def read_rates(archive: Archive, test: DrawnTest) -> pd.DataFrame:
    """Return the cumulative share of the units' tracts that had a rate when the arms were drawn, by every date on which nearly all have one."""
    had = test.tracts.index[test.tracts["cumulative_share"].notna()]
    tracts = had.intersection(
        test.members.loc[test.members["unit_id"].isin(test.design.unit_ids), "geoid"]
    )
    season = archive.read(sorted(tracts))
    wide = pivot_rates(season).reindex(tracts)
    return wide.loc[:, wide.notna().mean() >= _KNOWN_SHARE]


def choose_window(
    days: pd.DatetimeIndex, record: TrialPlan, *, so_far: bool
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the last data date before the flight and the first after it; the last of all where the flight may still run."""
    before, after = days[days.date < record.flight_start], days[days.date > record.flight_end]
    mend = "Bring the missing days in with 'outreach archive import'."
    if not len(before) or (record.flight_start - before[-1].date()).days > _MOST_GAP_DAYS:
        raise NothingThere(
            f"The archive has no rates of the tracts in the {_MOST_GAP_DAYS} days before the flight, which starts on {record.flight_start}.", mend
        )  # fmt: skip
    if len(after):
        if (after[0].date() - record.flight_end).days > _MOST_GAP_DAYS:
            raise NothingThere(
                f"The first rates after the flight, which ends on {record.flight_end}, are of {after[0].date()}: the days between are missing.", mend
            )  # fmt: skip
        return before[-1], after[0]
    if so_far and days[-1].date() >= record.flight_start:
        return before[-1], days[-1]
    running = f"The flight runs until {record.flight_end} and the archive ends on {days[-1].date()}, so it is not over."
    if so_far:
        raise NothingThere(
            f"{running} There is no day of the flight to look at yet.", "Wait for the next rates."
        )
    raise NothingThere(
        running, "Wait for rates of a later day, or look ahead of time with --so-far."
    )


def find_before(
    days: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp
) -> pd.Timestamp | None:
    """Return where a window as long as the flight's begins that ends where that starts; ``None`` where the archive does not reach back."""
    wished = first - (last - first)
    known = days[days <= wished]
    return known[-1] if len(known) and (wished - known[-1]).days <= _MOST_GAP_DAYS else None


def estimate_effect(
    rates: pd.DataFrame, test: DrawnTest, first: pd.Timestamp, last: pd.Timestamp
) -> Window:
    """Estimate what the arms differ by between two data dates, as :func:`models.trial.power.tabulate_power` supposed.

    Tracts without a rate on one of them are left out on both. A unit with no other tract weighs
    nothing, in the assignment and in every permutation.
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
    few = [arm for arm in (Arm.TREAT, Arm.HOLDOUT) if counted[arm] < _LEAST_UNITS]
    if few:
        raise ModelError(
            f"The arm '{few[0]}' has {counted[few[0]]} units with rates, too few to compare.",
            "A test needs more units; plan the next one with smaller ones or a larger holdout.",
        )
    comparison = prepare_comparison(
        test.design,
        households,
        known.fillna(known.mean()),
        permutations=_PERMUTATIONS,
        seed=choose_seed(test.record),
    )
    effect = comparison.estimate(test.arms, change.fillna(0.0))
    if not math.isfinite(effect.low_share + effect.high_share):
        raise ModelError(
            f"The arms of {len(units):,} units can fall in too few ways to tell how sure the estimate is.",
            "A test needs more units; plan the next one with smaller ones.",
        )
    return Window(
        first,
        last,
        effect,
        counted,
        float(households[test.arms == Arm.TREAT].sum()),
        tuple(units[change.isna()]),
        tuple(rates.index.difference(whole.index)),
    )


def choose_seed(record: TrialPlan) -> int:
    """Return the seed of the permutations; the plan's own seed would draw the plan's arms first."""
    return record.seed + 1
