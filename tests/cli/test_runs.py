"""Listing runs and the doctor go on where one run, approval, or file is damaged."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from outreach.cli import cli
from outreach.errors import StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Store
from tests.flows.town import keep_run

DAMAGES = {"empty": b"", "cut off": b'{"id": "a", ', "not JSON": b"PK\x03\x04", "a list": b"[]"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("kept")
    settings = read_settings(home=folder / "home")
    for share, day in ((0.50, dt.date(2020, 6, 5)), (0.52, dt.date(2020, 6, 12))):
        keep_run(settings, folder, share, day)
    return settings


@pytest.fixture
def home(kept: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    shutil.copytree(kept.home, home, symlinks=True)
    monkeypatch.setenv("OUTREACH_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    return home


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=True)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_run_is_listed_with_the_way_out(name: str, home: Path) -> None:
    one, other = sorted(path.parent.name for path in (home / "runs").glob("2*/manifest.json"))
    (home / "runs" / one / "manifest.json").write_bytes(DAMAGES[name])
    done = run("runs")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert any(line.startswith(other) for line in lines)
    damaged = [line for line in lines if line.startswith("Damaged: ")]
    assert len(damaged) == 1
    assert f"{one}/manifest.json cannot be read" in damaged[0]
    assert "move the folder of that run elsewhere" in damaged[0]


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_approval_is_listed_with_the_way_out(name: str, home: Path) -> None:
    approval = Store(home / "runs").approve("latest", "Ana")
    listed = run("runs").stdout.splitlines()
    assert any(approval.run_id in line and line.rstrip().endswith("Ana") for line in listed)
    path = home / "runs" / "approvals" / f"{approval.run_id}.json"
    path.write_bytes(DAMAGES[name])
    done = run("runs")
    assert done.exit_code == 0
    assert "damaged" in next(line for line in done.stdout.splitlines() if approval.run_id in line)
    assert f"Damaged: The approval {path} cannot be read" in done.stdout


def test_the_doctor_takes_a_campaign_and_says_a_missing_key_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.is_dir()
    for name in ("API", "FILES"):
        monkeypatch.setenv(f"OUTREACH_{name}_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OUTREACH_RETRIES", "0")
    assert run("init", "campaign.toml", "--example", "invented_county").exit_code == 0
    done = run("doctor", "campaign.toml")
    assert done.exit_code == 1
    assert "campaign.toml can run; it takes" in done.stdout
    assert done.stdout.count("no Census API key") == 1
    assert "ok    Runs: 2 whole runs" in done.stdout
    assert "1 data dates" not in done.stdout

    Path("campaign.toml").write_text("name = ")
    done = run("doctor", "campaign.toml")
    assert done.exit_code == 1
    assert done.stdout.startswith("FAIL  ")
    assert "ok    Runs: 2 whole runs" in done.stdout


def test_runs_are_filtered_and_printed_as_json(home: Path) -> None:
    store = Store(home / "runs")
    newest = store.find("latest")[0]
    store.approve(newest.id, "Ana")

    def list_ids(*arguments: str) -> list[str]:
        done = run("runs", "--json", *arguments)
        assert done.exit_code == 0, done.output
        return [each["id"] for each in json.loads(done.stdout)["runs"]]

    assert len(list_ids()) == 2
    assert list_ids("--approved") == [newest.id]
    assert list_ids("--since", "2020-06-12") == [newest.id]
    assert len(list_ids("--campaign", newest.campaign.name)) == 2
    assert list_ids("--campaign", "another") == []
    assert "There is no such run." in run("runs", "--campaign", "another").stdout
    every = json.loads(run("runs", "--json").stdout)["runs"]
    listed = next(each for each in every if each["id"] == newest.id)
    assert (listed["approved_by"], listed["data_date"]) == ("Ana", "2020-06-12")


def test_an_empty_list_is_not_approved(home: Path) -> None:
    store = Store(home / "runs")
    made = store.find("latest")[0]
    file = home / "runs" / made.id / "manifest.json"
    counts = dict(made.counts) | {"targets": 0}
    file.write_text(made.model_copy(update={"counts": counts}).model_dump_json())
    done = run("approve", "--by", "Ana")
    assert isinstance(done.exception, StoreError)
    assert "is empty, so there is nothing to approve" in str(done.exception)
    assert store.approval(made.id) is None
