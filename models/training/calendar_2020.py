"""The 2020 season: its calendar, and how the shipped ``seasons/2020.json`` is fitted from an archive of its rates.

Rates: Census Bureau, API ``2020/dec/responserate``, data dates 2020-03-23 to 2020-10-16. Day 0 is
2020-03-20, the first day the Bureau published a rate.
"""

from datetime import date

import pandas as pd

from models.training.fit import SeasonFit, fit_season
from outreach.rates import Event

START, FINAL = date(2020, 3, 20), date(2020, 10, 16)

_MAIL = "https://www.fontana.org/3202/How-to-RespondKey-Dates"
_DAY = (
    "https://gacities.com/Resources/Reference-Articles/2020-Census-Mailings-Arriving-This-Week.aspx"
)
_POSTCARD = "https://www.perkinstownship.com/census-2020-timeline/"
_FIELD = (
    "https://ofm.wa.gov/washington-data-research/population-demographics/decennial-census/2020-census-everyone-counts/"
    "2020-census-what-you-need-know/timeline-2020-census"
)
_REVISED = "https://census.hawaii.gov/main/updated-2020-census-schedule/"

#: Mailings and field operations. ``verified``: the page named says so; ``assumed``: dates as
#: commonly reported, no page at hand.
EVENTS = (
    Event("Invitation by mail", date(2020, 3, 12), date(2020, 3, 20), "verified", _MAIL),
    Event("Reminder letter", date(2020, 3, 16), date(2020, 3, 24), "verified", _MAIL),
    Event("Reminder postcard", date(2020, 3, 26), date(2020, 4, 3), "verified", _POSTCARD),
    Event("Census Day", date(2020, 4, 1), date(2020, 4, 1), "verified", _DAY),
    Event(
        "Letter with paper questionnaire", date(2020, 4, 8), date(2020, 4, 16), "verified", _MAIL
    ),
    Event("Final reminder postcard", date(2020, 4, 20), date(2020, 4, 27), "verified", _MAIL),
    Event(
        "Update/Leave resumed: invitations delivered by hand, by area",
        date(2020, 5, 11),
        date(2020, 7, 9),
        "assumed",
        _FIELD,
    ),
    Event(
        "Nonresponse follow-up begins nationwide: visits at home",
        date(2020, 8, 11),
        date(2020, 10, 15),
        "verified",
        _REVISED,
    ),
    Event("Self-response ends", date(2020, 10, 15), date(2020, 10, 15), "verified", _REVISED),
)


def fit_2020(rates: pd.DataFrame, *, seed: int = 0) -> SeasonFit:
    """Fit the season as it is shipped; about ten minutes and 3 GB for 77,665 tracts on one core.

    Parameters
    ----------
    rates
        ``ResponseRates`` of the nation, up to 2020-10-16.
    seed
        Same seed and archive, same season.
    """
    return fit_season(
        rates,
        name="2020",
        start=START,
        final=FINAL,
        area="state",
        folds=5,
        members=4,
        hidden=(32, 16),
        events=EVENTS,
        seed=seed,
    )
