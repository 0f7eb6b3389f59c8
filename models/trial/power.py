"""Can we see it? The smallest effect that a design is likely to show, from the area's own past.

For a past window as long as the flight, arms are drawn again and again on what really happened
then. An effect is planted in each draw, and each is judged exactly as the real one will be
(:mod:`models.trial.effect`); the smallest effect that is found often enough stands in the table.
Past windows are a guess at the coming weeks: early in a season rates spread faster than late, so
the latest window is the nearest guide and the older ones show how it varies.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from models.trial.design import HOLDOUT, TREAT, UNTIED, Ties, design_tied_arms
from models.trial.effect import Comparison, prepare_comparison
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.rates import Event

_BISECTIONS = 30
#: Days over which the pace before a window is measured.
_PACE_DAYS = 14


def flight_warnings(start: dt.date, end: dt.date, events: Sequence[Event]) -> tuple[str, ...]:
    """Return one sentence for each event that the flight touches."""
    return tuple(
        f"The flight ({start} to {end}) touches '{event.name}' ({event.first} to {event.last}): where that falls unevenly on the arms "
        "it may be taken for an effect."
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
    draws: int = 1000,
    seed: int = 0,
    ties: Ties = UNTIED,
) -> pd.DataFrame:
    """Return the table "can we see it?": a row for each flight length, holdout share and past window.

    Parameters
    ----------
    history
        Cumulative response share (0-1): a row a unit, a column a data date (dates or timestamps,
        rising).
    units
        ``households_count`` by unit; further columns are static covariates, such as the expected
        final rate.
    weeks, holdout_shares
        Designs to try.
    windows
        How many past windows to look at, each ending where the next begins, the latest first.
    draws, seed
        Re-draws of the arms a row.
    ties
        Which units are drawn together, and which touch.

    Returns
    -------
    pandas.DataFrame
        ``weeks``, ``holdout_share``, ``window`` (0 is the latest), ``start``, ``end`` (data dates),
        ``treat_units_count``, ``holdout_units_count``, ``standard_error_share``,
        ``mde_share`` (found in 80 % of the draws, at 5 % two-sided; infinite where no
        effect could be seen).

    Raises
    ------
    ModelError
        The history does not reach back a single window.
    """
    dates = pd.DatetimeIndex(history.columns)
    if not dates.is_monotonic_increasing or not history.index.equals(units.index):
        raise ModelError(
            "The history's dates must rise and its units be those of the table.",
            "Sort and align both.",
        )
    if history.empty:
        raise ModelError(
            "There is no past season of these units.",
            "Archive the rates from the season's first day on.",
        )
    rows = []
    for length in weeks:
        for number, (start, end) in enumerate(_past_windows(dates, length, windows)):
            known = covariates_at(history, units, start)
            change = history.iloc[:, end] - history.iloc[:, start]
            for share in holdout_shares:
                both = known.assign(households_count=units["households_count"])
                design = design_tied_arms(both, share, list(known.columns), ties)
                comparison = prepare_comparison(
                    design, units["households_count"], known, draws=draws, seed=seed
                )
                rows.append(
                    {
                        "weeks": length,
                        "holdout_share": share,
                        "window": number,
                        "start": dates[start],
                        "end": dates[end],
                        "treat_units_count": int((comparison.redrawn[0] == TREAT).sum()),
                        "holdout_units_count": int((comparison.redrawn[0] == HOLDOUT).sum()),
                        "standard_error_share": float(
                            (comparison.rows @ change.to_numpy(float)).std()
                        ),
                        "mde_share": find_mde(comparison, change.to_numpy(float)),
                    }
                )
    if not rows:
        raise ModelError(
            f"The history covers {(dates[-1] - dates[0]).days} days, less than the shortest flight.",
            "Choose a shorter flight, or wait for more data.",
        )
    return pd.DataFrame(rows)


def covariates_at(history: pd.DataFrame, units: pd.DataFrame, start: int) -> pd.DataFrame:
    """Return what is known of each unit on the history's date number ``start``: its rate, its pace before, and its static columns."""
    dates = pd.DatetimeIndex(history.columns)
    before = max(
        0, int(dates.searchsorted(dates[start] - pd.Timedelta(days=_PACE_DAYS), side="right")) - 1
    )
    known = units.drop(columns="households_count").assign(rate_share=history.iloc[:, start])
    if before == start:
        return known
    days = (dates[start] - dates[before]).days
    return known.assign(pace_share=(history.iloc[:, start] - history.iloc[:, before]) / days)


def find_mde(
    comparison: Comparison, change: Floats, power: float = 0.8, level: float = 0.05
) -> float:
    """Return the smallest constant effect (share, 0-1) that is found with ``power`` when planted in ``change``; infinite if none is.

    Each re-draw in turn is the real one, and the others are its judges.
    """
    null = comparison.rows @ change
    shared = comparison.rows @ (comparison.redrawn == TREAT).T.astype(float)

    def found(effect: float) -> float:
        size = np.abs(null[:, None] + effect * shared)
        p_values = (size >= np.diag(size) * (1 - 1e-12)).mean(axis=0)
        return float((p_values <= level).mean())

    low, high = 0.0, max(4 * float(null.std()), 1e-9)
    while found(high) < power:
        low, high = high, high * 2
        if high > 1:
            return float("inf")
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if found(middle) >= power else (middle, high)
    return high


def _past_windows(dates: pd.DatetimeIndex, weeks: int, windows: int) -> list[tuple[int, int]]:
    """Return the numbers of the data dates where past windows start and end, the latest first; unpublished days move a start back."""
    found, end = list[tuple[int, int]](), len(dates) - 1
    while len(found) < windows:
        start = int(dates.searchsorted(dates[end] - pd.Timedelta(weeks=weeks), side="right")) - 1
        if start < 0:
            break
        found.append((start, end))
        end = start
    return found
