"""Hand out the files of a run: its map, its tables, its reports, and lists for ad platforms."""

import gzip
import io
import zipfile
from mimetypes import guess_type
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import get_desk, need, write_act
from outreach.portal.memory import Memory
from outreach.portal.policy import make_page_policy
from outreach.portal.shelf import StoredFile

router = APIRouter()
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Marketer = Annotated[Person, Depends(need(Role.MARKETER))]
#: The one moment of all files in an archive: the same list gives the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)
#: The last pages, each compressed once for all who read it, and their policies.
_COMPRESSED: Memory[bytes] = Memory(24)
_POLICIES: Memory[str] = Memory(64)


@router.get("/runs/{run_id}/map")
def show_map(request: Request, run_id: str, person: _Viewer) -> Response:
    """Show the map of a run."""
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    write_act(request, person, "saw map", run.id)
    return show_page(request, shelf.read_output(run, "map.html"))


@router.get("/runs/{run_id}/reports/{kind}/{page}")
def show_report(request: Request, run_id: str, kind: str, page: str, person: _Viewer) -> Response:
    """Show a page of a run's reports."""
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    write_act(request, person, "saw report", run.id, f"{kind}/{page}")
    return show_page(request, shelf.read_report(run, kind, page))


@router.get("/runs/{run_id}/files/{path:path}")
def hand_out_file(request: Request, run_id: str, path: str, person: _Marketer) -> Response:
    """Hand out a file that a run wrote, exactly as it was written."""
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    file = shelf.read_output(run, path)
    write_act(request, person, "downloaded", run.id, path)
    name = path.rsplit("/", 1)[-1]
    return send(request, file, guess_type(name)[0] or "application/octet-stream", name)


@router.get("/runs/{run_id}/lists/{platform}.zip")
def hand_out_list(request: Request, run_id: str, platform: str, person: _Marketer) -> Response:
    """Hand out the list of a run for a platform, made and checked as ``outreach export`` does."""
    from flows.steps.results.handout import read_list  # noqa: PLC0415  loads the models
    from outreach.exporters.check.preflight import export_targets  # noqa: PLC0415  the same

    desk = get_desk(request)
    run = desk.shelf.find_run(run_id)
    stored = read_list(desk.shelf.store, run.id, desk.settings)
    checked = export_targets(platform, stored.targets, stored.context)

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in checked.files:
            archive.writestr(zipfile.ZipInfo(file.name, _MOMENT), file.content)
    state = "approved" if desk.shelf.read_approval(run) else "draft"
    write_act(request, person, "downloaded", run.id, f"{platform}, {state}")
    headers = _attach(f"{run.id}-{platform}.zip") | {"Cache-Control": "private, no-store"}
    return Response(content.getvalue(), 200, headers, "application/zip")


def show_page(request: Request, file: StoredFile) -> Response:
    """Answer with a stored page and the policy that its own scripts need."""
    answer = send(request, file, "text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _POLICIES.recall(
        file.digest, lambda: make_page_policy(file.content)
    )
    return answer


def send(request: Request, file: StoredFile, kind: str, name: str = "") -> Response:
    """Answer with a file, or say that the browser's copy is still the same.

    Parameters
    ----------
    file
        The content and its digest.
    kind
        Media type.
    name
        File name for a download; empty to show it.
    """
    tag = f'W/"{file.digest[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=0, must-revalidate"}
    known = {
        part.strip().removeprefix("W/")
        for part in request.headers.get("if-none-match", "").split(",")
    }
    if tag.removeprefix("W/") in known:
        return Response(status_code=304, headers=headers)
    if name:
        headers |= _attach(name)
    content = file.content
    if kind.startswith("text/html") and "gzip" in request.headers.get("accept-encoding", ""):
        content = _COMPRESSED.recall(file.digest, lambda: gzip.compress(file.content, mtime=0))
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(content, 200, headers, kind)


def _attach(name: str) -> dict[str, str]:
    """Return the header that lets a browser save a file under a name."""
    safe = "".join(
        letter if letter.isascii() and letter not in '"\\;\r\n' else "_" for letter in name
    )
    return {"Content-Disposition": f'attachment; filename="{safe}"'}
