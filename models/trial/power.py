"""Find the smallest effect that a design can detect, from the area's own past.

For a past window as long as the flight, arms are randomized many times on what really happened
then. An effect is added in each permutation, and each is judged exactly as the real one will be
(:mod:`models.trial.effect`). The smallest effect that is detected often enough is the
minimum detectable effect (MDE). Past windows only suggest the coming weeks: early in a season rates
spread faster than late, so the latest window is the best guide and the older ones show how it
varies.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.trial.design import HOLDOUT, TREAT, UNTIED, Ties, design_arms
from models.trial.effect import TrialComparison, prepare_comparison
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.phrasing import write_date
from outreach.rates import Event

_BISECTIONS = 30
#: Relative slack for estimates that should be equal.
_SLACK = 1e-12
#: Days over which the pace before a window is measured.
_PACE_DAYS = 14


def warn_events(start: dt.date, end: dt.date, events: Sequence[Event]) -> tuple[str, ...]:
    """Return one sentence for each event that overlaps a flight."""
    return tuple(
        f"The flight ({write_date(start)} to {write_date(end)}) overlaps '{event.name}'"
        f" ({write_date(event.first)} to {write_date(event.last)}): if it affects the arms"
        " unevenly, it may be mistaken for an effect."
        for event in events
        if event.first <= end and start <= event.last
    )


def tabulate_power(
    history: pd.DataFrame,
    units: pd.DataFrame,
    weeks: Sequence[int] = (2, 4, 6),
    holdout_shares: Sequence[float] = (0.1, 0.2, 0.5),
    *,
    windows: int = 2,
    permutations: int = 1000,
    seed: int = 0,
    ties: Ties = UNTIED,
) -> pd.DataFrame:
    """Tabulate what designs can detect, by flight length, holdout share and past window.

    Parameters
    ----------
    history
        Cumulative response share (0-1): a row per unit, a column per data date, rising.
    units
        ``households_count`` by unit; further columns are static covariates, such as the peer
        expectation of the final rate.
    weeks, holdout_shares
        Designs to try.
    windows
        How many past windows to use, each ending where the next begins, the latest first.
    permutations, seed
        Randomizations of the arms for each row.
    ties
        Which units are assigned together, and which touch.

    Returns
    -------
    DataFrame
        ``weeks``, ``holdout_share``, ``window`` (0 is the latest), ``start``, ``end`` (data
        dates), ``treat_units_count``, ``holdout_units_count``, ``standard_error_share``,
        ``mde_share`` (detected in 80% of the permutations at 5% two-sided; infinite if no effect
        could be detected).

    Raises
    ------
    ModelError
        The history does not cover a single window.
    """
    dates = pd.DatetimeIndex(history.columns)
    if not dates.is_monotonic_increasing or not history.index.equals(units.index):
        raise ModelError(
            "The history's dates must rise and its units must match the table.",
            "Sort and align both.",
        )
    if history.empty:
        raise ModelError(
            "These units have no rates history.",
            "Archive the rates from the season's first day on.",
        )

    rows = []
    for length in weeks:
        for number, (start, end) in enumerate(_list_windows(dates, length, windows)):
            window = {"weeks": length, "window": number, "start": dates[start], "end": dates[end]}
            covariates = list_covariates(history, units, start)
            change = (history.iloc[:, end] - history.iloc[:, start]).to_numpy(float)
            for share in holdout_shares:
                matching = covariates.assign(households_count=units["households_count"])
                design = design_arms(matching, share, list(covariates.columns), ties)
                comparison = prepare_comparison(
                    design,
                    units["households_count"],
                    covariates,
                    permutations=permutations,
                    seed=seed,
                )
                power = _describe_power(comparison, change)
                rows.append({**window, "holdout_share": share, **power})
    if not rows:
        raise ModelError(
            f"The history covers {(dates[-1] - dates[0]).days} days, less than the shortest"
            " flight.",
            "Choose a shorter flight, or wait for more data.",
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = [
    "weeks", "holdout_share", "window", "start", "end", "treat_units_count", "holdout_units_count",
    "standard_error_share", "mde_share",
]  # fmt: skip


def list_covariates(history: pd.DataFrame, units: pd.DataFrame, start: int) -> pd.DataFrame:
    """Return what is known of each unit on a past date.

    Parameters
    ----------
    history, units
        As for :func:`tabulate_power`.
    start
        Number of the date in the history.

    Returns
    -------
    DataFrame
        ``rate_share``, ``pace_share`` (growth per day over the 14 days before, unless the date is
        the first), and the static columns of ``units``.
    """
    dates = pd.DatetimeIndex(history.columns)
    earliest = dates[start] - pd.Timedelta(days=_PACE_DAYS)
    before = max(0, int(dates.searchsorted(earliest, side="right")) - 1)
    covariates = units.drop(columns="households_count").assign(rate_share=history.iloc[:, start])
    if before == start:
        return covariates
    days = (dates[start] - dates[before]).days
    return covariates.assign(pace_share=(history.iloc[:, start] - history.iloc[:, before]) / days)


def find_mde(
    comparison: TrialComparison, change: Floats, power: float = 0.8, level: float = 0.05
) -> float:
    """Find the smallest constant effect (share, 0-1) that is detected often enough.

    Each permutation in turn plays the real assignment, and the others judge it.

    Parameters
    ----------
    comparison
        From :func:`models.trial.effect.prepare_comparison`.
    change
        Change of the response share in a window without ads, by unit.
    power
        Share of the permutations in which the effect must be detected.
    level
        Two-sided significance level.

    Returns
    -------
    float
        Infinite if even an effect of 1 is not detected.
    """
    shared = comparison.rows @ (comparison.permutations == TREAT).T.astype(float)
    return search_mde(comparison.rows @ change, shared, power, level)


def search_mde(null: Floats, shared: Floats, power: float = 0.8, level: float = 0.05) -> float:
    """Find the smallest effect that is detected often enough, from what permutations estimate.

    Parameters
    ----------
    null
        Estimate of each permutation in a window without ads.
    shared
        What each permutation (row) estimates of an effect of 1 in each other one (column).
    power, level
        As for :func:`find_mde`.
    """
    # Double until the effect is detected, then bisect.
    low, high = 0.0, max(4 * float(null.std()), 1e-9)
    while _count_detected(null, shared, high, level) < power:
        low, high = high, high * 2
        if high > 1:
            return float("inf")
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        detected = _count_detected(null, shared, middle, level) >= power
        low, high = (low, middle) if detected else (middle, high)
    return high


def measure_power(
    comparison: TrialComparison, change: Floats, effect: float, level: float = 0.05
) -> float:
    """Measure in which share of the permutations a constant effect is detected.

    Parameters
    ----------
    comparison, change, level
        As for :func:`find_mde`.
    effect
        Share, 0-1.
    """
    null = comparison.rows @ change
    shared = comparison.rows @ (comparison.permutations == TREAT).T.astype(float)
    return _count_detected(null, shared, effect, level)


def _count_detected(null: Floats, shared: Floats, effect: float, level: float) -> float:
    """Return the share of the permutations that detect an effect."""
    size = np.abs(null[:, None] + effect * shared)
    p_values = (size >= np.diag(size) * (1 - _SLACK)).mean(axis=0)
    return float((p_values <= level).mean())


def _describe_power(comparison: TrialComparison, change: Floats) -> dict[str, float]:
    """Return the figures of one design in one window."""
    first = comparison.permutations[0]
    return {
        "treat_units_count": int((first == TREAT).sum()),
        "holdout_units_count": int((first == HOLDOUT).sum()),
        "standard_error_share": float((comparison.rows @ change).std()),
        "mde_share": find_mde(comparison, change),
    }


def _list_windows(dates: pd.DatetimeIndex, weeks: int, windows: int) -> list[tuple[int, int]]:
    """Return numbers of the data dates where past windows start and end, the latest first.

    A start on an unpublished day moves back to the data date before.
    """
    pairs, end = list[tuple[int, int]](), len(dates) - 1
    while len(pairs) < windows:
        earliest = dates[end] - pd.Timedelta(weeks=weeks)
        start = int(dates.searchsorted(earliest, side="right")) - 1
        if start < 0:
            break
        pairs.append((start, end))
        end = start
    return pairs
