"""Follow the rates of tracts and districts over a season."""

import numpy as np
import pandas as pd

from outreach.rates import average_dates, measure_change, pivot_rates
from outreach.reports.data.inputs import ReportView
from outreach.tables import DataFrame, TractParts

_WEEK, _FOUR_WEEKS = 7, 28


def tabulate_history(view: ReportView) -> pd.DataFrame:
    """Return the season's rates: a row for each data date up to the view's, a column per tract.

    Raises
    ------
    DataError
        The history has a tract twice on one date.
    """
    today: pd.DataFrame = (
        view.tracts["cumulative_share"].rename(pd.Timestamp(view.data_date)).to_frame().T
    )
    if view.history is None:
        return today
    before = view.history[view.history["data_date"] < pd.Timestamp(view.data_date)]
    matrix = pivot_rates(before).reindex(view.tracts.index)
    return pd.concat([matrix.T, today])


def average_trend(
    parts: DataFrame[TractParts], history: pd.DataFrame
) -> "tuple[pd.DataFrame, pd.Series[float]]":
    """Average the rates of each district, and of all together, on every date.

    Parameters
    ----------
    parts
        From :func:`outreach.reports.data.sums.split_tracts`.
    history
        From :func:`tabulate_history`.

    Returns
    -------
    trend : DataFrame
        A row for each date, a column for each district. On each date the mean is over the tracts
        that have a rate on it.
    whole_trend : Series
        All districts together, by date.
    """
    households = parts.pivot_table(
        index="district", columns="geoid", values="households_count", aggfunc="sum", fill_value=0.0
    )
    weights = households.to_numpy(dtype=float)
    rates = history.reindex(columns=households.columns).to_numpy(dtype=float)
    dates = pd.DatetimeIndex(history.index)
    trend = pd.DataFrame(average_dates(rates, weights), index=dates, columns=households.index)
    together = average_dates(rates, weights.sum(axis=0, keepdims=True))
    return trend, pd.Series(together[:, 0], index=dates)


def measure_changes(history: pd.DataFrame) -> pd.DataFrame:
    """Measure the change of each column over 7 and 28 days.

    Parameters
    ----------
    history
        A row for each data date in order, a column for each place.

    Returns
    -------
    DataFrame
        A row for each place: ``change_7_points`` and ``change_28_points``, as shares.
    """
    matrix = history.T.astype(np.float64)
    return pd.DataFrame(
        {f"change_{days}_points": measure_change(matrix, days) for days in (_WEEK, _FOUR_WEEKS)}
    )
