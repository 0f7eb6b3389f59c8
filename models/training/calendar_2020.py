"""List the dates, mailings, and field operations of the 2020 season.

Rates: Census Bureau, API ``2020/dec/responserate``, data dates 2020-03-23 to 2020-10-16. Day 0 is
2020-03-20, the first day that the Bureau published a rate for. The shipped model
``models/curves/seasons/2020.json`` was fitted by :func:`models.training.fit.fit_season` on the
nation's rates with these dates, ``area="state"``, five folds, four members of ``(32, 16)`` neurons,
and seed 0. That takes about ten minutes and 3 GB for 77,665 tracts on one core.
"""

from datetime import date

from outreach.rates import Event

START, FINAL = date(2020, 3, 20), date(2020, 10, 16)

_MAIL = "https://www.fontana.org/3202/How-to-RespondKey-Dates"
_DAY = (
    "https://gacities.com/Resources/Reference-Articles/2020-Census-Mailings-Arriving-This-Week.aspx"
)
_POSTCARD = "https://www.perkinstownship.com/census-2020-timeline/"
_FIELD = (
    "https://ofm.wa.gov/washington-data-research/population-demographics/decennial-census/"
    "2020-census-everyone-counts/2020-census-what-you-need-know/timeline-2020-census"
)
_REVISED = "https://census.hawaii.gov/main/updated-2020-census-schedule/"

#: Mailings and field operations. ``verified``: the page at the address says so; ``assumed``: dates
#: as commonly reported, without a page that confirms them.
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
