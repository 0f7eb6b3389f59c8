"""Check what a campaign needs from this machine before it is needed."""

import datetime as dt
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from outreach.campaign import Area
from outreach.census.client import discover_datasets, fetch_rates
from outreach.errors import (
    KeyRefused,
    NothingThere,
    OutreachError,
    QueryRefused,
    SettingsError,
    StoreError,
)
from outreach.exporters.base.rules import list_old_facts, list_platforms, load_rules
from outreach.phrasing import write_date
from outreach.settings import Settings
from outreach.transport import FILES_URL, Transport

#: Free space to ask for. A run of a large state with its season takes less.
_ENOUGH_BYTES = 2_000_000_000
#: Washington, D.C.: the smallest state-level area with tracts, so the smallest real request.
_SMALLEST = Area(state="11")
#: A clock may be so far behind that of the machine that wrote a file.
_CLOCK_SECONDS = 120
#: Folders of other programs, whose files say nothing about our clock.
_FOREIGN = frozenset({"prefect", "cache"})


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: whether it passed, and what to do if not."""

    title: str
    passed: bool
    detail: str


def check_machine(settings: Settings, census_year: int = 2020) -> Iterator[CheckResult]:
    """Run every check in turn; one that fails does not stop the others."""
    yield run_check("Python", lambda: sys.version.split()[0])
    yield run_check("Data folder", lambda: _check_folder(settings))
    yield run_check("Clock", lambda: _check_clock(settings))
    yield run_check("API key", lambda: "found" if settings.find_key() else "")
    yield run_check("Census API", lambda: _request_rates(settings, census_year))
    yield run_check("File server", lambda: _request_file(settings))
    yield run_check("Platform rules", lambda: _read_rules(settings))


def run_check(title: str, check: Callable[[], str]) -> CheckResult:
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
        try:
            probe.write_bytes(b"x")
        finally:
            probe.unlink(missing_ok=True)
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


def _check_clock(settings: Settings) -> str:
    """Compare the clock with the newest file that the service wrote."""
    files = [
        path
        for folder in (settings.home.iterdir() if settings.home.is_dir() else ())
        if folder.is_dir() and folder.name not in _FOREIGN
        for path in folder.rglob("*")
        if path.is_file()
    ]
    now = dt.datetime.now(dt.UTC)
    newest = max(files, key=lambda path: path.stat().st_mtime, default=None)
    if newest is not None:
        written = dt.datetime.fromtimestamp(newest.stat().st_mtime, dt.UTC)
        if (written - now).total_seconds() > _CLOCK_SECONDS:
            raise StoreError(
                f"The clock says {now:%Y-%m-%d %H:%M} UTC, but {newest} was written on"
                f" {written:%Y-%m-%d %H:%M} UTC.",
                "Set the clock: runs, approvals, and receipts are put in order by their times.",
            )
    return f"{write_date(now)}, {now:%H:%M} UTC"


def _request_rates(settings: Settings, census_year: int) -> str:
    """Send the smallest real request for rates, unless there is no key to send."""
    try:
        key = settings.find_key()
    except (KeyRefused, SettingsError):
        return "not asked, because no key can be sent"
    transport = Transport(settings, key)
    try:
        rates = fetch_rates(census_year, _SMALLEST, transport)
    except NothingThere:
        return f"{settings.api_url} answers; it has no rates for the District of Columbia"
    except QueryRefused:
        # A census to come has no rates yet, and a run for it is a plan.
        if census_year in discover_datasets()["responserate"].vintages:
            raise
        return f"{settings.api_url} answers; it has no rates of {census_year} yet, as for a plan"
    newest = write_date(rates["data_date"].max().date())
    return f"{settings.api_url} answers, latest data date {newest}"


def _request_file(settings: Settings) -> str:
    """Check whether the file server answers at all."""
    answer = Transport(settings).head(
        f"{FILES_URL}/geo/tiger/GENZ2020/shp/cb_2020_us_county_500k.zip"
    )
    return f"{settings.files_url} answers ({answer.status_code})"


def _read_rules(settings: Settings) -> str:
    """Say which platforms have rules that nobody compared with their source for six months."""
    today = dt.datetime.now(dt.UTC).date()
    platforms = [load_rules(name, settings.platform_rules) for name in list_platforms()]
    old = [rules.title for rules in platforms if list_old_facts(rules, today)]
    if not old:
        return f"{len(platforms)} platforms, none with rules older than six months"
    return (
        f"some rules of {', '.join(old)} are older than six months; compare them with the"
        " platforms' documentation, and write what differs into a folder for --rules"
    )
