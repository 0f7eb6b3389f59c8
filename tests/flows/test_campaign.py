"""The flow around the crafts: caching, archived days, artifacts, what stands in the manifest."""

import datetime as dt
import json
import urllib.request
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.campaign import REUSED
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty()


def invoke(outreach: Any, sandbox: Sandbox, *arguments: str) -> Any:
    return outreach(
        "run",
        "campaign.toml",
        *arguments,
        OUTREACH_API_URL=sandbox.url,
        OUTREACH_FILES_URL=sandbox.url,
        OUTREACH_CENSUS_API_KEY=sandbox.key,
    )


def run(outreach: Any, sandbox: Sandbox, *arguments: str) -> dict[str, Any]:
    if not (outreach.folder / "campaign.toml").exists():
        assert outreach("init", "campaign.toml", "--example", "invented_county").returncode == 0
    done = invoke(outreach, sandbox, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return read_latest(outreach)


def read_latest(outreach: Any) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(
        (outreach.home / "runs" / "latest" / "manifest.json").read_text()
    )
    return manifest


def test_a_second_run_asks_for_rates_only_and_says_what_is_new(
    inside: Any, county: InventedCounty
) -> None:
    inside.forget_computed()
    with Sandbox(county) as sandbox:
        first = run(inside, sandbox)
        asked = len(sandbox.log)
        second = run(inside, sandbox)
        again = [path.split("?")[0] for path, _ in sandbox.log[asked:]]
        statuses = {status for path, status in sandbox.log[asked:] if path.startswith("/geo/")}
    assert first["counts"]["requests"] == asked
    assert [path for path in again if path.startswith("/data/")] == ["/data/2020/dec/responserate"]
    assert statuses == {304}
    assert any("already has these rates" in note for note in second["notes"])
    assert REUSED not in first["notes"]
    assert REUSED in second["notes"]
    assert list_tables(first) == list_tables(second)
    for name in ("tracts_offered", "tracts", "rated", "targets"):
        assert first["counts"][name] == second["counts"][name]


def test_another_budget_asks_for_nothing_and_uses_again_what_it_does_not_change(
    inside: Any, county: InventedCounty
) -> None:
    with Sandbox(county) as sandbox:
        first = run(inside, sandbox)
        asked = len(sandbox.log)
        verbose = invoke(inside, sandbox, "--budget", "9000", "-v").stdout
        changed = read_latest(inside)
        runs = sorted((inside.home / "runs").glob("2*"))
        shown = invoke(inside, sandbox, "--budget", "6000", "--what-if").stdout
        logs = sorted((inside.home / "logs").iterdir())
        assert sorted((inside.home / "runs").glob("[!l]*")) == runs
        quiet = invoke(inside, sandbox, "--budget", str(first["campaign"]["budget_usd"]), "-q")
        back = read_latest(inside)
        assert sandbox.log[asked:] == []

    # What is used again is named, and gives the same tables to the last bit.
    assert changed["campaign"]["budget_usd"] == 9000
    assert changed["counts"]["targets"] != first["counts"]["targets"]
    assert (changed["data_date"], changed["counts"]["requests"]) == (first["data_date"], 0)
    note = next(note for note in changed["notes"] if note.startswith("Used again from earlier run"))
    for what in ("rates and predictors", "forecast", "scores", "surroundings", "shapes"):
        assert what in note
    assert "Pull rates, predictors, boundaries" not in changed["timings_seconds"]
    assert list_tables(back) == list_tables(first) != list_tables(changed)

    for line in ("Targets", "Weights", "Drivers", "are our own work"):
        assert line in verbose
    assert quiet.stdout == f"{inside.home / 'runs' / back['id']}\n"

    # Each run has a log of its own; a what-if has none.
    assert [path.stem for path in logs] == [first["id"], changed["id"]]
    lines = [json.loads(line) for line in logs[1].read_text().splitlines()]
    assert {line["run"] for line in lines} == {changed["id"]}
    assert (lines[0]["event"], lines[-1]["event"]) == ("begins", "ends")
    assert {line["title"] for line in lines if line["event"] == "step"} == set(
        changed["timings_seconds"]
    ) | {"Keep the run"}
    assert note in [line["text"] for line in lines if line["event"] == "note"]

    assert f"Compared with {changed['id']}" in shown
    assert "of $6,000.00." in shown
    assert "Nothing was kept." in shown


def test_a_what_if_without_a_run_and_an_override_without_sense_are_refused(
    inside: Any, county: InventedCounty
) -> None:
    with Sandbox(county) as sandbox:
        assert inside("init", "campaign.toml", "--example", "invented_county").returncode == 0
        first = invoke(inside, sandbox, "--what-if")
        faults = [
            invoke(inside, sandbox, "--set", text) for text in ("goal_percent", "no_such_key=1")
        ]
    assert first.returncode == 1
    assert "has no run yet, so there is nothing to compare with" in first.stderr
    assert [fault.returncode for fault in faults] == [1, 1]
    assert "'goal_percent' sets no key. Write it as KEY=VALUE" in faults[0].stderr
    assert "no_such_key" in faults[1].stderr


def list_tables(manifest: dict[str, Any]) -> dict[str, str]:
    """Return the hash of each table of a run."""
    return {
        output["path"]: output["sha256"]
        for output in manifest["outputs"]
        if output["path"].startswith("tables/")
    }


def test_an_archived_day_is_run_again_and_a_day_that_is_not_there_is_named(inside: Any) -> None:
    early, late = (
        InventedCounty(today=dt.date(2020, 4, 15)),
        InventedCounty(today=dt.date(2020, 5, 28)),
    )
    with Sandbox(early) as sandbox:
        first = run(inside, sandbox)
        sandbox.world = late
        second = run(inside, sandbox)
        third = run(inside, sandbox, "--date", first["data_date"])
        missing = inside(
            "run",
            "campaign.toml",
            "--date",
            "2020-04-01",
            OUTREACH_API_URL=sandbox.url,
            OUTREACH_FILES_URL=sandbox.url,
            OUTREACH_CENSUS_API_KEY=sandbox.key,
        )
    assert first["data_date"] == third["data_date"] != second["data_date"]
    assert (
        first["figures"]["rate_by_households_share"] == third["figures"]["rate_by_households_share"]
    )
    assert missing.returncode == 1
    assert "no rates" in missing.stderr
    assert "April 1, 2020" in missing.stderr


def test_the_manifest_says_where_every_number_came_from(
    inside: Any, county: InventedCounty
) -> None:
    with Sandbox(county) as sandbox:
        manifest = run(inside, sandbox)
    names = {source["name"] for source in manifest["inputs"]}
    assert {
        "responserate",
        "acs5",
        "planning_database",
        "tract boundaries",
        "tract relationship 2010-2020",
    } <= names
    for source in manifest["inputs"]:
        assert len(source["sha256"]) == 64
        assert source["fetched_at"]
        assert source["rows"] >= 0
    assert manifest["timings_seconds"]
    assert manifest["versions"]["prefect"]
    folder = inside.home / "runs" / "latest"
    on_disk = {
        path.relative_to(folder.resolve()).as_posix()
        for path in folder.resolve().rglob("*")
        if path.is_file()
    }
    assert {output["path"] for output in manifest["outputs"]} == on_disk - {"manifest.json"}
    assert manifest["counts"]["tracts_offered"] == manifest["counts"]["tracts"]


def test_a_run_says_what_its_forecast_and_its_expectation_rest_on(
    inside: Any, county: InventedCounty
) -> None:
    with Sandbox(county) as sandbox:
        assert inside("init", "campaign.toml", "--example", "invented_county").returncode == 0
        campaign = inside.folder / "campaign.toml"
        blend = "[forecast]\ntrajectory_percent = 70\ntrend_percent = 0\nexpectation_percent = 30\n"
        campaign.write_text(campaign.read_text() + "\n" + blend)
        manifest = run(inside, sandbox)
    assert manifest["assessment"]["predictors_missing"] == {}
    assert manifest["summary"]["Weights"].startswith(
        "trajectory 70%, area trend 0%, peer expectation 30%"
    )
    assert "from the campaign" in manifest["summary"]["Weights"]
    folder = inside.home / "runs" / "latest"
    drivers = pd.read_csv(folder / "drivers.csv", index_col="concept")
    assert drivers.index[0] in manifest["summary"]["Drivers"]
    comparable = pd.read_parquet(folder / "tables" / "comparable.parquet")
    rated = pd.read_parquet(folder / "tables" / "scores.parquet").index
    assert set(rated) <= set(comparable.index)
    assert set(comparable["comparable"]) <= set(rated)
    assert '"alike":[' in (folder / "map.html").read_text(encoding="utf-8")


def test_prefect_keeps_summary_targets_and_map_of_the_run(
    inside: Any, county: InventedCounty, prefect_api: str
) -> None:
    with Sandbox(county) as sandbox:
        run(inside, sandbox)
    request = urllib.request.Request(
        f"{prefect_api}/artifacts/filter", b"{}", {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        keys = {artifact["key"] for artifact in json.loads(answer.read())}
    assert {
        "run-invented-county-summary",
        "run-invented-county-targets",
        "run-invented-county-map",
    } <= keys


def test_nothing_is_left_outside_the_home(outreach: Any, county: InventedCounty) -> None:
    with Sandbox(county) as sandbox:
        run(outreach, sandbox)
    left = {path.name for path in Path(outreach.folder).iterdir()}
    assert left == {"campaign.toml", "outreach-data"}
