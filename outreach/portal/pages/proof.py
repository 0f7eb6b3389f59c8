"""Show delivery, effect, decision, tests, evidence, and what came of drills."""

from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from outreach.errors import NothingThere
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need, read_form, write_act
from outreach.portal.pages.files import send, show_page
from outreach.portal.render import choose_words, frame_page, render
from outreach.portal.shelf import keep_content
from outreach.reports.pages.past.drill import write_drill_page

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Marketer = Annotated[Person, Depends(need(Role.MARKETER))]
_Form = Annotated[dict[str, str], Depends(read_form)]
#: Parts that name places and money of single units, which a viewer does not see.
_MARKETERS_PARTS = ("delivery",)
#: Fields of the form for what partners did.
_FIELDS = ("organization", "kind", "place", "day", "contacts")
#: Places without activity that the page lists; the file has all.
_GAPS = 20


@router.get("/tests")
def show_tests(request: Request, person: _Viewer) -> Response:
    """Show the register of tests, in the language of the reader."""
    from flows.trial.register import list_tests  # noqa: PLC0415  loads the models, which takes seconds
    from outreach.reports.pages.trial.registered import write_registered_page  # noqa: PLC0415  the same

    desk = get_desk(request)
    try:
        table, digest = list_tests(desk.settings)
    except NothingThere:
        return render(request, "tests")
    write_act(request, person, "saw tests")
    words = choose_words(request)
    today, frame = desk.now().date(), frame_page(request, words)
    page = write_registered_page(table, digest, today, words, frame)
    return show_page(request, keep_content(page.encode("utf-8")))


@router.get("/drills/{slug}")
def show_drill(request: Request, slug: str, person: _Viewer) -> Response:
    """Show how far a drill is, or what came of it, in the language of the reader."""
    drill = get_desk(request).shelf.find_drill(slug)
    write_act(request, person, "saw drill", drill.slug)
    words = choose_words(request)
    page = write_drill_page(drill, words, frame_page(request, words))
    return show_page(request, keep_content(page.encode("utf-8")))


@router.get("/runs/{run_id}/results/{part}/{page}")
def show_result(request: Request, run_id: str, part: str, page: str, person: _Viewer) -> Response:
    """Show a page of what was delivered, found, or decided."""
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    if part in _MARKETERS_PARTS:
        need(Role.MARKETER)(request)
    file = shelf.read_result(run, part, page)
    write_act(request, person, "saw result", run.id, f"{part}/{page}")
    return show_page(request, file)


@router.get("/runs/{run_id}/evidence/{path:path}")
def show_evidence(request: Request, run_id: str, path: str, person: _Marketer) -> Response:
    """Show the evidence pack of a run's campaign, made now, or hand out one of its files."""
    from flows.trial.evidence import make_evidence  # noqa: PLC0415  loads the models

    desk = get_desk(request)
    run = desk.shelf.find_run(run_id)
    _, contents = make_evidence(desk.settings, run.id)
    if path not in contents:
        raise NothingThere(
            f"The evidence of {run.id} has no file '{path}'.", "Its page lists them."
        )
    write_act(request, person, "saw evidence", run.id, path)
    file = keep_content(contents[path])
    if path.endswith(".html"):
        return show_page(request, file)
    kind = guess_type(path)[0] or "application/octet-stream"
    return send(request, file, kind, path.rsplit("/", 1)[-1])


@router.get("/runs/{run_id}/activity")
def show_activity(request: Request, run_id: str, person: _Marketer) -> Response:
    """Show where partners have been and where nobody has, with a form for more."""
    from flows.trial.activity import find_gaps, sum_log  # noqa: PLC0415  loads the models

    desk = get_desk(request)
    run = desk.shelf.find_run(run_id)
    gaps = find_gaps(desk.settings, run.id)
    write_act(request, person, "saw activity", run.id)
    open_gaps = gaps[gaps["is_gap"]]
    return render(
        request,
        "activity",
        run=run,
        logged=sum_log(desk.settings, run.id).to_dict("records"),
        total=len(gaps),
        gaps_count=len(open_gaps),
        rows=open_gaps.head(_GAPS).to_dict("records"),
    )


@router.get("/runs/{run_id}/activity/gaps.csv")
def hand_out_gaps(request: Request, run_id: str, person: _Marketer) -> Response:
    """Hand out every place of the list with what partners did there."""
    from flows.trial.activity import find_gaps, write_gaps  # noqa: PLC0415  loads the models

    desk = get_desk(request)
    run = desk.shelf.find_run(run_id)
    content = write_gaps(find_gaps(desk.settings, run.id)).encode("utf-8")
    write_act(request, person, "downloaded", run.id, "gaps.csv")
    return send(request, keep_content(content), "text/csv; charset=utf-8", f"{run.id}-gaps.csv")


@router.post("/runs/{run_id}/activity")
def log_activity(request: Request, run_id: str, person: _Marketer, form: _Form) -> Response:
    """Log what a partner did in a place on a day."""
    from flows.trial.activity import log_visit  # noqa: PLC0415  loads the models

    desk = get_desk(request)
    run = desk.shelf.find_run(run_id)
    visit = {name: form.get(name, "").strip() for name in _FIELDS}
    log_visit(desk.settings, visit, run.id)
    write_act(request, person, "logged activity", run.id, " ".join(visit.values()))
    return RedirectResponse(f"/runs/{run.id}/activity", 303)
