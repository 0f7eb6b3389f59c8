"""Plan the weeks of a campaign: media, mailings, and field operations side by side."""

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from outreach.campaign import Campaign
from outreach.exporters.base.exporter import View
from outreach.exporters.base.views import TITLES
from outreach.phrasing import write_date
from outreach.rates import Event
from outreach.tables import DataFrame, Targets
from outreach.units import Arm

_WEEK = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)


def plan_calendar(targets: DataFrame[Targets], campaign: Campaign, events: Iterable[Event]) -> View:
    """Lay the flight, the money, and the events of the census out by week, Monday to Sunday.

    Media is spread evenly over the days of the flight, which is how daily budgets spend it.

    Parameters
    ----------
    targets
        With ``media_usd``, and ``media_<channel>_usd`` where there are channels.
    campaign
        Flight and deadline; without a flight ads run from the data date to the deadline.
    events
        Mailings and field operations; those of other census years are left out.

    Returns
    -------
    View
        A row is a week: ``first_day``, ``last_day``, ``flight_days``, money of the week, money
        from the start (``total_media_usd``), and ``events``.
    """
    first, last = _find_flight(targets, campaign)
    own = [event for event in events if event.first.year == campaign.census_year]
    advertised = targets[targets["arm"] == Arm.TREAT]
    money = {
        str(name): float(advertised[name].sum())
        for name in advertised
        if str(name).startswith("media_") and str(name).endswith("_usd")
    }
    total = money.pop("media_usd", float(advertised["budget_usd"].sum()))
    money = {"media_usd": total, **money}

    rows = []
    days = (last - first).days + 1
    monday = first - first.weekday() * _DAY
    while monday <= max(last, campaign.deadline):
        sunday = monday + _WEEK - _DAY
        spent_days = max(0, (min(sunday, last) - max(monday, first)).days + 1)
        until = min(days, max(0, (sunday - first).days + 1))
        row: dict[str, object] = {
            "first_day": monday.isoformat(),
            "last_day": sunday.isoformat(),
            "flight_days": spent_days,
        }
        # Differences of what is spent up to each Sunday add up to the whole, to the cent.
        before = until - spent_days
        row |= {
            name: round(round(amount * until / days, 2) - round(amount * before / days, 2), 2)
            for name, amount in money.items()
        }
        row["total_media_usd"] = round(total * until / days, 2)
        row["events"] = _list_events(own, monday, sunday, campaign.deadline)
        rows.append(row)
        monday += _WEEK
    table = pd.DataFrame(rows, index=pd.RangeIndex(1, len(rows) + 1, name="week"))
    return View("calendar", TITLES["calendar"], table)


def _find_flight(targets: DataFrame[Targets], campaign: Campaign) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the ads."""
    if campaign.flight:
        return campaign.flight.start, campaign.flight.end
    if targets.empty:
        return campaign.deadline, campaign.deadline
    first: dt.date = targets["data_date"].max().date()
    return first, max(first, campaign.deadline)


def _list_events(
    events: Iterable[Event], monday: dt.date, sunday: dt.date, deadline: dt.date
) -> str:
    """Name what happens in a week, with the day on which it begins if it begins then."""
    texts = []
    for event in events:
        if event.last < monday or event.first > sunday:
            continue
        begins = event.first >= monday
        texts.append(f"{event.name} ({write_date(event.first)})" if begins else event.name)
    if monday <= deadline <= sunday:
        texts.append(f"deadline of the goal ({write_date(deadline)})")
    return "; ".join(texts)
