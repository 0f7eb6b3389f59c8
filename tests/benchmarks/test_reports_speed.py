"""Time the reports of Chicago's fifty wards."""

import datetime as dt
import time
from pathlib import Path

import pytest

from outreach.reports.pages.report_set import write_reports
from tests.reports.test_real_wards import read_view

pytestmark = [pytest.mark.bench, pytest.mark.real]


def test_fifty_wards_take_less_than_twenty_seconds(real_data: Path) -> None:
    view = read_view(real_data, dt.date(2020, 10, 16))
    start = time.process_time()
    pages = dict(write_reports(view))
    seconds = time.process_time() - start
    print(f"\n{len(pages)} pages: {seconds:.1f} s (at most 20 s)")
    assert seconds < 20
