"""Check what a campaign needs from this machine before it is needed."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from outreach.archive import Archive
from outreach.campaign import Area
from outreach.census.client import fetch_rates
from outreach.errors import NothingThere, OutreachError, StoreError
from outreach.settings import Settings
from outreach.transport import FILES_URL, Transport

#: Free space to ask for. A run of a large state with its season takes less.
_ENOUGH_BYTES = 2_000_000_000
#: Washington, D.C.: the smallest state-level area with tracts, so the smallest real request.
_SMALLEST = Area(state="11")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: whether it passed, and what to do if not."""

    title: str
    passed: bool
    detail: str


def check_machine(settings: Settings, census_year: int = 2020) -> Iterator[CheckResult]:
    """Run every check in turn; one that fails does not stop the others."""
    yield _run_check("Python", lambda: sys.version.split()[0])
    yield _run_check("Data folder", lambda: _check_folder(settings))
    yield _run_check("API key", lambda: "found" if settings.find_key() else "")
    yield _run_check("Census API", lambda: _request_rates(settings, census_year))
    yield _run_check("File server", lambda: _request_file(settings))
    yield _run_check("Archive", lambda: _read_archive(settings, census_year))


def _run_check(title: str, check: Callable[[], str]) -> CheckResult:
    """Turn a check into its result."""
    try:
        return CheckResult(title, passed=True, detail=check())
    except OutreachError as error:
        return CheckResult(title, passed=False, detail=str(error))


def _check_folder(settings: Settings) -> str:
    """Try to write a file, and measure the free space."""
    probe = settings.home / ".probe"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        raise StoreError(
            f"Cannot write to {settings.home}: {error.strerror}.",
            "Choose another folder with OUTREACH_HOME.",
        ) from None
    if free < _ENOUGH_BYTES:
        raise StoreError(
            f"Only {free / 1e9:.1f} GB are free in {settings.home}.",
            "Free some space, or choose another folder with OUTREACH_HOME.",
        )
    return f"{settings.home}, {free / 1e9:,.0f} GB free"


def _request_rates(settings: Settings, census_year: int) -> str:
    """Send the smallest real request for rates."""
    transport = Transport(settings, settings.find_key())
    try:
        rates = fetch_rates(census_year, _SMALLEST, transport)
    except NothingThere:
        return f"{settings.api_url} answers; it has no rates for the District of Columbia"
    return f"{settings.api_url} answers, latest data date {rates['data_date'].max().date()}"


def _request_file(settings: Settings) -> str:
    """Check whether the file server answers at all."""
    answer = Transport(settings).head(
        f"{FILES_URL}/geo/tiger/GENZ2020/shp/cb_2020_us_county_500k.zip"
    )
    return f"{settings.files_url} answers ({answer.status_code})"


def _read_archive(settings: Settings, census_year: int) -> str:
    """Say which dates the archive covers."""
    dates = Archive(settings.archive_folder, census_year).data_dates()
    return f"{len(dates)} data dates, {dates[0]} to {dates[-1]}" if dates else "empty so far"
