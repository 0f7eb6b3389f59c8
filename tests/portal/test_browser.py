"""A planner's day in a real browser: start, watch, open the map, compare, approve, download."""

import asyncio
import contextvars
import csv
import io
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.engine.serving.service import find_free_port
from flows.engine.serving.workers import place_ready
from outreach.portal.app import make_app
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings
from tests.browser import wait_until
from tests.portal.conftest import PASSWORD


@pytest.fixture
def portal(home: Path, prefect_api: str) -> Iterator[str]:
    """Serve the folder with its flows, for a campaign with circles for Google; give its address."""
    campaign = home / "campaigns" / "county.toml"
    text = campaign.read_text(encoding="utf-8").replace('["csv"]', '["csv", "google"]')
    campaign.write_text(f'{text}\n[units]\nkind = "pins"\n', encoding="utf-8")
    port = find_free_port("127.0.0.1")
    with Sandbox(InventedCounty()) as sandbox, temporary_settings({PREFECT_API_URL: prefect_api}):
        env = {
            name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")
        } | {
            "OUTREACH_HOME": str(home),
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
            "PREFECT_API_URL": prefect_api,
            "PREFECT_LOGGING_TO_API_ENABLED": "true",
            "PREFECT_LOGGING_LEVEL": "INFO",
            "PREFECT_HOME": str(home / "prefect"),
        }
        with (home / "flows.log").open("wb") as log:
            flows = subprocess.Popen(
                [sys.executable, "-m", "flows.serve"], env=env, stdout=log, stderr=log
            )
        config = uvicorn.Config(make_app(Settings(home=home)), port=port, log_level="error")
        server = uvicorn.Server(config)
        # The thread knows Prefect's address by the context of this one.
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=lambda: context.run(asyncio.run, server.serve()), daemon=True
        )
        thread.start()
        until = time.monotonic() + 600
        while not (server.started and place_ready(home, 1).is_file()):
            assert flows.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(60)
        flows.terminate()
        flows.wait(120)


def test_a_planner_does_a_day_s_work(chromium: Any, portal: str, home: Path) -> None:
    page = chromium.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)

    # A link from a mail leads to the sign-in, and then to the page.
    page.goto(f"{portal}/campaigns/invented-county")
    page.get_by_label("Name").fill("planner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("heading", name="Invented County").is_visible()

    # Start a run with another budget, and watch it.
    page.get_by_role("link", name="Start a run").click()
    page.get_by_label("Budget in US dollars").fill("-5")
    page.get_by_role("button", name="Start").click()
    assert "use 0 or more" in page.get_by_role("alert").inner_text()
    page.get_by_label("Budget in US dollars").fill("$9,000")
    page.get_by_label("Reason").fill("what nine thousand dollars buy")
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector("[data-over=yes]", timeout=600_000)
    wait_until(page, lambda: page.locator(".log li").count() >= 8)
    page.get_by_role("link", name="Open the run").click()
    assert "Requested by planner. Reason: what nine thousand dollars buy" in page.inner_text("main")
    run = page.url

    # Compare, read the list, open the map.
    page.get_by_role("button", name="Compare").click()
    assert "of the money or its price" in page.inner_text("main")
    page.goto(f"{run}/targets")
    page.get_by_label("Order by").select_option("budget_usd")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody tr").count() > 5
    page.goto(f"{run}/map")
    page.wait_for_selector("canvas, svg path")
    assert page.get_by_text("Response rate").first.is_visible()

    # Approve, and download the files.
    page.goto(run)
    page.get_by_role("button", name="Approve this list").click()
    assert "Approved by \u2068planner\u2069" in page.inner_text("main")
    for platform in ("csv", "google"):
        with page.expect_download() as download:
            page.get_by_role("link", name=platform, exact=True).click()
        assert download.value.suggested_filename.endswith(f"-{platform}.zip")
    with zipfile.ZipFile(download.value.path()) as files:
        sheet = next(name for name in files.namelist() if name.endswith("google-editor-en.csv"))
        rows = list(csv.DictReader(io.StringIO(files.read(sheet).decode("utf-8-sig"))))
    # Google Ads Editor takes a circle as its radius and its middle.
    circles = [row["Location"] for row in rows if row["Location"]]
    assert len(circles) > 5
    assert all(circle.startswith("(") and "km:" in circle for circle in circles)
    assert (home / "runs" / "approvals" / f"{run.rsplit('/', 1)[1]}.json").is_file()
    assert [fault for fault in faults if "422" not in fault] == []
    page.close()


def test_every_page_is_accessible_and_fits(chromium: Any, portal: str, run_id: str) -> None:
    page = chromium.new_page()
    pages = ["/sign-in", "/", "/runs", f"/runs/{run_id}", f"/runs/{run_id}/targets", "/jobs"]
    pages += ["/data", "/people", "/start/run-campaign/county", "/nowhere"]
    for address in pages:
        page.goto(portal + address)
        for width in (390, 1200):
            page.set_viewport_size({"width": width, "height": 800})
            found = Axe().run(page).response["violations"]
            where = f"{address} at {width} px"
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], where
            assert page.evaluate("document.documentElement.scrollWidth") <= width, where
        # On paper there is what the page says, and nothing to press.
        page.emulate_media(media="print")
        pressed = "all => all.filter(one => one.offsetParent).map(one => one.outerHTML)"
        assert page.locator("header, nav, button, .button").evaluate_all(pressed) == [], address
        assert page.inner_text("main").strip(), address
        page.emulate_media(media="screen")
        if address == "/sign-in":
            page.get_by_label("Name").fill("administrator")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
    page.close()
