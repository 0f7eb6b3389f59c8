"""Say whether today's rates are archived already, and what a pull of them brought."""

import datetime as dt
from zoneinfo import ZoneInfo

from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.phrasing import write_date

#: The Bureau's day.
_EASTERN = ZoneInfo("America/New_York")


def find_held_today(archive: Archive, campaign: Campaign, now: dt.datetime) -> dt.date | None:
    """Return the newest data date of a campaign's areas if today cannot bring a newer one.

    How old the newest rates are on the day of their download is learned from earlier days: the
    least lag between the two. Without earlier days nothing is known, and the service is asked.

    Parameters
    ----------
    now
        The present moment, with its time zone.

    Returns
    -------
    date or None
        ``None`` if a pull may bring something new.
    """
    prefixes = tuple(code[:5] for code in campaign.codes)
    today = now.astimezone(_EASTERN).date()
    lags = [
        downloaded - receipt.data_dates[-1]
        for receipt in archive.receipts()
        if receipt.new
        and any(county.startswith(prefixes) for county in receipt.counties)
        and (downloaded := receipt.downloaded_at.astimezone(_EASTERN).date()) < today
    ]
    held = archive.latest_date(campaign.codes) if lags else None
    return held if held is not None and held >= today - min(lags) else None


def describe_newest(campaign: Campaign, before: dt.date | None, after: dt.date | None) -> str:
    """Say in one sentence whether a pull brought a newer data date.

    Parameters
    ----------
    before, after
        The newest data date of the campaign's areas in the archive.
    """
    if after is None:
        return f"Nothing new today: no rates are published for {campaign.name}."
    if before is not None and after <= before:
        return f"Nothing new today: the newest rates are still those of {write_date(before)}."
    return f"New: the rates of {write_date(after)} are archived."
