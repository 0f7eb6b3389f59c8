"""Share a town to report on, its figures and pages, and a reader with a browser."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach.catalog import list_languages
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import write_reports, write_seasons
from tests.browser import OfflineBrowser
from tests.reports.town import SPEND, make_view


@pytest.fixture(scope="session")
def view() -> ReportView:
    """Return the town with a forecast and an earlier report."""
    now, then = make_view(), make_view(dt.date(2020, 6, 5))
    return dataclasses.replace(
        now, earlier=EarlierReport(then.data_date, measure_districts(then).table)
    )


@pytest.fixture(scope="session")
def bare() -> ReportView:
    """Return the town without forecast, history, targets and earlier report."""
    return dataclasses.replace(make_view(forecast=False), history=None, targets=None)


@pytest.fixture(scope="session")
def figures(view: ReportView) -> Figures:
    """Return the figures of the town."""
    return measure_districts(view)


@pytest.fixture(scope="session")
def pages(view: ReportView, figures: Figures) -> dict[str, str]:
    """Return every page of the town in every language."""
    origin = Origin(dt.date(2020, 6, 13), "2020-run")
    return {
        **dict(write_reports(view, list_languages(), origin=origin, figures=figures)),
        **dict(write_seasons(view, figures, SPEND, list_languages(), origin=origin)),
    }


class Reader(OfflineBrowser):
    """A browser that opens report pages from a folder of the test."""

    def __init__(self, browser: Any, folder: Path) -> None:
        super().__init__(browser)
        self._folder = folder

    def open(self, html: str, *, width: int = 1280, **options: Any) -> Any:
        """Open a page from a file."""
        file = self._folder / "page.html"
        file.write_text(html, encoding="utf-8")
        return self.open_address(file.as_uri(), width=width, height=900, **options)


@pytest.fixture
def reader(chromium: Any, tmp_path: Path) -> Iterator[Reader]:
    """Return a reader; its pages must not have complained by the end of the test."""
    browser = Reader(chromium, tmp_path)
    yield browser
    assert browser.complaints == []
