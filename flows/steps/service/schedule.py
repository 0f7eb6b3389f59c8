"""Say when the rates of an area are published, in the time of its own zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import us

from outreach.campaign import Campaign

#: The Bureau's own zone, and that of areas whose state is not known.
_EASTERN = "America/New_York"


def find_time_zone(campaign: Campaign) -> str:
    """Return the time zone of a campaign: that of the capital of its first state."""
    state = us.states.lookup(campaign.areas[0].state, field="fips")
    return str(state.capital_tz) if state is not None and state.capital_tz else _EASTERN


def find_local_time(time: dt.time, zone: str, year: int) -> dt.time:
    """Return the time of a clock in a zone when it is surely that time in the East.

    Parameters
    ----------
    time
        Of an Eastern clock.
    zone
        Name of the zone in the IANA database.
    year
        The two zones may differ by another number of hours in summer; the later time of the year is
        returned.
    """
    moments = [
        dt.datetime.combine(dt.date(year, month, 1), time, ZoneInfo(_EASTERN))
        for month in range(1, 13)
    ]
    local = [moment.astimezone(ZoneInfo(zone)) for moment in moments]

    # A zone beyond the date line is already in the next day, so days count too.
    def lag(pair: tuple[dt.datetime, dt.datetime]) -> dt.timedelta:
        eastern, there = pair
        return there.replace(tzinfo=None) - eastern.replace(tzinfo=None)

    return max(zip(moments, local, strict=True), key=lag)[1].time()


def write_cron(first: dt.time, hours: int) -> str:
    """Return a cron line that ticks every half hour from a time on, for some hours.

    The line ends at midnight, for one line is within one day.
    """
    minutes = sorted({first.minute % 30, first.minute % 30 + 30})
    last = min(first.hour + hours - 1, 23)
    span = f"{first.hour}-{last}" if last > first.hour else str(first.hour)
    return f"{','.join(map(str, minutes))} {span} * * *"
