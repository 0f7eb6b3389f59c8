"""Listing runs and the doctor go on where one run, approval, or file is damaged."""

import datetime as dt
import json
import os
import re
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from flows.steps.check.home import check_home
from outreach.cli import cli
from outreach.cli.consent import ask_person
from outreach.errors import SettingsError, StoreError
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
    done = run("approve", "--by", "Ana", "--yes")
    assert isinstance(done.exception, StoreError)
    assert "is empty, so there is nothing to approve" in str(done.exception)
    assert store.approval(made.id) is None


def test_an_approval_shows_the_list_and_asks(home: Path) -> None:
    store = Store(home / "runs")
    run_id = store.find("latest")[0].id
    asked = run("approve", "--by", "Ana")
    assert isinstance(asked.exception, SettingsError)
    assert "no terminal to ask at" in str(asked.exception)
    for text in (f"Run       {run_id}, data of June 12, 2020", "List      ", "Money     $"):
        assert text in asked.stdout
    assert store.approval(run_id) is None

    assert "is approved by Ana" in run("approve", "--by", "Ana", "--yes").stdout
    why = ("--by", "Eve", "--reason", "The flight moved.")
    assert run("withdraw", run_id, *why).exit_code == 1
    assert store.approval(run_id) is not None
    assert "is withdrawn by Eve" in run("withdraw", run_id, *why, "--yes").stdout
    assert store.approval(run_id) is None


@pytest.mark.parametrize("answer", ["y", "n"])
def test_the_person_at_the_terminal_decides(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard, terminal = os.openpty()
    os.write(keyboard, f"{answer}\n".encode())
    with os.fdopen(terminal) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        if answer == "y":
            ask_person("Do it?", is_agreed=False)
        else:
            with pytest.raises(click.Abort):
                ask_person("Do it?", is_agreed=False)
    os.close(keyboard)


def test_a_withdrawn_list_is_not_exported_and_is_listed_as_such(home: Path) -> None:
    store = Store(home / "runs")
    run_id = store.find("latest")[0].id
    store.approve(run_id, "Ana")
    store.approvals.withdraw(run_id, "Eve", "The flight moved.")
    done = run("export", run_id, "--into", "lists")
    assert isinstance(done.exception, StoreError)
    assert "was withdrawn by Eve" in str(done.exception)
    assert not Path("lists").exists()
    listed = next(line for line in run("runs").stdout.splitlines() if run_id in line)
    assert "withdrawn by Eve" in listed
    assert run_id not in run("runs", "--approved").stdout
    assert [each for each in check_home(read_settings()) if not each.passed] == []


def copy_run(home: Path, made: str, name: str) -> str:
    """Keep another run like one that is there, under another name and made before it."""
    shutil.copytree(home / "runs" / made, home / "runs" / name)
    file = home / "runs" / name / "manifest.json"
    manifest = json.loads(file.read_text()) | {"id": name, "created_at": f"{name[:10]}T00:00:00Z"}
    file.write_text(json.dumps(manifest))
    return name


def test_old_drafts_go_and_what_anything_refers_to_stays(home: Path) -> None:
    store = Store(home / "runs")
    latest = store.find("latest")[0].id
    names = [copy_run(home, latest, f"2019-01-0{day}-draft") for day in range(1, 6)]
    store.approve(names[0], "Ana")
    store.approve(names[1], "Ana")
    store.approvals.withdraw(names[1], "Eve", "The flight moved.")
    (home / "disclosure").mkdir()
    (home / "disclosure" / "2020.json").write_text(json.dumps({"runs": [names[2]]}))
    before = {each.id for each in store.runs()}

    refused = run("runs", "clean", "--keep", "2")
    assert isinstance(refused.exception, SettingsError)
    assert {each.id for each in store.runs()} == before
    assert [line.split()[0] for line in refused.stdout.splitlines()] == names[3:]
    assert "2 runs removed, 5 kept." in run("runs", "clean", "--keep", "2", "--yes").stdout
    assert {each.id for each in store.runs()} == before - set(names[3:])
    assert "Nothing to remove." in run("runs", "clean", "--keep", "2", "--yes").stdout
    assert {path.name[0] for path in (home / "runs").iterdir()} == {"2", "a", "l", "w"}
    with pytest.raises(StoreError, match="a list that was approved"):
        store.remove(names[0])
    with pytest.raises(StoreError, match="the latest run"):
        store.remove(latest)


def test_shared_runs_are_not_removed_for_they_would_come_back(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = sorted((home / "runs").glob("2*"))
    monkeypatch.setenv("OUTREACH_STORAGE", "s3://team/outreach")
    done = run("runs", "clean", "--keep", "1", "--yes")
    assert isinstance(done.exception, SettingsError)
    assert "shared through a bucket" in str(done.exception)
    assert sorted((home / "runs").glob("2*")) == made


def test_nothing_is_removed_beside_a_damaged_run(home: Path) -> None:
    one = min((home / "runs").glob("2*"))
    (one / "manifest.json").write_text("{")
    done = run("runs", "clean", "--keep", "1", "--yes")
    assert isinstance(done.exception, StoreError)
    assert one.is_dir()


def test_a_run_is_shown_with_money_approval_results_and_files(home: Path) -> None:
    made = Store(home / "runs").find("latest")[0]
    shown = run("show").stdout
    assert f"Campaign   {made.campaign.name}" in shown
    assert f"Run        {made.id}, data of June 12, 2020" in shown
    assert "Approval   a draft, which nobody approved" in shown
    assert f"Files      {len(made.outputs)} files in" in shown
    approved = run("approve", made.id, "--by", "Ana", "--reason", "Read it.", "--yes")
    assert "Reason: Read it." in approved.stdout
    shown = run("show", f"latest:{made.campaign.slug}").stdout
    assert re.search(r"Approval   approved by Ana on .*: Read it\.\n", shown)

    verbose = run("show", "-v").stdout
    assert ("Drivers  " in verbose) == ("Drivers" in made.summary)
    assert "Drivers  " not in run("show").stdout
    listed = json.loads(run("show", "--json").stdout)
    assert set(listed) == {"runs", "damaged"}
    assert (listed["runs"][0]["id"], listed["runs"][0]["approved_by"]) == (made.id, "Ana")
    assert listed["runs"][0]["reason"] == "Read it."
    assert len(listed["runs"][0]["files"]) == len(made.outputs)


def test_a_map_is_opened_or_its_path_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Store(home / "runs").find("latest")[0]
    page = home / "runs" / made.id / "map.html"
    page.unlink(missing_ok=True)
    lost = run("open")
    assert isinstance(lost.exception, StoreError)
    assert "has no map" in str(lost.exception)
    page.write_text("<p>map")

    monkeypatch.setenv("PATH", "")  # no browser anywhere
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    done = run("open")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == str(page)
    assert "outreach report" in str(run("open", "--report").exception)
    index = home / "reports" / made.id / "ward" / "index.html"
    index.parent.mkdir(parents=True)
    index.write_text("<p>wards")
    assert run("open", "--report").stdout.splitlines()[0] == str(index)


def test_whatever_lists_something_has_one_shape_of_json(home: Path) -> None:
    assert home.is_dir()
    for kind, *arguments in (
        ("runs", "runs"),
        ("runs", "show"),
        ("users", "users", "list"),
        ("areas", "find", "Vermont"),
        ("dates", "archive", "status"),
    ):
        done = run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        assert list(json.loads(done.stdout)) == [kind, "damaged"]
    (area,) = json.loads(run("find", "Vermont", "--json").stdout)["areas"]
    assert area == {"kind": "state", "title": "Vermont", "state": "50"}
