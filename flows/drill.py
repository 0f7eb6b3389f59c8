"""Replay a past season for training, day by day, with a page of what came."""

import datetime as dt
from pathlib import Path

from flows.campaign import run_campaign
from flows.steps.drill.book import DrillBook
from flows.steps.drill.days import choose_days, decide, describe_day, find_day_run
from flows.steps.drill.outcome import find_final, judge_drill
from models.evaluation.drill import ListChoice
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.counties import name_area
from outreach.errors import StoreError
from outreach.files import make_slug
from outreach.reports.data.drill import Drill
from outreach.settings import Settings
from outreach.store import Store

#: Days from one day of a drill to the next, unless somebody says otherwise.
EVERY_DAYS = 14


def start_drill(
    settings: Settings,
    campaign: Campaign,
    name: str = "",
    *,
    first: dt.date | None = None,
    last: dt.date | None = None,
    every: int = EVERY_DAYS,
) -> Drill:
    """Start a drill, and open its first day.

    Parameters
    ----------
    settings
        Where archive, runs, and drills are.
    campaign
        What is requested; its budget is the money of the whole drill.
    name
        The drill's name; by default the campaign's.
    first, last, every
        As :func:`flows.steps.drill.days.choose_days` takes them.

    Returns
    -------
    Drill
        With its first day.

    Raises
    ------
    StoreError
        A drill of this name was started before.
    NothingThere
        The archive has no rates of the season.
    OutreachError
        The run of the first day cannot be made; then 'next' opens it.
    """
    name = name.strip() or campaign.name
    archive = Archive(settings.archive_folder, campaign.census_year)
    planned = choose_days(archive, campaign, find_final(archive, campaign), first, last, every)
    book = DrillBook(settings.home)
    with book.hold(name):
        if book.has(name):
            raise StoreError(
                f"The drill '{name}' was started before.",
                "Go on with 'outreach drill next', or give another name with --name.",
            )
        drill = Drill(
            name=name,
            slug=make_slug(name),
            campaign=campaign,
            area=_name_areas(campaign),
            started_at=dt.datetime.now(dt.UTC),
            planned=planned,
        )
        book.keep(drill)
        return _open_next(settings, book, drill)


def open_next_day(settings: Settings, name: str = "") -> Drill:
    """Open the next day of a drill.

    Parameters
    ----------
    settings, name
        The service's folder, and a drill; by default the one started last.

    Raises
    ------
    StoreError
        The drill was ended, or has no further day.
    """
    book = DrillBook(settings.home)
    drill = book.find(name)
    with book.hold(drill.name):
        drill = _refuse_ended(book.find(drill.name))
        return _open_next(settings, book, drill)


def decide_day(
    settings: Settings,
    name: str,
    choice: ListChoice,
    *,
    money_usd: float | None = None,
    by: str,
    reason: str,
) -> Drill:
    """Keep what a trainee decided on the open day of a drill.

    Parameters
    ----------
    settings, name
        As :func:`open_next_day` takes them.
    choice
        Which list to buy, or to wait.
    money_usd
        How much to spend; by default all that is left.
    by, reason
        Who decided it, and why.

    Raises
    ------
    InputError
        A name or a reason is missing, there is not so much money, or it buys no tract.
    StoreError
        The day was decided before, or the drill was ended.
    """
    book = DrillBook(settings.home)
    drill = book.find(name)
    with book.hold(drill.name):
        drill = _refuse_ended(book.find(drill.name))
        if not drill.days:
            raise StoreError(
                f"The drill '{drill.name}' has no open day: its first run did not end.",
                "Open it with 'outreach drill next'.",
            )
        store = Store(settings.runs_folder)
        decision = decide(store, drill, choice, money_usd, by, reason)
        day = drill.days[-1].model_copy(update={"decision": decision})
        drill = drill.model_copy(update={"days": (*drill.days[:-1], day)})
        book.keep(drill)
    return drill


def end_drill(settings: Settings, name: str = "") -> tuple[Drill, Path]:
    """End a drill, and write the trainer's page; ending it again writes the page again.

    Parameters
    ----------
    settings, name
        As :func:`open_next_day` takes them.

    Returns
    -------
    drill : Drill
        With what came.
    page : Path
        The page in English; those in other languages are beside it.

    Raises
    ------
    NothingThere
        Nothing was bought.
    """
    book = DrillBook(settings.home)
    drill = book.find(name)
    with book.hold(drill.name):
        drill = book.find(drill.name)
        archive = Archive(settings.archive_folder, drill.campaign.census_year)
        result = drill.result or judge_drill(Store(settings.runs_folder), archive, drill)
        drill = drill.model_copy(update={"result": result})
        return drill, book.keep(drill)


def _name_areas(campaign: Campaign) -> str:
    """Name the areas of a campaign; those in one county or state once."""
    names = dict.fromkeys(name_area(area.state, area.county) for area in campaign.areas)
    return "; ".join(names)


def _open_next(settings: Settings, book: DrillBook, drill: Drill) -> Drill:
    """Make the run of the next day, unless there is one, and keep what it knew.

    A step that was killed repeats: a run that it made whole is found again.
    """
    if len(drill.days) == len(drill.planned):
        raise StoreError(
            f"That was the last day of the drill '{drill.name}'.",
            "See what came of it with 'outreach drill end'.",
        )
    day = drill.planned[len(drill.days)]
    store = Store(settings.runs_folder)
    run = find_day_run(store, drill.campaign, day)
    if run is None:
        reason = f"Drill {drill.name}"
        # Services answer about the past what they answered before.
        run = run_campaign(
            drill.campaign, day, reason=reason, is_latest=False, is_rerun=bool(drill.days)
        )
    opened = describe_day(store, run, drill)
    drill = drill.model_copy(update={"days": (*drill.days, opened)})
    book.keep(drill)
    return drill


def _refuse_ended(drill: Drill) -> Drill:
    """Refuse a step of a drill that was ended."""
    if drill.result is not None:
        raise StoreError(
            f"The drill '{drill.name}' was ended: everybody knows what came.",
            "Start another one with 'outreach drill start --name'.",
        )
    return drill
