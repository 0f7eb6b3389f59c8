"""List the registered tests with their results, as a table and as pages."""

import datetime as dt
from pathlib import Path

import pandas as pd

from flows.steps.folders import build_folder
from flows.steps.measuring.approval import find_unregistered
from flows.steps.measuring.registered import tabulate_registered
from outreach.catalog import read_all
from outreach.errors import NothingThere
from outreach.reports.pages.trial.registered import write_registered_pages
from outreach.settings import Settings
from outreach.spreadsheet import write_csv
from outreach.store import Store, TrialRegister

_TABLE = "tests.csv"


def list_tests(settings: Settings) -> tuple[pd.DataFrame, str]:
    """Return every registered test, and the hash that stands for the whole register.

    Returns
    -------
    pd.DataFrame
        As :func:`flows.steps.measuring.registered.tabulate_registered`.
    str
        SHA-256 of the newest entry.

    Raises
    ------
    NothingThere
        No test is registered yet.
    StoreError
        The register was changed or is damaged.
    """
    register = TrialRegister(settings.runs_folder)
    entries = register.entries()
    if not entries:
        if unregistered := list_unregistered(settings):
            raise NothingThere("No test is registered yet.", " ".join(unregistered))
        raise NothingThere(
            "No test is registered yet.",
            "Approving a run with a holdout registers its test: outreach approve",
        )
    return tabulate_registered(entries, dt.datetime.now(dt.UTC).date()), register.last_sha256()


def list_unregistered(settings: Settings) -> list[str]:
    """Return a sentence for each approved run whose test is not in the register.

    Raises
    ------
    StoreError, ModelError
        An approval or a plan was changed.
    """
    return [
        f"The test of {run} was approved by a version without a register, and is not in it."
        f" Register it: outreach approve {run} --by NAME"
        for run in find_unregistered(Store(settings.runs_folder))
    ]


def write_tests(table: pd.DataFrame, last_sha256: str, into: Path) -> list[str]:
    """Write the list of tests as pages and as ``tests.csv``; return the names of the files.

    Raises
    ------
    StoreError
        The folder cannot be written, or something else is in the way.
    """
    today = dt.datetime.now(dt.UTC).date()
    pages = write_registered_pages(table, last_sha256, today, read_all())
    contents = {_TABLE: write_csv(table), **pages}
    with build_folder(into, set(contents).__contains__) as building:
        for name, text in contents.items():
            (building / name).write_text(text, encoding="utf-8")
    return sorted(contents)
