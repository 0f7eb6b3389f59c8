"""Check that a campaign's dates follow one another."""

import datetime as dt
from collections.abc import Iterator

from flows.steps.check.finding import Finding
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.phrasing import list_names, write_date
from outreach.rates import CENSUS_DAY

#: Most dates that a sentence lists.
_LISTED = 5


def check_dates(
    campaign: Campaign, archive: Archive, data_date: dt.date | None
) -> Iterator[Finding]:
    """Check deadline, flight, and data date.

    Parameters
    ----------
    campaign
        The request.
    archive
        The archive of the campaign's census.
    data_date
        The archived day to use; by default, the newest day of the archive stands for the data.
    """
    deadline, flight = campaign.deadline, campaign.flight
    census_day = dt.date(campaign.census_year, *CENSUS_DAY)
    if deadline <= census_day:
        yield Finding(
            f"'deadline': {write_date(deadline)} is not after Census Day, {write_date(census_day)}."
            " Set the last day on which a response helps, or correct census_year."
        )
    if flight is not None and flight.end > deadline:
        yield Finding(
            f"'flight.end': the ads end on {write_date(flight.end)}, after the deadline of"
            f" {write_date(deadline)}. End the flight by the deadline."
        )

    # Compare with the day of the data, as far as it is known.
    archived = archive.data_dates(campaign.codes)
    if data_date is not None and data_date not in archived:
        yield Finding(_describe_missing(data_date, archived))
        return
    day = data_date or (archived[-1] if archived else None)
    if day is None:
        return
    if day > deadline:
        yield Finding(
            f"The data of {write_date(day)} is newer than the deadline, {write_date(deadline)}:"
            " there is nothing left to forecast.",
            is_fault=False,
        )
    if flight is not None and flight.end < day:
        yield Finding(
            f"The flight ended on {write_date(flight.end)}, before the data of {write_date(day)}:"
            " this list comes too late for it.",
            is_fault=False,
        )


def _describe_missing(data_date: dt.date, archived: list[dt.date]) -> str:
    """Say that a day is not archived, and which days near it are."""
    near = sorted(archived, key=lambda day: abs((day - data_date).days))[:_LISTED]
    days = list_names([write_date(day) for day in sorted(near)], _LISTED)
    return f"The archive has no rates of {write_date(data_date)} for this campaign. " + (
        f"The nearest days are: {days}." if near else "It has none at all for it."
    )
