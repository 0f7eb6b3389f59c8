"""Start jobs, watch them, and stop them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from flows.engine.form_values import read_values
from flows.engine.serving.jobs import (
    JobState,
    LogLine,
    Offer,
    find_offer,
    list_jobs,
    list_offers,
    read_job,
    read_log,
    start_job,
    stop_job,
)
from outreach.errors import InputError, NothingThere
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need, read_form, write_act
from outreach.portal.render import render

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Planner = Annotated[Person, Depends(need(Role.PLANNER))]
_Form = Annotated[dict[str, str], Depends(read_form)]
#: The field that the portal fills in with the person's name.
_REQUESTER = "requested_by"


@router.get("/jobs")
def show_jobs(request: Request, person: _Viewer) -> Response:
    """Show the jobs of late, and what can be started."""
    del person
    return render(request, "jobs", jobs=list_jobs(), offers=list_offers())


@router.get("/start/{flow}/{name}")
def show_form(request: Request, flow: str, name: str, person: _Planner) -> Response:
    """Show the form of something that can be started; the address may fill fields in."""
    del person
    offer = _get_offer(flow, name)
    texts = {name: text for name, text in request.query_params.items() if name in offer.fields}
    return _show_form(request, offer, texts, "")


@router.post("/start/{flow}/{name}")
def start(request: Request, flow: str, name: str, person: _Planner, form: _Form) -> Response:
    """Start a job, and show how it goes."""
    offer = _get_offer(flow, name)
    texts = {key: text for key, text in form.items() if key != _REQUESTER}
    try:
        values = read_values(offer, texts)
    except InputError as error:
        return _show_form(request, offer, texts, str(error), 422)
    if _REQUESTER in offer.fields:
        values[_REQUESTER] = person.name
    write_act(request, person, "starts", f"{flow}/{name}", values.get("reason", ""))
    return RedirectResponse(f"/jobs/{start_job(offer, values)}", 303)


@router.get("/jobs/{job_id}")
def show_job(request: Request, job_id: UUID, person: _Viewer) -> Response:
    """Show how a job goes."""
    del person
    return _show_job(request, job_id, "job")


@router.get("/jobs/{job_id}/progress")
def show_progress(request: Request, job_id: UUID, person: _Viewer) -> Response:
    """Show the part of a job's page that changes."""
    del person
    return _show_job(request, job_id, "progress")


@router.post("/jobs/{job_id}/stop")
def stop(request: Request, job_id: UUID, person: _Planner, form: _Form) -> Response:
    """Stop a job; what it had half done is taken back."""
    del form  # read for its token
    job = read_job(job_id)
    write_act(request, person, "stops", f"{job.flow}/{job.offer}", str(job_id))
    stop_job(job_id, person.name)
    return RedirectResponse(f"/jobs/{job_id}", 303)


def _get_offer(flow: str, name: str) -> Offer:
    """Return an offer by its name."""
    offer = find_offer(flow, name)
    if offer is None:
        raise NothingThere(f"There is nothing to start as {flow}/{name}.", "Choose from the jobs.")
    return offer


def _show_form(
    request: Request, offer: Offer, texts: dict[str, str], fault: str, status: int = 200
) -> Response:
    """Show a form with what was typed so far."""
    fields = {name: field for name, field in offer.fields.items() if name != _REQUESTER}
    defaults = {name: write_plain(field.get("default")) for name, field in fields.items()}
    return render(
        request,
        "start",
        status=status,
        offer=offer,
        fields=fields,
        texts=defaults | texts,
        fault=fault,
    )


def write_plain(value: Any) -> Any:
    """Return a value of a form as a person writes it: a whole number has no decimals."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _show_job(request: Request, job_id: UUID, template: str) -> Response:
    """Show a job with its log, and the run that came out."""
    job, lines = read_job(job_id), hide_begun(read_log(job_id))
    # A job that waits has no message yet: its log names the run.
    text = " ".join([job.message, *(line.text for line in lines)])
    made = next(
        (run for run in get_desk(request).shelf.list_runs()[0] if f" {run.id} " in f" {text} "),
        None,
    )
    return render(
        request,
        template,
        job=job,
        parameters={name: write_plain(value) for name, value in job.parameters.items()},
        lines=lines,
        is_over=job.state in (JobState.DONE, JobState.FAILED, JobState.STOPPED),
        made=made,
    )


def hide_begun(lines: list[LogLine]) -> list[LogLine]:
    """Leave out the beginning of each step that has ended, for its end says how long it took."""
    ended = {line.text.rpartition(": ")[0] for line in lines}
    return [line for line in lines if line.text.removesuffix(" ...") not in ended]
