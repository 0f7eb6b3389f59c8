"""Turn the looks that a campaign states into days of its flight."""

import contextlib
import datetime as dt
from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator

from outreach.phrasing import write_percent

#: The first look is no earlier than this share of the flight: the error that may be spent before is
#: so small that nothing could be found.
LEAST_SHARE, _MOST_SHARE = 0.4, 0.95


def _check_form(look: object) -> object:
    """Refuse what is neither a day nor a number; a day that JSON carries is text."""
    if isinstance(look, str):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(look)
    is_usable = isinstance(look, dt.date | float | int) and not isinstance(look, bool)
    if not is_usable:
        raise ValueError(
            "write a day without quotes, such as 2020-06-14, or a share of the flight, such as 0.5"
        )
    return look


#: A day, or a share of the flight (0-1).
Look = Annotated[dt.date | float, BeforeValidator(_check_form)]


def resolve_looks(
    looks: Sequence[dt.date | float], start: dt.date, end: dt.date
) -> tuple[dt.date, ...]:
    """Return the days of the looks at a test.

    Parameters
    ----------
    looks
        Days, or shares of the flight (0-1).
    start, end
        First and last day of the flight.

    Raises
    ------
    ValueError
        A look is too early or not before the end, or two are on one day.
    """
    length = (end - start).days + 1
    days = [
        look
        if isinstance(look, dt.date)
        else start + dt.timedelta(days=max(round(look * length), 1) - 1)
        for look in looks
    ]
    for look, day in zip(looks, days, strict=True):
        share = ((day - start).days + 1) / length
        if not LEAST_SHARE <= share <= _MOST_SHARE:
            raise ValueError(
                f"the look {look} of [holdout] is on {day}, {write_percent(share)} of the way"
                f" through the flight of {start} to {end}; looks are from"
                f" {write_percent(LEAST_SHARE)} to {write_percent(_MOST_SHARE)} of it"
            )
    if len(set(days)) < len(days):
        raise ValueError("two looks of [holdout] are on the same day; keep one of them")
    return tuple(sorted(days))


def find_share(day: dt.date, start: dt.date, end: dt.date) -> float:
    """Return the share of a flight (0-1) that is over by the end of a day."""
    return ((day - start).days + 1) / ((end - start).days + 1)
