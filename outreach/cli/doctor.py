"""A check-up of this machine: what a campaign will need, looked at before it is needed."""

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

#: A run of a large state with its season takes less.
_ENOUGH_BYTES = 2_000_000_000
#: Washington, D.C.: the smallest state-level area with tracts, so the smallest real question.
_SMALLEST = Area(state="11")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, and what to do if not."""

    title: str
    well: bool
    detail: str


def check_machine(settings: Settings, census_year: int = 2020) -> Iterator[Finding]:
    """Look at everything in turn; a check that fails is a finding, not an end."""
    yield _look("Python", lambda: sys.version.split()[0])
    yield _look("Data folder", lambda: _check_folder(settings))
    yield _look("API key", lambda: "found" if settings.find_key() else "")
    yield _look("Census API", lambda: _ask_rates(settings, census_year))
    yield _look("File server", lambda: _ask_files(settings))
    yield _look("Archive", lambda: _read_archive(settings, census_year))


def _look(title: str, check: Callable[[], str]) -> Finding:
    """Make a finding of a check."""
    try:
        return Finding(title, well=True, detail=check())
    except OutreachError as error:
        return Finding(title, well=False, detail=str(error))


def _check_folder(settings: Settings) -> str:
    """Try to write, and look at the space left."""
    probe = settings.home / ".probe"
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        raise StoreError(
            f"{settings.home} cannot be written: {error.strerror}.",
            "Choose another with OUTREACH_HOME.",
        ) from None
    if free < _ENOUGH_BYTES:
        raise StoreError(
            f"Only {free / 1e9:.1f} GB are free in {settings.home}.",
            "Free some, or choose another with OUTREACH_HOME.",
        )
    return f"{settings.home}, {free / 1e9:,.0f} GB free"


def _ask_rates(settings: Settings, census_year: int) -> str:
    """Ask the smallest real question."""
    transport = Transport(settings, settings.find_key())
    try:
        rates = fetch_rates(census_year, _SMALLEST, transport)
    except NothingThere:
        return f"{settings.api_url} answers; it has no rates of the District of Columbia"
    return f"{settings.api_url} answers, newest data date {rates['data_date'].max().date()}"


def _ask_files(settings: Settings) -> str:
    """See whether the file server answers at all."""
    answer = Transport(settings).head(
        f"{FILES_URL}/geo/tiger/GENZ2020/shp/cb_2020_us_county_500k.zip"
    )
    return f"{settings.files_url} answers ({answer.status_code})"


def _read_archive(settings: Settings, census_year: int) -> str:
    """Say how far the archive reaches."""
    dates = Archive(settings.archive_folder, census_year).data_dates()
    return f"{len(dates)} data dates, {dates[0]} to {dates[-1]}" if dates else "empty so far"
