"""Say how fast money is spent against the plan, and where that ends."""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

#: The last days that say how fast money is spent now, and the least of them for a range.
_RECENT_DAYS, _LEAST_DAYS = 14, 3
#: Of the range of the forecast.
CONFIDENCE = 0.80


@dataclass(frozen=True, slots=True)
class EndForecast:
    """What will have been spent by the end of a flight, in US dollars.

    ``low_usd`` and ``high_usd`` bound it with a confidence of 80%; they are missing with fewer than
    three days of reports.
    """

    low_usd: float
    middle_usd: float
    high_usd: float


def share_days(first: dt.date, last: dt.date, through: dt.date) -> float:
    """Return the share (0-1) of the days of a flight that are over at the end of a day."""
    days = (last - first).days + 1
    return min(max((through - first).days + 1, 0), days) / days


def forecast_end(spend: "pd.Series[float]", last: dt.date, through: dt.date) -> EndForecast:
    """Forecast the money that will have been spent by the end of a flight.

    Each remaining day spends as the last two weeks of reports did. The sum of ``m`` days to come
    lies in ``m x ± t s sqrt(m + m² / n)`` for ``n`` days with mean ``x`` and standard deviation
    ``s`` (prediction interval of the mean of m future observations: Hahn & Meeker, Statistical
    Intervals, 1991, section 4.7), as if days were independent. What is spent stays spent.

    Parameters
    ----------
    spend
        US dollars by day (a date index without gaps), up to ``through``.
    last, through
        The last day of the flight, and the last day with a report.
    """
    total = math.fsum(spend)
    remaining = max((last - through).days, 0)
    if not remaining:
        return EndForecast(total, total, total)
    recent = spend.iloc[-_RECENT_DAYS:].to_numpy(float)
    count, mean = len(recent), float(np.mean(recent)) if len(recent) else 0.0
    middle = total + remaining * mean
    if count < _LEAST_DAYS:
        return EndForecast(math.nan, middle, math.nan)

    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1))
    spread = float(np.std(recent, ddof=1)) * math.sqrt(remaining + remaining**2 / count)
    low, high = middle - quantile * spread, middle + quantile * spread
    return EndForecast(max(low, total), middle, high)
