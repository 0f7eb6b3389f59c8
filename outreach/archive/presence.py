"""Find the days, counties, and tracts without rates."""

import datetime as dt
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from pandas.tseries.holiday import USFederalHolidayCalendar

from outreach.archive.versions import count_changed, to_date
from outreach.arrays import Flags, Ints

_SATURDAY = 5
_WEEK = dt.timedelta(days=7)
_COUNTY_DIGITS, _TRACT_DIGITS = 5, 11

CodesByDate = dict[dt.date, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Presence:
    """Which tracts of a state have a rate on which days.

    Parameters
    ----------
    geoids, days
        Tracts as numbers, and days since 1970, both in order.
    matrix
        Whether a tract (row) has a rate on a day (column).
    changed
        By day, the number of tracts whose figures were published more than one way.
    """

    geoids: Ints
    days: Ints
    matrix: Flags
    changed: dict[int, int]

    @classmethod
    def from_versions(cls, versions: pd.DataFrame) -> Self:
        """Return the presence in one state's versions."""
        geoids, rows = np.unique(versions["geoid"].to_numpy(), return_inverse=True)
        days, columns = np.unique(versions["data_date"].to_numpy(), return_inverse=True)
        matrix = np.zeros((len(geoids), len(days)), bool)
        matrix[rows, columns] = True
        return cls(geoids, days, matrix, count_changed(versions))

    def find_missing_counties(self) -> CodesByDate:
        """Return by date the counties without any rate."""
        counties, _, county_matrix = self._group_counties()
        return {
            to_date(int(self.days[column])): _format_codes(
                counties[~county_matrix[:, column]], _COUNTY_DIGITS
            )
            for column in np.flatnonzero((~county_matrix).any(axis=0))
        }

    def find_missing_tracts(self) -> CodesByDate:
        """Return by date the tracts without a rate in counties that have some."""
        _, members, county_matrix = self._group_counties()
        missing = ~self.matrix & county_matrix[members]
        return {
            to_date(int(self.days[column])): _format_codes(
                self.geoids[missing[:, column]], _TRACT_DIGITS
            )
            for column in np.flatnonzero(missing.any(axis=0))
        }

    def _group_counties(self) -> tuple[Ints, Ints, Flags]:
        """Return the counties, each tract's county, and the presence of counties by day."""
        counties, members = np.unique(self.geoids // 10**6, return_inverse=True)
        matrix = np.zeros((len(counties), len(self.days)), bool)
        np.logical_or.at(matrix, members, self.matrix)
        return counties, members, matrix


def find_gaps(dates: tuple[dt.date, ...]) -> tuple[tuple[dt.date, ...], tuple[dt.date, ...]]:
    """Return the days without a snapshot between the first and the last of ``dates``.

    Returns
    -------
    gaps, rest_days
        Days on which a snapshot is missing, and days on which none is expected. A weekend day is a
        gap if weekend days were published both within a week before and within a week after it.
    """
    if not dates:
        return (), ()
    calendar = USFederalHolidayCalendar().holidays(str(dates[0]), str(dates[-1]))
    holidays = {day.date() for day in calendar}
    weekends = [date for date in dates if date.weekday() >= _SATURDAY]

    gaps: list[dt.date] = []
    rest_days: list[dt.date] = []
    for number in range((dates[-1] - dates[0]).days):
        date = dates[0] + dt.timedelta(days=number)
        if date in dates:
            continue
        if date.weekday() >= _SATURDAY:
            before = any(dt.timedelta(0) < date - other <= _WEEK for other in weekends)
            after = any(dt.timedelta(0) < other - date <= _WEEK for other in weekends)
            is_expected = before and after
        else:
            is_expected = date not in holidays
        (gaps if is_expected else rest_days).append(date)
    return tuple(gaps), tuple(rest_days)


def _format_codes(codes: Ints, digits: int) -> tuple[str, ...]:
    """Return codes as text with leading zeros."""
    return tuple(f"{code:0{digits}d}" for code in codes.tolist())
