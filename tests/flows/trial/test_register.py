"""Register tests before their flight and results after it, in a chain that shows changes."""

import datetime as dt
import json
import shutil
import threading
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from flows.steps.measuring.approval import approve_run, withdraw_run
from flows.steps.measuring.registered import tabulate_registered
from flows.trial.measure import measure_test
from flows.trial.register import list_tests, write_tests
from outreach.catalog import list_languages, read_all
from outreach.cli import cli
from outreach.errors import NothingThere, StoreError
from outreach.reports.pages.trial.registered import write_registered_pages
from outreach.settings import Settings, read_settings
from outreach.store import Store, TrialEntry, TrialRegister
from tests.flows.trial.tested_town import fill_archive, keep_town, make_town
from tests.twins import list_faults, read_pages

TODAY = dt.date(2030, 6, 15)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home whose test was approved, then read out twice, and found nothing."""
    folder = tmp_path_factory.mktemp("register")
    town = make_town(folder, "tracts")
    settings = read_settings(home=folder / "home")
    with pytest.raises(NothingThere, match="No test is registered yet"):
        list_tests(settings)
    store = Store(settings.runs_folder)
    approve_run(store, keep_town(settings, town), "Ada Lovelace", accepts_unreadable=True)
    fill_archive(settings, town, 0.0, "2020-07-10")
    measure_test(settings)
    measure_test(settings, spent_usd=5000)
    return settings


def make_entry(digest: str, kind: str = "plan", start: str = "2030-06-01") -> TrialEntry:
    return TrialEntry.model_validate(
        {
            "kind": kind,
            "registered_at": dt.datetime(2030, 5, 1, tzinfo=dt.UTC),
            "campaign": "Durham",
            "run_id": "durham-1",
            "plan_digest": digest,
            "flight_start": start,
            "flight_end": pd.Timestamp(start).date() + dt.timedelta(days=27),
            "mde_share": 0.004,
        }
    )


def test_a_life_is_a_plan_before_and_one_result_after(lived: Settings) -> None:
    plan, result = TrialRegister(lived.runs_folder).entries()
    table, last = list_tests(lived)

    assert (plan.kind, plan.by, result.kind) == ("plan", "Ada Lovelace", "result")
    # The second readout has the same figures at another price: nothing new was found.
    assert table["results_count"].tolist() == [1]
    assert table["state"].tolist() == ["zero"]
    assert table["low_points"].iloc[0] < 0 < table["high_points"].iloc[0]
    assert last == TrialRegister(lived.runs_folder).last_sha256()


def test_the_pages_and_the_table_hold_every_test(lived: Settings, tmp_path: Path) -> None:
    table, last = list_tests(lived)

    names = write_tests(table, last, tmp_path / "tests")

    assert names == ["tests.csv", "tests.es.html", "tests.html"]
    assert len(list_languages()) == 2
    assert last in (tmp_path / "tests" / "tests.html").read_text()
    assert "1 prueba no pudo distinguir" in (tmp_path / "tests" / "tests.es.html").read_text()
    assert pd.read_csv(tmp_path / "tests" / "tests.csv")["state"].tolist() == ["zero"]
    assert list_faults(read_pages(tmp_path / "tests"), ("Ada Lovelace", "Town")) == {}


def test_the_command_lists_and_checks(
    lived: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_HOME", str(lived.home))
    monkeypatch.chdir(tmp_path)

    listed = CliRunner().invoke(cli, ["tests", "--into", "page"])

    assert listed.exit_code == 0, listed.output
    assert "Not distinguished from zero: " in listed.output
    assert "The effect of 1 test cannot be distinguished from zero." in listed.output
    assert (tmp_path / "page" / "tests.html").exists()
    rows = json.loads(CliRunner().invoke(cli, ["tests", "--json"]).stdout)["tests"]
    assert [row["state"] for row in rows] == ["zero"]


def test_what_an_older_version_approved_without_a_register_is_named_and_registered(
    lived: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(lived.runs_folder, tmp_path / "runs", symlinks=True)
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path))
    store = Store(tmp_path / "runs")
    (run,) = store.runs()

    listed = CliRunner().invoke(cli, ["tests"])
    assert listed.exit_code != 0
    assert f"Register it: outreach approve {run.id} --by NAME" in str(listed.exception)
    again = ["approve", run.id, "--by", "Grace Hopper", "--accept-unreadable-test"]
    assert "is approved by Ada Lovelace" in CliRunner().invoke(cli, again).stdout
    assert "Register it" not in CliRunner().invoke(cli, ["tests"]).output

    (tmp_path / "tests" / "000001.json").unlink()
    withdrawn = ["withdraw", run.id, "--by", "Ada Lovelace", "--reason", "Old.", "--yes"]
    assert "2020, not in the register" in CliRunner().invoke(cli, withdrawn).stdout


@pytest.mark.parametrize("fault", ["changed", "removed", "cut off"])
def test_a_change_shows(tmp_path: Path, fault: str) -> None:
    register = TrialRegister(tmp_path / "runs")
    for number in range(3):
        register.add(make_entry(f"{number:064x}"))
    first = register.folder / "000001.json"
    if fault == "changed":
        first.write_text(first.read_text().replace("0.004", "0.002"))
    elif fault == "removed":
        first.unlink()
    else:
        first.write_text(first.read_text()[:40])

    with pytest.raises(StoreError, match=r"was changed: entry 2|Entry 1 .* missing|cannot be read"):
        register.entries()
    with pytest.raises(StoreError):
        register.add(make_entry("f" * 64))


def test_two_at_once_both_get_a_place(tmp_path: Path) -> None:
    threads = [
        threading.Thread(
            target=TrialRegister(tmp_path / "runs").add, args=(make_entry(f"{n:064x}"),)
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    entries = TrialRegister(tmp_path / "runs").entries()
    assert [entry.number for entry in entries] == list(range(1, 9))
    assert {entry.plan_digest for entry in entries} == {f"{n:064x}" for n in range(8)}


def test_states_follow_the_day_and_the_result() -> None:
    entries = [
        make_entry("a", start="2030-07-01"),
        make_entry("b", start="2030-06-01"),
        make_entry("c", start="2030-04-01"),
        make_entry("d", start="2030-04-02"),
        make_entry("d", "result", start="2030-04-02").model_copy(
            update={"estimate_share": 0.003, "low_share": 0.001, "high_share": 0.005}
        ),
        make_entry("e", "result", start="2030-03-01"),
    ]

    states = tabulate_registered(entries, TODAY)["state"]

    assert states.to_dict() == {
        "a": "planned",
        "b": "running",
        "d": "raised",
        "c": "due",
        "e": "unregistered",
    }


def test_looks_are_registered_and_older_entries_keep_their_hash(tmp_path: Path) -> None:
    register = TrialRegister(tmp_path / "runs")
    before = register.add(make_entry("a" * 64))
    assert "looks" not in json.loads((register.folder / "000001.json").read_text())
    assert TrialEntry.model_validate_json(before.write_json()) == before

    days = (dt.date(2030, 6, 14), dt.date(2030, 6, 21))
    register.add(make_entry("b" * 64).model_copy(update={"looks": days}))
    table = tabulate_registered(register.entries(), TODAY)
    assert table["looks"].to_dict() == {"a" * 64: "", "b" * 64: "2030-06-14 2030-06-21"}
    pages = write_registered_pages(table, register.last_sha256(), TODAY, read_all())
    assert '<td class="text">Jun 14, 2030 and Jun 21, 2030</td>' in pages["tests.html"]
    assert '<td class="text">none</td>' in pages["tests.html"]
    assert '<td class="text">14 jun 2030 y 21 jun 2030</td>' in pages["tests.es.html"]


def test_a_withdrawn_list_takes_its_test_along_and_an_approval_brings_it_back() -> None:
    plan, withdrawal = make_entry("a", start="2030-07-01"), make_entry("a", "withdrawal")
    assert tabulate_registered([plan, withdrawal], TODAY)["state"].tolist() == ["withdrawn"]
    assert tabulate_registered([plan, withdrawal, plan], TODAY)["state"].tolist() == ["planned"]
    read_out = make_entry("a", "result").model_copy(
        update={"estimate_share": 0.0, "low_share": -0.1, "high_share": 0.1}
    )
    states = tabulate_registered([plan, read_out, withdrawal], TODAY)["state"]
    assert states.tolist() == ["zero"]


@pytest.fixture
def town(tmp_path: Path) -> tuple[Store, str]:
    """Return a home with a run that has a test, and the run."""
    settings = read_settings(home=tmp_path / "home")
    return Store(settings.runs_folder), keep_town(settings, make_town(tmp_path, "tracts"))


def list_kinds(store: Store) -> list[str]:
    return [entry.kind for entry in TrialRegister(store.folder).entries()]


def test_an_approval_whose_test_cannot_be_registered_does_not_happen(
    town: tuple[Store, str],
) -> None:
    store, run = town
    register = TrialRegister(store.folder)
    register.folder.parent.mkdir(parents=True, exist_ok=True)
    register.folder.write_text("somebody's file")
    with pytest.raises(StoreError, match="Cannot write"):
        approve_run(store, run, "Ada Lovelace", accepts_unreadable=True)
    assert store.approval(run) is None

    register.folder.unlink()
    approve_run(store, run, "Ada Lovelace", accepts_unreadable=True)
    assert list_kinds(store) == ["plan"]


def test_an_approval_that_is_refused_leaves_no_test_as_planned(town: tuple[Store, str]) -> None:
    store, run = town
    with pytest.raises(StoreError, match="needs a name"):
        approve_run(store, run, " ", accepts_unreadable=True)
    assert list_kinds(store) == []


def test_approving_again_registers_the_test_that_a_killed_approval_left_out(
    town: tuple[Store, str],
) -> None:
    store, run = town
    store.approve(run, "Ada Lovelace")  # killed before the test was registered
    left = TrialRegister(store.folder).folder / ".000001.json.0123abcd.tmp"
    left.parent.mkdir(parents=True)
    left.touch()
    approval = approve_run(store, run, "Charles", accepts_unreadable=True)
    assert not left.exists()
    assert approval.by == "Ada Lovelace"
    assert [entry.by for entry in TrialRegister(store.folder).entries()] == ["Ada Lovelace"]
    with pytest.raises(StoreError, match="was approved by Ada Lovelace"):
        approve_run(store, run, "Charles", accepts_unreadable=True)


def test_a_withdrawal_is_kept_with_its_reason_and_withdraws_the_test(
    town: tuple[Store, str],
) -> None:
    store, run = town
    with pytest.raises(StoreError, match="is a draft, so there is no approval to withdraw"):
        withdraw_run(store, run, "Grace", "Wrong flight.")
    approve_run(store, run, "Ada Lovelace", accepts_unreadable=True)
    with pytest.raises(StoreError, match="needs a name and a reason"):
        withdraw_run(store, run, "Grace", " ")

    withdraw_run(store, run, "Grace", "Wrong flight.")
    assert store.approval(run) is None
    assert store.approval(run, or_withdrawn=True) is not None
    assert list_kinds(store) == ["plan", "withdrawal"]
    again = "was withdrawn by Grace on .*: Wrong flight. It is not to be uploaded."
    for act in (
        lambda: withdraw_run(store, run, "Grace", "Again."),
        lambda: approve_run(store, run, "Ada", accepts_unreadable=True),
        lambda: store.approve(run, "Ada"),
    ):
        with pytest.raises(StoreError, match=again):
            act()
