"""Find the days of the ads and the money for each day."""

import datetime as dt

from outreach.exporters.base.exporter import Brief
from outreach.exporters.base.parts import Part
from outreach.tables import DataFrame, Targets


def find_flight_days(brief: Brief, targets: DataFrame[Targets]) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the ads.

    Without a flight, ads run from the data date to the deadline.
    """
    if brief.flight:
        return brief.flight
    first: dt.date = targets["data_date"].max().date()
    return first, max(first, brief.deadline)


def split_daily_budget(part: Part, brief: Brief, targets: DataFrame[Targets]) -> float:
    """Return the US dollars of a part for each day of the ads, first and last day included."""
    first, last = find_flight_days(brief, targets)
    return part.budget_usd / ((last - first).days + 1)
