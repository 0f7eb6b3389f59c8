"""Show the campaigns, and lead to the latest run of each."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from flows.engine.serving.jobs import find_offer, list_jobs, switch_schedule
from outreach.errors import NothingThere, SettingsError, StoreError
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need, read_form, write_act
from outreach.portal.render import render

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Planner = Annotated[Person, Depends(need(Role.PLANNER))]
_Form = Annotated[dict[str, str], Depends(read_form)]
#: Jobs that the first page names.
_JOBS = 5


@router.get("/")
def show_campaigns(request: Request, person: _Viewer) -> Response:
    """Show every campaign with its latest run, and the jobs of late."""
    del person
    shelf = get_desk(request).shelf
    cards, faulty = shelf.list_campaigns()
    latest = {card.slug: shelf.find_latest(card.slug) for card in cards if card.runs}
    approvals = {run.id: shelf.read_standing(run) for run in latest.values()}
    fault = ""
    try:
        jobs = list_jobs(_JOBS)
    except SettingsError as error:
        jobs, fault = [], str(error)
    return render(
        request,
        "campaigns",
        cards=cards,
        latest=latest,
        approvals=approvals,
        faults=[*(str(error) for error in faulty), *([fault] if fault else [])],
        jobs=jobs,
        folder=str(shelf.home / "campaigns"),
    )


@router.get("/campaigns/{slug}")
def show_campaign(request: Request, slug: str, person: _Viewer) -> Response:
    """Show one campaign: its runs, what can be started, and its schedule."""
    del person
    shelf = get_desk(request).shelf
    card = shelf.find_campaign(slug)
    schedule, published, drills, fault = None, None, [], ""
    try:
        drills = shelf.list_drills(card)
        published = get_desk(request).publications.find(slug)
        schedule = find_offer("refresh", card.offer) if card.offer else None
    except (SettingsError, StoreError) as error:
        fault = str(error)
    return render(
        request,
        "campaign",
        card=card,
        approvals={run.id: shelf.read_standing(run) for run in card.runs},
        schedule=schedule,
        hours=read_hours(schedule.schedule) if schedule else ("", ""),
        published=published,
        drills=drills,
        fault=fault,
    )


@router.get("/campaigns/{slug}/latest")
def open_latest(request: Request, slug: str, person: _Viewer) -> Response:
    """Lead to the run of a campaign with the newest data: an address to keep."""
    del person
    return RedirectResponse(f"/runs/{get_desk(request).shelf.find_latest(slug).id}", 302)


@router.get("/campaigns/{slug}/latest/map")
def open_latest_map(request: Request, slug: str, person: _Viewer) -> Response:
    """Lead to the map of the run of a campaign with the newest data."""
    del person
    return RedirectResponse(f"/runs/{get_desk(request).shelf.find_latest(slug).id}/map", 302)


@router.post("/campaigns/{slug}/schedule")
def change_schedule(request: Request, slug: str, person: _Planner, form: _Form) -> Response:
    """Turn the daily refresh of a campaign on or off."""
    card = get_desk(request).shelf.find_campaign(slug)
    offer = find_offer("refresh", card.offer) if card.offer else None
    if offer is None:
        raise NothingThere(f"{card.title} has no schedule.", "The service does not serve it yet.")
    on = form.get("on") == "yes"
    write_act(request, person, "schedule on" if on else "schedule off", card.offer)
    switch_schedule(offer, on=on)
    return RedirectResponse(f"/campaigns/{slug}", 303)


@router.post("/campaigns/{slug}/hide")
def hide_campaign(request: Request, slug: str, person: _Planner, form: _Form) -> Response:
    """Take a campaign off the public side."""
    del form  # read for its token
    card = get_desk(request).shelf.find_campaign(slug)
    write_act(request, person, "took off the public side", card.slug)
    get_desk(request).publications.hide(card.slug)
    return RedirectResponse(f"/campaigns/{card.slug}", 303)


def read_hours(cron: str) -> tuple[str, str]:
    """Return the first and the last time of a day in a cron line, such as 15:00 and 18:30.

    Parameters
    ----------
    cron
        As :func:`flows.steps.service.schedule.write_cron` writes it.
    """
    minutes, hours, *_ = cron.split()
    first, last = hours.split("-")[0], hours.split("-")[-1]
    return (
        f"{int(first):02d}:{int(minutes.split(',')[0]):02d}",
        f"{int(last):02d}:{int(minutes.split(',')[-1]):02d}",
    )
