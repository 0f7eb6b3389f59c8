"""Draw how the responses of each invented tract spread over the days."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.sandbox.county.dates import DAYS

#: First day, share of all responses, and days until most have come: invitation, reminder, postcard,
#: paper form, last postcard, a sixth mailing, visits.
_MAILINGS = (
    ("2020-03-12", 0.18, 6.0),
    ("2020-03-19", 0.40, 7.0),
    ("2020-03-27", 0.11, 5.0),
    ("2020-04-08", 0.14, 8.0),
    ("2020-04-27", 0.09, 8.0),
    ("2020-07-22", 0.035, 12.0),
    ("2020-08-11", 0.07, 22.0),
)
#: The first two mailings ask for a response by internet.
_INTERNET_MAILINGS = 2
_LAST_VISITS = dt.date(2020, 8, 11)
#: Relative number of responses from Monday to Sunday.
_WEEKDAYS = np.array([1.25, 1.15, 1.08, 1.0, 0.95, 0.82, 0.75])


def draw_pace(table: pd.DataFrame, late: Mapping[str, dt.date], rng: np.random.Generator) -> Floats:
    """Return the share of a tract's responses on each day; rows sum to 1.

    Poorly connected tracts wait for paper and postcards.

    Parameters
    ----------
    table
        As in :class:`~outreach.sandbox.county.people.People`.
    late
        Tracts that are invited by hand, and the day.
    """
    offline = table["offline_share"].to_numpy()
    wait = 1.1 * (offline - offline.mean()) / offline.std() * 0.25 + rng.normal(0, 0.12, len(table))
    slowness = np.exp(rng.normal(0, 0.10, len(table)) + 0.15 * wait)

    total = np.zeros((len(table), len(DAYS)))
    for number, (day, weight, days) in enumerate(_MAILINGS):
        tilt = np.exp(wait * (-0.35 if number < _INTERNET_MAILINGS else 0.35))
        responses = respond_to_mailing(dt.date.fromisoformat(day), days * slowness)
        total += (weight * tilt)[:, None] * responses
    for geoid, start in late.items():
        row = table.index.get_loc(geoid)
        total[row] = (
            0.02 * total[row]
            + 0.75 * respond_to_mailing(start, np.array([11.0]))[0]
            + 0.2 * respond_to_mailing(_LAST_VISITS, np.array([20.0]))[0]
        )

    steps = np.diff(total, axis=1, prepend=0)
    noise = np.exp(rng.normal(0, 0.12, (len(table), len(DAYS) - 1)))
    steps[:, 1:] *= _WEEKDAYS[DAYS.day_of_week[1:]] * noise
    return np.asarray(steps / steps.sum(axis=1, keepdims=True))


def respond_to_mailing(start: dt.date, days: Floats) -> Floats:
    """Return the share of a mailing's responses that have come.

    Parameters
    ----------
    start
        The first day.
    days
        Time constant of each tract.

    Returns
    -------
    ndarray
        By tract and day.
    """
    since = (DAYS - pd.Timestamp(start)).days.to_numpy()
    return np.where(since < 0, 0, 1 - np.exp(-np.maximum(since, 0) / days[:, None]))
