"""Import partners' logs, and say where nobody has been."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from flows.steps.delivering.activity import list_gaps, open_log, place_activity, sum_activity
from flows.steps.folders import build_folder
from outreach.delivery.activity import parse_activity, read_activity
from outreach.phrasing import list_names, write_count
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.store import Store

_LISTED = 8
_FILE = "gaps.csv"


@dataclass(frozen=True, slots=True)
class LoggedActivity:
    """What an import of a log changed, in sentences, and the table of gaps."""

    lines: tuple[str, ...]
    gaps: Path


def import_activity(settings: Settings, path: Path, run_name: str = "latest") -> LoggedActivity:
    """Import a partner's log, and write where nobody has been to ``activity/gaps/<run id>/``.

    Parameters
    ----------
    path
        The log.
    run_name
        The run whose list says which places matter.

    Raises
    ------
    InputError
        The log cannot be used; nothing was stored.
    StoreError
        There is no such run, or the log's folder cannot be read or written.
    """
    store = Store(settings.runs_folder)
    run, _ = store.find(run_name)
    activity = read_activity(path)
    log = open_log(settings.home, run.campaign)
    new, corrected = log.record(activity)
    rows, contacts = len(activity), float(activity["contacts_count"].sum())
    summary = (
        f"{path.name}: {write_count(rows, 'row')}, {write_count(contacts, 'contact')}; {new:,} new,"
        f" {corrected:,} corrected, {rows - new - corrected:,} as known before."
    )
    lines = [summary]
    _, placed = place_activity(store, run, activity)
    off = sorted(set(placed.loc[placed["unit_id"] == "", "place"]))
    if off:
        lines.append(f"Not on the list of {run.id}, and kept: {list_names(off, _LISTED)}.")

    gaps = list_gaps(store, run, log.read())
    count = int(gaps["is_gap"].sum())
    lines.append(
        f"{count:,} of {write_count(len(gaps), 'place')} of the list have no activity yet."
    )
    folder = settings.home / "activity" / "gaps" / run.id
    with build_folder(folder) as building:
        (building / _FILE).write_text(write_gaps(gaps), encoding="utf-8")
    return LoggedActivity(tuple(lines), folder / _FILE)


def log_visit(settings: Settings, visit: Mapping[str, str], run_name: str) -> None:
    """Log what one organization did in one place on one day.

    Parameters
    ----------
    visit
        Text by the columns of a log (:data:`outreach.delivery.activity.COLUMNS`).
    run_name
        A run of the campaign whose log it is.

    Raises
    ------
    InputError
        It names no area, day, or kind; nothing was stored.
    StoreError
        There is no such run, or the log's folder cannot be read or written.
    """
    run, _ = Store(settings.runs_folder).find(run_name)
    activity = parse_activity(pd.DataFrame([dict(visit)]), "The form")
    open_log(settings.home, run.campaign).record(activity)


def find_gaps(settings: Settings, run_name: str) -> pd.DataFrame:
    """Return the places of a run's list with what partners did there, those without first.

    See :func:`flows.steps.delivering.activity.list_gaps` for the columns.
    """
    store = Store(settings.runs_folder)
    run, _ = store.find(run_name)
    return list_gaps(store, run, open_log(settings.home, run.campaign).read())


def sum_log(settings: Settings, run_name: str) -> pd.DataFrame:
    """Return what each organization did, the newest first.

    See :func:`flows.steps.delivering.activity.sum_activity` for the columns.
    """
    run, _ = Store(settings.runs_folder).find(run_name)
    return sum_activity(open_log(settings.home, run.campaign).read())


def write_gaps(gaps: pd.DataFrame) -> str:
    """Return the table of gaps as CSV."""
    return write_csv(gaps.round({"missing_households_count": 1}))
