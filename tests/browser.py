"""Open pages in a real Chromium with the network off, and keep every complaint of theirs."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: Chromium alone on a machine without a network: nothing in the background, no sandbox for root.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: How long a page may take on a busy machine, and how often it is looked at.
_PATIENCE_MS, _STEP_MS = 180_000, 50
#: Addresses that need no network.
_LOCAL = ("file:", "data:", "blob:")


def find_chromium() -> str:
    """Return the path of this machine's Chromium, or skip the test."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine (.ci/run installs one)")
    return path


def wait_until(page: Any, holds: Callable[[], bool]) -> None:
    """Wait until something holds, letting the page run; only a machine at a standstill fails."""
    for _ in range(_PATIENCE_MS // _STEP_MS):
        if holds():
            return
        page.wait_for_timeout(_STEP_MS)
    pytest.fail(f"waited {_PATIENCE_MS // 1000} s for what the page never showed")


def read_fragment(page: Any) -> str:
    """Return what stands after # in the page's address."""
    return str(page.evaluate("location.hash"))


@contextmanager
def launch_chromium() -> Iterator[Any]:
    """Run a headless Chromium; Playwright allows one at a time."""
    path = find_chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where there is a browser

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=_FLAGS, timeout=_PATIENCE_MS)
        yield browser
        browser.close()


def find_violations(page: Any, **options: Any) -> dict[str, list[str]]:
    """Return what axe finds wrong and serious with a page: beginnings of elements, by rule.

    Landmarks without names of their own count as serious.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return {
        fault["id"]: [node["html"][:160] for node in fault["nodes"]]
        for fault in axe.run(page, options={"resultTypes": ["violations"], **options}).response[
            "violations"
        ]
        if fault["impact"] in {"serious", "critical"} or fault["id"] == "landmark-unique"
    }


class OfflineBrowser:
    """A person in front of a browser without a network.

    Parameters
    ----------
    browser
        A Chromium of Playwright's.
    """

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        #: Errors and warnings of the page, and every request that would need a network.
        self.complaints: list[str] = []

    def open_address(self, address: str, *, width: int, height: int, **options: Any) -> Any:
        """Open an address with the network off and return Playwright's page."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **options
        )
        context.set_default_timeout(_PATIENCE_MS)
        context.set_offline(True)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self.complaints.append(request.url))
        page.on("request", self._watch)
        page.goto(address)
        return page

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith(_LOCAL):
            self.complaints.append(request.url)
