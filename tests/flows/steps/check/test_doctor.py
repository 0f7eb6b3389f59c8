"""The doctor names everything that is damaged or left in the service's folder."""

import datetime as dt
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from flows.steps.check.home import check_home
from flows.steps.check.machine import check_machine
from outreach.archive import Archive
from outreach.campaign import parse_campaign
from outreach.files import find_leftovers, open_workspace
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.tables import ResponseRates, as_table

MOMENT = dt.datetime(2020, 5, 1, 12, tzinfo=dt.UTC)
REQUEST = {
    "name": "Town",
    "census_year": 2020,
    "areas": [{"state": "99"}],
    "goal_percent": 70,
    "deadline": dt.date(2020, 10, 15),
    "budget_usd": 1000,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a home with two runs, an approval, a receipt, and a database."""
    home = tmp_path / "home"
    nowhere = "http://127.0.0.1:9"  # the discard port: nothing listens there
    store = Store(home / "runs")
    for _ in range(2):
        with store.begin("town") as building:
            building.write_file("tables/targets.parquet", "targets")
            manifest = Run(
                id=building.id,
                created_at=MOMENT,
                campaign=parse_campaign(REQUEST, "the test"),
                data_date=dt.date(2020, 5, 1),
                inputs=(),
                counts={"tracts": 2, "targets": 1},
                join_report={},
                timings_seconds={},
            )
            building.finish(manifest)
    store.approve("latest", "Ana")
    rates = pd.DataFrame(
        {
            "data_date": pd.to_datetime(["2020-05-01"]),
            "cumulative_share": [0.5],
            "internet_share": [0.4],
            "daily_share": [0.01],
            "daily_internet_share": [0.01],
        },
        index=pd.Index(["99001000100"], name="geoid"),
    )
    Archive(home / "archive").append(as_table(rates, ResponseRates), "the test", MOMENT)
    (home / "prefect").mkdir()
    sqlite3.connect(home / "prefect" / "prefect.db").execute("CREATE TABLE flow (id)").close()
    return Settings(
        home=home,
        api_url=nowhere,
        files_url=nowhere,
        retries=0,
        census_api_key=None,
        _env_file=None,
    )


def list_faults(settings: Settings) -> list[str]:
    return [f"{one.title}: {one.detail}" for one in check_home(settings) if not one.passed]


def test_a_sound_home_passes_every_check(settings: Settings) -> None:
    results = {one.title: one.detail for one in check_home(settings) if one.passed}
    assert list_faults(settings) == []
    assert results["Archive of 2020"] == "1 data date, May 1, 2020"
    assert results["Receipts of 2020"] == "1 receipt"
    assert results["Runs"] == "2 whole runs"
    assert results["Approvals"] == "1 approval"
    assert results["Leftovers"] == "none"


def test_a_home_that_is_not_there_yet_passes(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "none", _env_file=None)
    assert list_faults(settings) == []


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "an empty manifest": (
        lambda home: next((home / "runs").glob("2*/manifest.json")).write_bytes(b""),
        "manifest.json cannot be read: the file is empty",
    ),
    "a manifest that is gone": (
        lambda home: next((home / "runs").glob("2*/manifest.json")).unlink(),
        "has no manifest, so it is no run",
    ),
    "latest without its run": (
        lambda home: shutil.rmtree((home / "runs" / "latest").resolve()),
        "points to a run that is gone",
    ),
    "half an approval": (
        lambda home: cut(next((home / "runs" / "approvals").glob("*.json"))),
        "approval",
    ),
    "a list changed after its approval": (
        lambda home: (home / "runs" / "latest" / "tables" / "targets.parquet").write_text("x"),
        "is not the one that Ana approved",
    ),
    "a receipt that is a list": (
        lambda home: next((home / "archive" / "receipts").rglob("*.json")).write_text("[]"),
        "The receipt",
    ),
    "a segment that is gone": (
        lambda home: next((home / "archive" / "rates").rglob("*.parquet")).unlink(),
        "1 file of the archive that receipts name is gone",
    ),
    "half a segment": (
        lambda home: cut(next((home / "archive" / "rates").rglob("*.parquet"))),
        "is damaged or was changed",
    ),
    "a season model that is text": (
        lambda home: write(home / "seasons" / "2020.json", "shapes"),
        "is not a season model",
    ),
    "an empty register": (
        lambda home: write(home / "disclosure" / "2020.json", ""),
        "The register of hidden counts",
    ),
    "an empty read-out": (
        lambda home: write(home / "measurements" / "run" / "effect.json", ""),
        "the file is empty",
    ),
    "an empty mail log": (lambda home: write(home / "mails" / "log.csv", ""), "the file is empty"),
    "a damaged database": (
        lambda home: (home / "prefect" / "prefect.db").write_bytes(b"no database" * 999),
        "The database of Prefect",
    ),
}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_named_and_stops_no_other_check(name: str, settings: Settings) -> None:
    damage, words = DAMAGES[name]
    titles = {one.title for one in check_home(settings)}
    damage(settings.home)
    faults = list_faults(settings)
    assert any(words in fault for fault in faults), faults
    assert all(len(fault.splitlines()) == 1 for fault in faults)
    assert titles - {"Archive of 2020"} <= {one.title for one in check_home(settings)}


def test_what_a_killed_command_left_is_named_with_what_removes_it(settings: Settings) -> None:
    left = settings.home / "runs" / ".building-left-abcdefgh"
    (left / "content").mkdir(parents=True)
    (left / "content" / ".x.01234567.tmp").touch()  # part of the folder, not one more leftover
    (settings.home / "archive" / ".y.json.01234567.tmp").touch()
    with open_workspace(settings.home / "runs", "alive") as alive:
        found = list(find_leftovers(settings.home))
        assert alive.folder not in found
    assert sorted(path.name for path in found) == [
        ".building-left-abcdefgh",
        ".y.json.01234567.tmp",
    ]
    detail = {one.title: one.detail for one in check_home(settings)}["Leftovers"]
    assert "2 of killed commands" in detail
    assert "runs/.building-left-abcdefgh (the next 'outreach run' removes it)" in detail


def test_a_clock_behind_the_newest_file_is_a_fault(settings: Settings) -> None:
    results = {one.title: one for one in check_machine(settings)}
    assert results["Clock"].passed
    path = settings.home / "runs" / "latest" / "manifest.json"
    os.utime(path, (4e9, 4e9))
    result = {one.title: one for one in check_machine(settings)}["Clock"]
    assert not result.passed
    assert "manifest.json was written on 2096-10-02" in result.detail
    assert "Set the clock" in result.detail


def test_a_missing_key_is_one_fault_and_a_dead_service_another(settings: Settings) -> None:
    results = {one.title: one for one in check_machine(settings)}
    assert not results["API key"].passed
    assert results["Census API"].detail == "not asked, because no key can be sent"
    assert not results["File server"].passed
    assert "127.0.0.1:9" in results["File server"].detail
