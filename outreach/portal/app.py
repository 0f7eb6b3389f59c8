"""Make the portal: its addresses, its guards, and how it says what went wrong."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from importlib import resources
from pathlib import Path
from urllib.parse import quote, urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from flows.engine.serving.jobs import list_offers
from outreach import __version__
from outreach.catalog.retell import retell
from outreach.errors import CampaignError, InputError, NothingThere, OutreachError, SettingsError
from outreach.portal.access.body_limit import BodyLimit
from outreach.portal.access.door import read_session_key
from outreach.portal.access.open_id import SignOnRefused
from outreach.portal.access.roles import Role
from outreach.portal.access.session import (
    FormRefused,
    RoleRefused,
    StrangerRefused,
    find_person,
    get_desk,
    need,
)
from outreach.portal.api import calls
from outreach.portal.desk import Desk
from outreach.portal.figures import TYPE, Figures
from outreach.portal.pages import (
    campaigns,
    data,
    files,
    jobs,
    notices,
    people,
    proof,
    public,
    runs,
    sign_in,
)
from outreach.portal.policy import HEADERS
from outreach.portal.render import choose_words, find_page, render
from outreach.settings import Settings

#: A session ends after a working day.
_SESSION_SECONDS = 12 * 3600
#: Files of the size of a map are worth less time than the smallest possible size.
_COMPRESSION = 4
_log = logging.getLogger("outreach.portal")
#: HTTP status of each kind of failure; the first that fits counts.
_STATUSES: tuple[tuple[type[OutreachError], int], ...] = (
    (StrangerRefused, 401),
    (SignOnRefused, 401),
    (RoleRefused, 403),
    (FormRefused, 403),
    (NothingThere, 404),
    (InputError, 400),
    (CampaignError, 400),
    (SettingsError, 503),
    (OutreachError, 409),
)

#: What a status says that the web framework itself gives.
_STATUS_SENTENCES = {
    404: "There is no such page.",
    405: "This address cannot be used like that.",
    413: "The request is too large: send less text.",
}


def make_app(settings: Settings, host: str = "127.0.0.1") -> FastAPI:
    """Return the portal.

    Parameters
    ----------
    settings
        Of this machine; the folder is a full path.
    host
        The address on which it will answer: on this machine alone nobody has to sign in.
    """
    app = FastAPI(
        title="Census outreach",
        version=__version__,
        description="Campaigns, runs, lists, jobs, and data of census outreach.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    desk = Desk(settings, host)
    app.state.desk, app.state.figures = desk, Figures()
    pages = (sign_in, campaigns, runs, files, proof, jobs, data, notices, people, public)
    for module in pages:
        app.include_router(module.router, include_in_schema=False)
    app.include_router(calls.router)
    _add_signs_of_life(app)
    folder = Path(str(resources.files("outreach.portal") / "static"))
    app.mount("/static", StaticFiles(directory=folder), name="static")

    app.add_middleware(BodyLimit)
    app.add_middleware(
        SessionMiddleware,
        secret_key=read_session_key(settings.home),
        session_cookie="outreach_session",
        max_age=_SESSION_SECONDS,
        same_site="lax",
        https_only=desk.is_encrypted,
    )
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=_COMPRESSION)
    app.middleware("http")(_guard)
    app.exception_handler(OutreachError)(_explain_failure)
    app.exception_handler(RequestValidationError)(_explain_request)
    app.exception_handler(HTTPException)(_explain_status)
    app.exception_handler(Exception)(_explain_accident)
    return app


def _add_signs_of_life(app: FastAPI) -> None:
    """Add the addresses that machines look at."""

    @app.get("/health", include_in_schema=False)
    def health() -> Response:
        """Say that the portal answers."""
        return PlainTextResponse("ok")

    @app.get("/ready", include_in_schema=False)
    def ready(request: Request) -> Response:
        """Say whether the store can be read and jobs can be started."""
        get_desk(request).shelf.list_runs()
        is_ready = bool(list_offers())
        return PlainTextResponse("ready" if is_ready else "starting", 200 if is_ready else 503)

    @app.get("/metrics", include_in_schema=False, dependencies=[Depends(_let_scraper_in)])
    def metrics(request: Request) -> Response:
        """Return the figures for monitoring."""
        made, faults = get_desk(request).shelf.list_runs()
        figures: Figures = request.app.state.figures
        return Response(figures.write(len(made), len(faults)), media_type=TYPE)


def _let_scraper_in(request: Request) -> None:
    """Let in who has the token of the settings, or is an administrator."""
    token = get_desk(request).settings.metrics_token
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    known = token.get_secret_value() if token is not None else ""
    if not known or not secrets.compare_digest(given.encode(), known.encode()):
        need(Role.ADMINISTRATOR)(request)


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse names that are not ours, and give every answer the headers of all."""
    start = time.perf_counter()
    name = _read_name(request.headers.get("host", ""))
    if name not in get_desk(request).hosts:
        return PlainTextResponse("This portal does not answer under that name.", 421, HEADERS)
    if get_desk(request).sign_on.is_spoofed(request):
        return PlainTextResponse("Only the trusted proxy may say who asks.", 403, HEADERS)
    response = await answer(request)
    for header, value in HEADERS.items():
        response.headers.setdefault(header, value)
    if get_desk(request).is_encrypted:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    figures: Figures = request.app.state.figures
    figures.note_answer(request, response.status_code, time.perf_counter() - start)
    return response


def _read_name(host: str) -> str:
    """Return the name in a Host header, without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _explain_failure(request: Request, error: Exception) -> Response:
    """Say what went wrong and what to do; a stranger may sign in first."""
    assert isinstance(error, OutreachError)
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    if _is_program(request):
        return JSONResponse({"error": str(error)}, status)
    if isinstance(error, StrangerRefused):
        query = f"?{request.url.query}" if request.url.query else ""
        target = request.url.path + query if request.method == "GET" else "/"
        return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", 303)
    return _show_fault(request, status, error.what, error.todo)


def _explain_request(request: Request, error: Exception) -> Response:
    """Say which part of a request does not fit."""
    assert isinstance(error, RequestValidationError)
    places = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
    what = f"The request does not fit at {', '.join(places)}."
    if _is_program(request):
        return JSONResponse({"error": what}, 422)
    return _show_fault(request, 404, what, "")


def _explain_status(request: Request, error: Exception) -> Response:
    """Say that an address does not exist, or cannot be used like that."""
    assert isinstance(error, HTTPException)
    what = _STATUS_SENTENCES.get(error.status_code, "The request does not fit.")
    if _is_program(request):
        return JSONResponse({"error": what}, error.status_code, error.headers)
    if find_person(request) is None:
        return RedirectResponse("/sign-in", 303)
    return _show_fault(request, error.status_code, what, "")


def _explain_accident(request: Request, error: Exception) -> Response:
    """Say that the portal failed, and keep the details in its log."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    what = "The portal failed; its log has the details."
    return (
        JSONResponse({"error": what}, 500) if _is_program(request) else PlainTextResponse(what, 500)
    )


def _show_fault(request: Request, status: int, what: str, todo: str) -> Response:
    """Show a failure as a page."""
    words = choose_words(request)
    return render(
        request,
        "fault",
        status=status,
        back="" if request.method == "GET" else find_page(request),
        what=retell(what, words, "portal"),
        todo=retell(todo, words, "portal"),
    )


def _is_program(request: Request) -> bool:
    """Return whether a request is one of the JSON interface."""
    return request.url.path.startswith("/api/")
