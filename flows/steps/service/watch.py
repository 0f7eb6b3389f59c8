"""Find what people have to be told: rates that are late or old, and lists that changed much."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from flows.steps.service.newest import find_held_today
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.phrasing import write_count, write_date, write_percent
from outreach.settings import Settings
from outreach.store import Notice, NoticeKind, Run, Store

#: The Bureau's day.
_EASTERN = ZoneInfo("America/New_York")
#: People are told again of rates that stay old after so many days.
_REMINDER_DAYS = 7


def find_late(
    name: str, campaign: Campaign, archive: Archive, settings: Settings, now: dt.datetime
) -> Notice | None:
    """Return a notice if the day's publication did not come in the hours in which it was asked for.

    Parameters
    ----------
    name
        Of the campaign's file.
    campaign, archive
        Whose rates, and where they are kept.
    settings
        When the Bureau publishes, and for how many hours it is asked.
    now
        The present moment, with its time zone.
    """
    today = now.astimezone(_EASTERN).date()
    first = dt.datetime.combine(today, settings.publication_time, _EASTERN)
    last = first + dt.timedelta(hours=settings.publication_hours)
    if campaign.is_plan or campaign.deadline < today or now < last:
        return None  # before the archive is read
    newest = archive.latest_date(campaign.codes)
    if newest is None or find_held_today(archive, campaign, now):
        return None
    return Notice(
        key=f"late/{name}/{today}",
        kind=NoticeKind.LATE,
        at=now,
        title=f"{campaign.name}: today's rates did not come",
        what=f"The Bureau was asked from {_write_hour(first)} to {_write_hour(last)} Eastern time"
        f" on {write_date(today)} and had nothing new. The newest rates are those of"
        f" {write_date(newest)}.",
        todo="Look at the Bureau's page for a notice. The service asks again tomorrow; a day that"
        " is never published stays a gap.",
        place="/data",
    )


def find_stale(
    name: str, campaign: Campaign, archive: Archive, settings: Settings, now: dt.datetime
) -> Notice | None:
    """Return a notice if the newest rates of a campaign are older than the settings allow.

    The parameters are those of :func:`find_late`.
    """
    today = now.astimezone(_EASTERN).date()
    if campaign.is_plan or campaign.deadline < today:
        return None  # before the archive is read
    newest = archive.latest_date(campaign.codes)
    if newest is None:
        return None
    age = (today - newest).days
    if age <= settings.stale_days:
        return None
    return Notice(
        key=f"stale/{name}/{newest}/{(age - settings.stale_days - 1) // _REMINDER_DAYS}",
        kind=NoticeKind.STALE,
        at=now,
        title=f"{campaign.name}: the rates are {write_count(age, 'day')} old",
        what=f"The newest rates of {campaign.name} are those of {write_date(newest)}. Its lists and"
        " maps show no later answers.",
        todo="Get today's rates on the campaign's page, and turn its daily schedule on if it is"
        " off.",
        place=f"/campaigns/{campaign.slug}",
    )


def find_change(store: Store, runs: Sequence[Run], settings: Settings) -> Notice | None:
    """Return a notice if a campaign's newest list differs much from the one before.

    What changed is the share of places that are on one of the two lists only, of all that are on
    either.

    Parameters
    ----------
    store
        Where the lists are.
    runs
        Of one campaign.
    settings
        How many percent are much.
    """
    ordered = sorted(runs, key=lambda run: (run.data_date, run.created_at))
    if len(ordered) < 2:  # noqa: PLR2004  a list and the one before
        return None
    before, after = ordered[-2:]
    old, new = (set(store.read_table(run.id, "targets")["place"]) for run in (before, after))
    changed = len(old ^ new) / max(len(old | new), 1)
    if changed * 100 <= settings.change_percent:
        return None
    return Notice(
        key=f"changed/{before.id}/{after.id}",
        kind=NoticeKind.CHANGED,
        at=after.created_at,
        title=f"{after.campaign.name}: {write_percent(changed)} of the list changed",
        what=f"The run {after.id} has {write_count(len(new - old), 'place')} that the run"
        f" {before.id} had not, and lacks {write_count(len(old - new), 'place')} that it had.",
        todo="Compare the two runs before anybody approves the new list or uploads it.",
        place=f"/runs/{after.id}/compare?earlier={before.id}",
    )


def _write_hour(moment: dt.datetime) -> str:
    """Return a time of the day, such as 3:00 p.m."""
    half = "a.m." if moment.hour < 12 else "p.m."  # noqa: PLR2004  noon
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {half}"
