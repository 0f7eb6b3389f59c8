"""A folder with two runs of the invented county, and portals on it for every role."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.serve import make_deployments
from outreach.portal.access.roles import Role
from outreach.portal.access.users import UserBook
from outreach.portal.app import make_app
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings
from outreach.store import survey_campaigns
from tests.conftest import InsideOutreach

EXAMPLE = Path(__file__).parents[2] / "outreach" / "examples" / "invented_county.toml"
#: The password of every user in these tests.
PASSWORD = "correct horse battery"
#: Under this name everybody reaches the portal here.
URL = "http://127.0.0.1"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Path:
    """Make two runs with different budgets, and districts to report by."""
    outreach = InsideOutreach(tmp_path_factory.mktemp("portal"), prefect_api)
    campaigns = outreach.home / "campaigns"
    campaigns.mkdir(parents=True)
    text = EXAMPLE.read_text(encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("OUTREACH_") and name != "OUTREACH_DATA"
    }
    for name in kept:
        del os.environ[name]
    try:
        with Sandbox(InventedCounty()) as sandbox:
            address = {
                "OUTREACH_API_URL": sandbox.url,
                "OUTREACH_FILES_URL": sandbox.url,
                "OUTREACH_CENSUS_API_KEY": sandbox.key,
            }
            for budget in (60000, 30000):
                file = campaigns / "county.toml"
                file.write_text(text.replace("60000", str(budget)), encoding="utf-8")
                done = outreach("run", str(file), **address)
                assert done.returncode == 0, done.stdout + done.stderr
    finally:
        os.environ.update(kept)
    for role in Role:
        UserBook(outreach.home).add(role.value, role, PASSWORD)
    return outreach.home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder that a test may change."""
    shutil.copytree(made, tmp_path / "service", symlinks=True)
    return tmp_path / "service"


@pytest.fixture(scope="module")
def offers(prefect_api: str, made: Path) -> None:
    """Tell the real Prefect server once for a module what the service offers."""
    campaigns, _ = survey_campaigns(made)
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        for deployment in make_deployments(campaigns, Settings(home=made), dt.date(2026, 11, 1)):
            deployment.apply()


@pytest.fixture
def prefect(prefect_api: str, offers: None) -> Iterator[None]:
    """Let the portal talk to the real Prefect server, which knows what the service offers."""
    del offers
    with temporary_settings({PREFECT_API_URL: prefect_api}):
        yield


Enter = Callable[..., TestClient]


@pytest.fixture
def enter(home: Path, prefect: None) -> Iterator[Enter]:
    """Return a function that opens the portal as a role, signed in; or as nobody."""
    del prefect
    opened: list[TestClient] = []

    def open_portal(role: str = "", *, users: bool = True, **settings: Any) -> TestClient:
        if not users:
            (home / "service" / "users.json").unlink()
        app = make_app(Settings(home=home, **settings))
        client = TestClient(app, base_url=URL, follow_redirects=False, client=("127.0.0.1", 9))
        opened.append(client)
        if role:
            answer = sign_in(client, role)
            assert answer.status_code == 303, answer.text
        return client

    yield open_portal
    for client in opened:
        client.close()


def find_token(page: str) -> str:
    """Return the token of a form on a page."""
    return page.split('name="token" value="')[1].split('"', maxsplit=1)[0]


def sign_in(client: TestClient, name: str, password: str = PASSWORD, next_page: str = "/") -> Any:
    """Send the form of the sign-in as a browser does."""
    token = find_token(client.get("/sign-in").text)
    form = {"token": token, "name": name, "password": password, "next": next_page}
    return client.post("/sign-in", data=form)


def post(client: TestClient, address: str, **fields: str) -> Any:
    """Send a form with the session's token."""
    token = client.get("/api/v1/me").json()["token"]
    return client.post(address, data={"token": token, **fields})


@pytest.fixture
def run_id(home: Path) -> str:
    """Return the ID of the latest run."""
    return (home / "runs" / "latest").resolve().name
