"""Compute the minimum detectable effects of a test from its units' own past."""

import datetime as dt
import math

import pandas as pd

from flows.steps.buying.trial.ties import count_block
from flows.steps.notes import Notes
from models.trial.design import Design, Ties
from models.trial.effect import prepare_comparison
from models.trial.power import list_covariates, tabulate_power
from models.trial.readout.spillover import prepare_spill
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.phrasing import write_count
from outreach.units import name_kind

_PERCENT = 100
#: Designs of the power table beside the campaign's own, and permutations of each.
_WEEKS, _HOLDOUTS, _PERMUTATIONS = (2, 4, 6, 8), (0.1, 0.2, 0.3, 0.5), 400


def count_weeks(start: dt.date, end: dt.date) -> int:
    """Return the length of a flight in weeks, rounded up."""
    return max(1, math.ceil(((end - start).days + 1) / 7))


def measure_power(
    units: pd.DataFrame,
    past: pd.DataFrame,
    ties: Ties,
    campaign: Campaign,
    weeks: int,
    notes: Notes,
) -> pd.DataFrame | None:
    """Compute what effects the test could detect from the units' own past.

    The notes get what the past is too short to tell.
    """
    groups = len(past) if ties.cluster is None else ties.cluster.reindex(past.index).nunique()
    designs = sorted({*_HOLDOUTS, campaign.holdout.percent / _PERCENT})
    shares = [share for share in designs if count_block(share) <= groups]
    lengths = sorted({*_WEEKS, weeks})
    try:
        power = tabulate_power(
            past, units.loc[past.index], lengths, shares, permutations=_PERMUTATIONS, ties=ties
        )
    except ModelError as error:
        notes.add(f"The minimum detectable effect of this test is not known. {error.what}")
        return None

    lost = len(units) - len(past)
    if lost:
        notes.add(
            f"{lost:,} {name_kind(campaign.units.kind)} have no past season and are not in"
            " power.csv."
        )
    missing = [length for length in lengths if length not in set(power["weeks"])]
    if missing:
        days = (pd.Timestamp(past.columns[-1]) - pd.Timestamp(past.columns[0])).days
        notes.add(
            f"The season so far covers {write_count(days, 'day')}, too few to compute the minimum"
            f" detectable effect for flights of these weeks: {', '.join(map(str, missing))}."
        )
    return power


def find_own_mde(power: pd.DataFrame | None, share: float, weeks: int) -> float | None:
    """Return the minimum detectable effect (0-1) of the campaign's own design, if computed."""
    if power is None:
        return None
    own = power[
        (power["weeks"] == weeks) & (power["holdout_share"] == share) & (power["window"] == 0)
    ]
    finite = [float(value) for value in own["flight_mde_share"] if math.isfinite(value)]
    return finite[0] if finite else None


def find_spill_mde(
    design: Design, units: pd.DataFrame, past: pd.DataFrame, weeks: int
) -> float | None:
    """Return the smallest spill-over (0-1) to detect, by the latest window of the units' past."""
    dates = pd.DatetimeIndex(past.columns)
    whole = past.index.equals(units.index)
    start = (
        int(dates.searchsorted(dates[-1] - pd.Timedelta(weeks=weeks), side="right")) - 1
        if len(dates)
        else -1
    )
    if start < 0 or not whole:
        return None
    known = list_covariates(past, units, start)
    comparison = prepare_comparison(
        design, units["households_count"], known, permutations=_PERMUTATIONS
    )
    spill = prepare_spill(comparison)
    mde = spill.find_mde((past.iloc[:, -1] - past.iloc[:, start]).to_numpy(float))
    return mde if math.isfinite(mde) else None
