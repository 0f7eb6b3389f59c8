"""Tell people what failed, what is late or stale, and which lists changed much."""

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Sequence

from flows.engine.serving.channels import Channel, list_channels
from flows.engine.serving.jobs import Job, JobState, list_jobs, list_offers
from flows.steps.service.watch import find_change, find_late, find_stale
from outreach.archive import Archive
from outreach.catalog import read_words
from outreach.errors import OutreachError
from outreach.settings import Settings
from outreach.store import (
    Delivery,
    Notice,
    NoticeBook,
    NoticeKind,
    Run,
    Store,
    open_database,
    survey_campaigns,
)

_log = logging.getLogger("outreach.notices")
#: Jobs that failed longer ago are history, and a notice that old is brought to nobody anymore.
_RECENT = dt.timedelta(days=1)
#: After so many failures a channel gets no more tries for a notice. The pause before the next try
#: is this long after the first failure, and grows with the square of their number.
_MOST_TRIES, _PAUSE = 5, dt.timedelta(minutes=5)
#: Jobs that are looked through.
_JOBS = 200


def watch_service(settings: Settings, now: dt.datetime) -> list[Notice]:
    """Note what people have to know, and bring it to them.

    Prefect's server has to answer.

    Parameters
    ----------
    settings
        Folder, limits, and channels.
    now
        The present moment, with its time zone.

    Returns
    -------
    list of Notice
        What is new.

    Raises
    ------
    SettingsError
        The settings of a channel cannot be used. What was found is kept, and shown in the portal.
    """
    found = [*_find_failures(list_jobs(_JOBS), now), *_find_rates_and_lists(settings, now)]
    book = NoticeBook(settings.home, open_database(settings.find_database()))
    new = [notice for notice in found if book.add(notice)]
    deliver(settings, book, list_channels(settings), now)
    return new


def deliver(
    settings: Settings, book: NoticeBook, channels: Iterable[Channel], now: dt.datetime
) -> None:
    """Bring every recent notice to each channel that it has not reached yet.

    Parameters
    ----------
    settings
        The portal's address.
    book
        What to bring, and what became of it so far.
    channels
        The ways to people.
    now
        The present moment.
    """
    tries = book.read_deliveries()
    recent = [notice for notice in reversed(book.read()) if now - notice.at < _RECENT]
    for notice in recent:
        for channel in channels:
            own = [one for one in tries.get(notice.key, ()) if one.channel == channel.name]
            if notice.kind is NoticeKind.TEST or not _is_due(own, now):
                continue
            fault = channel.send(notice.title, write_body(notice, settings), notice.key)
            book.note(Delivery(key=notice.key, channel=channel.name, at=now, fault=fault))


def _is_due(tries: Sequence[Delivery], now: dt.datetime) -> bool:
    """Return whether a channel gets a try: it has taken nothing yet, and its pause is over."""
    if not tries:
        return True
    is_over = not tries[-1].fault or len(tries) >= _MOST_TRIES
    return not is_over and now - tries[-1].at >= _PAUSE * len(tries) ** 2


def send_test(settings: Settings, now: dt.datetime) -> list[Delivery]:
    """Send a test over every channel, and return what became of each.

    Raises
    ------
    SettingsError
        The settings of a channel cannot be used.
    """
    book = NoticeBook(settings.home, open_database(settings.find_database()))
    notice = Notice(
        key=f"test/{now.isoformat()}",
        kind=NoticeKind.TEST,
        at=now,
        title="Census outreach: a test",
        what="This is a test of the notices of the census outreach service. Nothing happened.",
        todo="Nothing is to be done.",
    )
    channels = list_channels(settings)
    if channels:
        book.add(notice)
    done = []
    for channel in channels:
        fault = channel.send(notice.title, write_body(notice, settings), notice.key)
        done.append(Delivery(key=notice.key, channel=channel.name, at=now, fault=fault))
        book.note(done[-1])
    return done


def write_body(notice: Notice, settings: Settings) -> str:
    """Return the text of a notice: what happened, what to do, and where to look."""
    lines = [notice.what, f"What to do: {notice.todo}"]
    if settings.portal_url:
        lines.append(f"{settings.portal_url.rstrip('/')}{notice.place}")
    return "\n\n".join(lines)


def _find_failures(jobs: Iterable[Job], now: dt.datetime) -> list[Notice]:
    """Return a notice for each recent failure; the same sentence of the same day is one."""
    notices, names = [], read_words("en").texts
    for job in jobs:
        ended = job.ended_at or job.started_at
        if job.state is not JobState.FAILED or ended is None or now - ended > _RECENT:
            continue
        cause = hashlib.sha256(job.message.encode()).hexdigest()[:12]
        notices.append(
            Notice(
                key=f"failed/{job.flow}/{job.offer}/{ended.date()}/{cause}",
                kind=NoticeKind.FAILED,
                at=ended,
                title=f"{names.get(f'portal.flow.{job.flow}', job.flow)} ({job.title}) failed",
                what=job.message or "The job ended without a word; its log may say why.",
                todo="Open the job's page for its log, and start it again once the cause is gone."
                " All complete runs are unchanged.",
                place=f"/jobs/{job.id}",
            )
        )
    return notices


def _find_rates_and_lists(settings: Settings, now: dt.datetime) -> list[Notice]:
    """Return what is late, stale, or much changed, campaign by campaign."""
    campaigns, _ = survey_campaigns(settings.home)
    scheduled = {offer.name for offer in list_offers() if offer.is_scheduled}
    store, found = Store(settings.runs_folder), []
    runs, _ = store.survey()
    for name, campaign in campaigns.items():
        archive = Archive(settings.archive_folder, campaign.census_year)
        own = [run for run in runs if run.campaign.slug == campaign.slug]
        # What is damaged in one place must not silence what is known of the others.
        try:
            if name in scheduled:
                found.append(find_late(name, campaign, archive, settings, now))
            found.append(find_stale(name, campaign, archive, settings, now))
            found.append(_find_recent_change(store, own, settings, now))
        except OutreachError as error:
            _log.error("%s is not watched: %s", campaign.name, error)
    return [notice for notice in found if notice is not None]


def _find_recent_change(
    store: Store, runs: Sequence[Run], settings: Settings, now: dt.datetime
) -> Notice | None:
    """Return a notice of a list that was made within a day; the runs are of one campaign."""
    if not any(now - run.created_at < _RECENT for run in runs):
        return None
    return find_change(store, runs, settings)
