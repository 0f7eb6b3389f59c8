"""Every address of the portal is for a role, wants a token for a change, and leads nowhere else."""

import asyncio
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from outreach.portal.access.body_limit import LARGEST_BODY
from outreach.portal.access.open_id import RETURN
from outreach.portal.access.roles import Role
from outreach.portal.access.users import UserBook
from outreach.portal.app import make_app
from outreach.settings import Settings
from tests.portal.conftest import PASSWORD, URL, find_token, sign_in

#: Who may use an address at least. A new one has to be entered here, with its role.
LEAST = {
    "GET /": Role.VIEWER,
    "GET /campaigns/{slug}": Role.VIEWER,
    "GET /campaigns/{slug}/latest": Role.VIEWER,
    "GET /campaigns/{slug}/latest/map": Role.VIEWER,
    "POST /campaigns/{slug}/schedule": Role.PLANNER,
    "POST /campaigns/{slug}/hide": Role.PLANNER,
    "GET /runs": Role.VIEWER,
    "GET /runs/{run_id}": Role.VIEWER,
    "GET /runs/{run_id}/targets": Role.VIEWER,
    "GET /runs/{run_id}/compare": Role.VIEWER,
    "POST /runs/{run_id}/approval": Role.PLANNER,
    "POST /runs/{run_id}/withdrawal": Role.PLANNER,
    "GET /runs/{run_id}/map": Role.VIEWER,
    "GET /runs/{run_id}/reports/{kind}/{page}": Role.VIEWER,
    "GET /runs/{run_id}/files/{path:path}": Role.MARKETER,
    "GET /runs/{run_id}/lists/{platform}.zip": Role.MARKETER,
    "GET /runs/{run_id}/results/{part}/{page}": Role.VIEWER,
    "GET /runs/{run_id}/evidence/{path:path}": Role.MARKETER,
    "GET /runs/{run_id}/activity": Role.MARKETER,
    "GET /runs/{run_id}/activity/gaps.csv": Role.MARKETER,
    "POST /runs/{run_id}/activity": Role.MARKETER,
    "GET /tests": Role.VIEWER,
    "GET /drills/{slug}": Role.VIEWER,
    "GET /jobs": Role.VIEWER,
    "GET /start/{flow}/{name}": Role.PLANNER,
    "POST /start/{flow}/{name}": Role.PLANNER,
    "GET /jobs/{job_id}": Role.VIEWER,
    "GET /jobs/{job_id}/progress": Role.VIEWER,
    "POST /jobs/{job_id}/stop": Role.PLANNER,
    "GET /data": Role.VIEWER,
    "GET /notices": Role.VIEWER,
    "GET /people": Role.ADMINISTRATOR,
    "GET /audit.csv": Role.ADMINISTRATOR,
    "GET /metrics": Role.ADMINISTRATOR,
    "GET /api/v1/me": Role.VIEWER,
    "GET /api/v1/campaigns": Role.VIEWER,
    "GET /api/v1/runs": Role.VIEWER,
    "GET /api/v1/runs/{run_id}": Role.VIEWER,
    "GET /api/v1/runs/{run_id}/targets": Role.VIEWER,
    "POST /api/v1/runs/{run_id}/approval": Role.PLANNER,
    "POST /api/v1/runs/{run_id}/withdrawal": Role.PLANNER,
    "GET /api/v1/offers": Role.VIEWER,
    "GET /api/v1/jobs": Role.VIEWER,
    "POST /api/v1/jobs": Role.PLANNER,
    "GET /api/v1/jobs/{job_id}": Role.VIEWER,
    "GET /api/v1/notices": Role.VIEWER,
    "GET /api/v1/data": Role.VIEWER,
}
#: What everybody may use: the sign-in, signs of life, the public side, and the description.
OPEN = {
    *("GET /sign-in", "POST /sign-in", "GET /sign-in/provider", f"GET {RETURN}", "POST /sign-out"),
    *("GET /health", "GET /ready", "GET /public/", "GET /public/{slug}"),
    *("GET /public/{slug}/{path:path}", "GET /api/v1/openapi.json"),
}
#: What stands in place of a name, to reach the users' file from any folder.
OUTSIDE = (
    "..%2Fservice%2Fusers.json",
    "..%2F..%2Fservice%2Fusers.json",
    "%2e%2e%2f%2e%2e%2f%2e%2e%2fservice%2fusers.json",
    "..%5C..%5Cservice%5Cusers.json",
    "users.json%00.html",
    "{users}",
)
#: A call that fits every description.
CALL = {"flow": "a", "name": "b", "reason": "c"}
Portal = dict[str, TestClient]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a user of each role, and nothing else."""
    folder = tmp_path_factory.mktemp("routes")
    for role in Role:
        UserBook(folder).add(role.value, role, PASSWORD)
    return folder


@pytest.fixture(scope="module")
def portal(home: Path) -> Iterator[Portal]:
    """Return a browser of each role, and of a stranger under an empty name."""
    app = make_app(Settings(home=home))
    browsers = {
        name: TestClient(app, base_url=URL, follow_redirects=False, client=("127.0.0.1", 9))
        for name in ("", *(role.value for role in Role))
    }
    for name, browser in browsers.items():
        assert not name or sign_in(browser, name).status_code == 303
    yield browsers
    for browser in browsers.values():
        browser.close()


def list_routes(routes: Iterable[Any]) -> set[str]:
    """Return the method and path of every address, the files of our own pages aside."""
    found: set[str] = set()
    for route in routes:
        found |= list_routes(getattr(getattr(route, "original_router", None), "routes", ()))
        methods = getattr(route, "methods", None) or ()
        found |= {f"{method} {route.path}" for method in methods if method != "HEAD"}
    return found


def fill(path: str, value: str = "00000000-0000-0000-0000-000000000000") -> str:
    """Put something in place of each name of an address."""
    return re.sub(r"\{[^}]*\}", value, path)


def send(browser: TestClient, route: str, address: str = "", **headers: str) -> Any:
    """Send a request with the token of the session, as a page or a program does."""
    method, path = route.split(" ")
    address = address or fill(path)
    if method == "GET":
        return browser.get(address, headers=headers)
    me = browser.get("/api/v1/me").json()
    # A stranger has the token of the sign-in's form.
    token = me["token"] if "token" in me else find_token(browser.get("/sign-in").text)
    if path.startswith("/api/"):
        return browser.post(address, json=CALL, headers={"X-CSRF-Token": token, **headers})
    return browser.post(address, data={"token": token}, headers=headers)


def test_every_address_has_a_least_role(portal: Portal) -> None:
    app: Any = portal[""].app
    assert list_routes(app.routes) == set(LEAST) | OPEN


@pytest.mark.parametrize("route", list(LEAST))
def test_an_address_lets_nobody_in_below_its_role(portal: Portal, route: str) -> None:
    least = LEAST[route]
    for role in Role:
        if not role.includes(least):
            assert send(portal[role.value], route).status_code == 403, role
    stranger = send(portal[""], route)
    assert stranger.status_code == (401 if "/api/" in route else 303)
    assert stranger.headers.get("location", "/sign-in").startswith("/sign-in")
    # No header makes a stranger somebody, or a viewer more than that.
    spoofed = {
        "X-Forwarded-User": "administrator",
        "X-Forwarded-For": "127.0.0.1",
        "X-Original-URL": "/health",
        "X-HTTP-Method-Override": "GET",
        "Authorization": "Bearer administrator",
    }
    assert send(portal[""], route, **spoofed).status_code == stranger.status_code


@pytest.mark.parametrize(
    "route", sorted(route for route in {*LEAST, *OPEN} if route.startswith("POST"))
)
def test_a_change_wants_the_token_of_its_session_and_our_own_page(
    portal: Portal, route: str
) -> None:
    browser, address = portal[Role.ADMINISTRATOR.value], fill(route.split(" ")[1])
    token = browser.get("/api/v1/me").json()["token"]
    another = portal[Role.PLANNER.value].get("/api/v1/me").json()["token"]
    is_call = "/api/" in address
    for wrong, headers in (
        ("", {}),
        (another, {}),
        (token, {"Origin": "https://evil.example"}),
        (token, {"Origin": "null"}),
    ):
        sent = (
            browser.post(address, json=CALL, headers={"X-CSRF-Token": wrong, **headers})
            if is_call
            else browser.post(address, data={"token": wrong}, headers=headers)
        )
        assert sent.status_code == 403, (wrong, headers)


@pytest.mark.parametrize("name", ["", Role.ADMINISTRATOR.value])
@pytest.mark.parametrize("address", ["/api/v1/jobs", "/sign-in", "/runs/a/approval"])
def test_an_endless_upload_is_refused_before_it_is_kept(
    portal: Portal, address: str, name: str
) -> None:
    browser, sizes, answers = portal[name], [], []
    cookie = f"outreach_session={browser.cookies.get('outreach_session', '')}"
    scope = {
        "type": "http",
        "method": "POST",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"cookie", cookie.encode())],
        "client": ("127.0.0.1", 9),
    }

    async def receive() -> dict[str, Any]:
        sizes.append(8192)
        return {"type": "http.request", "body": b"x" * 8192, "more_body": True}

    async def answer(part: Any) -> None:
        answers.append(part)

    app: Any = browser.app
    asyncio.run(app(scope, receive, answer))
    assert sum(sizes) <= LARGEST_BODY + 8192
    text = b"".join(part.get("body", b"") for part in answers).decode()
    if name or "/api/" in address:
        assert answers[0]["status"] == 413
        assert "The request is too large: send less text." in text
    else:
        assert answers[0]["status"] == 303


def test_no_name_in_an_address_leads_out_of_the_folders(portal: Portal, home: Path) -> None:
    """With an administrator's rights, which exclude nothing else."""
    browser, answers = portal[Role.ADMINISTRATOR.value], []
    for route in sorted({*LEAST, *OPEN}):
        path = route.split(" ")[1]
        for value in OUTSIDE if route.startswith("GET") and "{" in path else ():
            users = str(home / "service" / "users.json").replace("/", "%2F")
            answer = browser.get(fill(path, value.format(users=users)))
            answers.append((path, value, answer.status_code))
            assert "argon2" not in answer.text, (path, value)
    odd = [each for each in answers if each[2] not in (303, 308, 400, 404, 422, 503)]
    assert odd == []


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/",
        "//evil.example/runs/",
        "/public//evil.example",
        "/public/%2F%2Fevil.example",
        "/public/%5Cevil.example",
        "/campaigns/%2F%2Fevil.example/latest",
        "/sign-in?next=//evil.example",
        "/sign-in?next=https:evil.example",
        "/sign-in?next=/%09/evil.example",
        "/runs?language=es&next=https://evil.example",
        "/sign-in/provider?next=https://evil.example",
    ],
)
@pytest.mark.parametrize("role", ["", "administrator"])
def test_no_address_leads_to_another_site(portal: Portal, role: str, address: str) -> None:
    answer = portal[role].get(f"{URL}{address}")
    target = answer.headers.get("location", "/")
    assert re.match(r"(/(?![/\\])|http://127\.0\.0\.1/)", target), target
