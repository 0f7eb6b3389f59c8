"""Check everything that the service keeps in its folder."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from flows.steps.check.machine import CheckResult, run_check
from flows.steps.measuring.readout import RECORD, read_readout
from flows.steps.sources.season_choice import find_trained
from models.curves.season_file import load_season_model
from outreach.archive import Archive
from outreach.errors import ArchiveError, OutreachError, StoreError
from outreach.files import find_leftovers
from outreach.phrasing import list_names, write_count, write_date
from outreach.reports.mail.log import read_sent
from outreach.reports.open_data.register import read_register
from outreach.settings import Settings
from outreach.store import Store

#: Most names that a line lists.
_LISTED = 5
#: By folder, the command that removes what a killed one left there.
_SWEEPERS = {
    "archive": "the next 'outreach run' or 'outreach archive import'",
    "atlas": "the next 'outreach atlas'",
    "backtests": "the next 'outreach backtest' of that area",
    "handouts": "the next 'outreach export' to that folder",
    "mails": "the next 'outreach mail'",
    "measurements": "the next 'outreach measure' of that run",
    "public": "the next 'outreach publish' of that run",
    "disclosure": "the next 'outreach publish' of that season",
    "reports": "the next 'outreach report' of that run",
    "seasons": "the next 'outreach train' of that year",
}


def check_home(settings: Settings) -> Iterator[CheckResult]:
    """Check archive, runs, and all records; one that is damaged does not stop the others."""
    for year in _find_years(settings.archive_folder):
        archive = Archive(settings.archive_folder, year)
        yield run_check(f"Archive of {year}", partial(_read_archive, archive))
        yield run_check(f"Receipts of {year}", partial(_read_receipts, archive))
    store = Store(settings.runs_folder)
    yield from _check_runs(store)
    yield from _check_approvals(store)
    yield from _check_seasons(settings.home)
    yield from _check_records(settings.home)
    yield run_check("Prefect", lambda: _check_database(settings.home / "prefect" / "prefect.db"))
    yield CheckResult("Leftovers", passed=True, detail=_describe_leftovers(settings.home))


def _find_years(folder: Path) -> list[int]:
    """Return the census years that the archive has anything of."""
    parts = (folder / "rates").glob("[0-9]*"), (folder / "receipts").glob("[0-9]*")
    names = {path.name for paths in parts for path in paths}
    return sorted(int(name) for name in names if name.isdecimal()) or [2020]


def _read_archive(archive: Archive) -> str:
    """Say which dates the archive covers."""
    dates = archive.data_dates()
    if not dates:
        return "empty so far"
    if len(dates) == 1:
        return f"1 data date, {write_date(dates[0])}"
    count = write_count(len(dates), "data date")
    return f"{count}, {write_date(dates[0])} to {write_date(dates[-1])}"


def _read_receipts(archive: Archive) -> str:
    """Read every receipt, and look for the segments that they name."""
    receipts = archive.receipts()
    missing = [
        segment
        for receipt in receipts
        for segment in receipt.segments
        if not (archive.folder / segment).is_file()
    ]
    if missing:
        raise ArchiveError(
            f"{write_count(len(missing), 'file')} of the archive that receipts name"
            f" {'is' if len(missing) == 1 else 'are'} gone: {list_names(missing, _LISTED)}.",
            "Restore them from a backup, or import their days again.",
        )
    return write_count(len(receipts), "receipt")


def _check_runs(store: Store) -> Iterator[CheckResult]:
    """Check every manifest, the link to the latest run, and folders that are no run."""
    runs, damaged = store.survey()
    for name, error in damaged.items():
        yield CheckResult(f"Run {name}", passed=False, detail=str(error))
    known = {"approvals", "withdrawals", "latest", *damaged, *(run.id for run in runs)}
    folders = store.folder.iterdir() if store.folder.is_dir() else ()
    strange = sorted(
        path.name for path in folders if path.name not in known and not path.name.startswith(".")
    )
    for name in strange:
        detail = f"{store.folder / name} has no manifest, so it is no run. Move it elsewhere."
        yield CheckResult(f"Run {name}", passed=False, detail=detail)
    latest = store.folder / "latest"
    if latest.is_symlink() and not latest.exists():
        detail = f"{latest} points to a run that is gone. Restore that run, or run the campaign."
        yield CheckResult("Latest run", passed=False, detail=detail)
    yield CheckResult("Runs", passed=True, detail=f"{write_count(len(runs), 'whole run')}")


def _check_approvals(store: Store) -> Iterator[CheckResult]:
    """Check every approval against the list of its run."""
    count = 0
    for path in sorted((store.folder / "approvals").glob("[!.]*.json")):
        result = run_check(f"Approval {path.stem}", partial(_read_approval, store, path.stem))
        count += result.passed
        if not result.passed:
            yield result
    yield CheckResult("Approvals", passed=True, detail=write_count(count, "approval"))


def _read_approval(store: Store, run_id: str) -> str:
    """Check one approval, and return who gave it."""
    withdrawal = store.withdrawal(run_id)
    approval = store.approval(run_id, or_withdrawn=withdrawal is not None)
    return approval.by if approval else ""


def _check_seasons(home: Path) -> Iterator[CheckResult]:
    """Check every trained season model."""
    paths = sorted(find_trained(home).glob("[!.]*.json"))
    results = [
        run_check(f"Season model {path.name}", partial(_read_season, path)) for path in paths
    ]
    yield from (result for result in results if not result.passed)
    whole = sum(result.passed for result in results)
    detail = f"{write_count(whole, 'trained model')} and the shipped one"
    yield CheckResult("Season models", passed=True, detail=detail)


def _read_season(path: Path) -> str:
    """Read one trained season model, and return its name."""
    return load_season_model(path).name


def _check_records(home: Path) -> Iterator[CheckResult]:
    """Check read-outs, registers of hidden counts, and the mail log."""
    kinds: tuple[tuple[str, Callable[[Path], object]], ...] = (
        (f"measurements/[!.]*/{RECORD}", read_readout),
        ("disclosure/[!.]*.json", read_register),
        ("mails/log.csv", read_sent),
    )
    whole = 0
    for pattern, read in kinds:
        for path in sorted(home.glob(pattern)):
            try:
                read(path)
            except OutreachError as error:
                yield CheckResult(f"Record {path.name}", passed=False, detail=str(error))
            else:
                whole += 1
    detail = f"{write_count(whole, 'file')} of read-outs, hidden counts, and mails"
    yield CheckResult("Records", passed=True, detail=detail)


def _check_database(path: Path) -> str:
    """Check the database of Prefect, which holds nothing of ours but the history of its flows."""
    if not path.is_file():
        return "no database yet; the first run makes it"
    reason = ""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.OperationalError:
        reason = "it is in use, or cannot be opened"
    except sqlite3.DatabaseError:
        answer = "damaged"
    if reason:
        return f"{path} was not checked: {reason}"
    if answer != "ok":
        raise StoreError(
            f"The database of Prefect {path} is damaged.",
            "Delete it: the next run makes a new one, and no run or rate is in it.",
        )
    return f"{path}, {path.stat().st_size / 1e6:,.1f} MB"


def _describe_leftovers(home: Path) -> str:
    """Name what killed commands left, and what removes it."""
    lines = []
    for path in find_leftovers(home):
        place = path.relative_to(home)
        sweeper = _SWEEPERS.get(place.parts[0], "the next 'outreach run'")
        lines.append(f"{place} ({sweeper} removes it)")
    if not lines:
        return "none"
    more = f"; and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
    return f"{len(lines)} of killed commands: {'; '.join(lines[:_LISTED])}{more}"
