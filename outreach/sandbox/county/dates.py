"""Say on which days the invented county publishes its rates."""

import datetime as dt

import pandas as pd

FIRST_DAY, LAST_DAY = dt.date(2020, 3, 20), dt.date(2020, 10, 16)
DAYS = pd.date_range(FIRST_DAY, LAST_DAY)

#: The release of this day never came. A request on it got the day before.
STALE_DAY = dt.date(2020, 4, 22)
_NO_WEEKENDS_FROM = dt.date(2020, 6, 1)
_HOLIDAYS = frozenset({dt.date(2020, 7, 3), dt.date(2020, 9, 7), dt.date(2020, 10, 12)})
_FRIDAY = 4


def is_published(day: dt.date) -> bool:
    """Return whether figures with this cutoff date were ever published."""
    if not FIRST_DAY <= day <= LAST_DAY or day == STALE_DAY or day in _HOLIDAYS:
        return False
    return day < _NO_WEEKENDS_FROM or day.weekday() <= _FRIDAY


def find_published(day: dt.date) -> dt.date | None:
    """Return the data date that a request on this day gets; ``None`` before the season."""
    day = min(day, LAST_DAY)
    while day >= FIRST_DAY and not is_published(day):
        day -= dt.timedelta(days=1)
    return day if day >= FIRST_DAY else None
