"""One command turns a run into checked files, and a run survives a platform's refusal."""

import datetime as dt
import hashlib
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner

from flows.steps.buying.plan import TargetPlan
from flows.steps.notes import Notes
from flows.steps.results.outputs import write_lists
from models.trial.plan import TrialPlan
from outreach.campaign import Campaign, parse_campaign
from outreach.cli import cli
from outreach.errors import ExportError, StoreError
from outreach.settings import Settings, read_settings
from outreach.store import Run, Store


def make_campaign(**more: Any) -> Campaign:
    values = {
        "name": "Census 2020",
        "census_year": 2020,
        "areas": [{"state": "17", "county": "031"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 100_000,
        "creative_languages": ["en", "es"],
    }
    return parse_campaign(values | more, "test")


def write_plan() -> str:
    """Return the text of a test plan that can be read."""
    day = dt.date(2020, 6, 1)
    plan = TrialPlan(
        campaign="Census 2020",
        made_at=dt.datetime(2020, 5, 29, tzinfo=dt.UTC),
        flight_start=day,
        flight_end=day + dt.timedelta(days=41),
        holdout_share=0.5,
        seed=2030,
        unit_kind="zips",
        outcome="change of the rate",
        method="ANCOVA",
        mde_share=0.01,
        warnings=(),
        arms=(("zip-60601", "treat", 0), ("zip-60602", "holdout", 0)),
    )
    return plan.canonical_json()


def keep_run(targets: pd.DataFrame, plan: str = "") -> str:
    """Store a run with these targets and the text of a test plan."""
    store, campaign = Store(read_settings().runs_folder), make_campaign(platforms=["csv"])
    with store.begin(campaign.slug) as folder:
        folder.write_table("targets", targets)
        folder.write_table("tracts", tracts())
        if plan:
            folder.write_file("plan.json", f"{plan}\n")
        done = folder.finish(
            Run(
                id=folder.id,
                created_at=dt.datetime.now(dt.UTC),
                campaign=campaign,
                data_date=dt.date(2020, 5, 28),
                inputs=(),
                counts={},
                join_report={},
                timings_seconds={},
            )
        )
    return done.id


def tracts() -> gpd.GeoDataFrame:
    index = pd.Index(["17031010100"], name="geoid")
    return gpd.GeoDataFrame(index=index, geometry=[shapely.box(-87.7, 41.8, -87.6, 41.9)], crs=4326)


def test_one_command_writes_the_files_of_five_platforms(bench: Any, tmp_path: Path) -> None:
    run = keep_run(bench.targets(zips=["60601", "00501"]))
    lists = ["--geotargets", str(bench.geotargets(tmp_path, ["60601", "00501"]))]
    lists += ["--location-codes", str(bench.location_codes(tmp_path, ["60601", "00501"]))]
    platforms = ["google", "microsoft", "meta", "tiktok", "excel"]
    arguments = ["export", "latest", *lists, "--into", str(tmp_path / "files")]
    done = CliRunner().invoke(
        cli, [*arguments, *(part for name in platforms for part in ("--to", name))]
    )
    assert done.exit_code == 0, done.output
    names = {path.name for path in (tmp_path / "files").iterdir()}
    assert {
        "google-editor.csv",
        "microsoft-bulk.csv",
        "meta-zips.txt",
        "tiktok-zips.txt",
        "targets.xlsx",
    } <= names
    assert {f"{name}-checklist.txt" for name in platforms[:-1]} <= names
    for path in (tmp_path / "files").iterdir():
        assert str(path) in done.output
    assert run[:19].encode() in (tmp_path / "files" / "google-editor.csv").read_bytes()


def test_a_refusal_of_one_platform_writes_nothing_at_all(bench: Any, tmp_path: Path) -> None:
    keep_run(bench.targets(tracts=["17031010100"]))
    with pytest.raises(ExportError, match="census tracts"):
        CliRunner().invoke(
            cli,
            ["export", "--to", "csv", "--to", "google", "--into", str(tmp_path / "files")],
            catch_exceptions=False,
        )
    assert not (tmp_path / "files").exists()


def test_files_carry_the_hash_of_the_written_plan(bench: Any, tmp_path: Path) -> None:
    keep_run(bench.targets(zips=["60601"]), plan=write_plan())
    assert (
        CliRunner().invoke(cli, ["export", "--to", "csv", "--into", str(tmp_path)]).exit_code == 0
    )
    assert (
        hashlib.sha256(write_plan().encode()).hexdigest().encode()
        in (tmp_path / "targets.csv").read_bytes()
    )


def test_users_rules_reach_the_files(bench: Any, tmp_path: Path) -> None:
    keep_run(bench.targets(pins=[(41.8, -87.6, 1.2)]))
    (tmp_path / "google.toml").write_text("radius.step = {value = 1}")
    arguments = [
        "export",
        "--to",
        "google",
        "--rules",
        str(tmp_path),
        "--into",
        str(tmp_path / "files"),
    ]
    assert CliRunner().invoke(cli, arguments).exit_code == 0
    assert b"(2km:41.800000:-87.600000)" in (tmp_path / "files" / "google-editor.csv").read_bytes()


def test_a_run_survives_a_platform_that_refuses_and_says_why(bench: Any, tmp_path: Path) -> None:
    campaign = make_campaign(platforms=["google", "csv", "geojson"])
    targets = bench.targets(tracts=["17031010100"])
    with Store(tmp_path / "runs").begin(campaign.slug) as run:
        plan = TargetPlan(targets, targets)
        store = Store(tmp_path / "runs")
        write_lists(run, plan, tracts(), campaign, Settings(), Notes(), store)
        exports = {
            path.name: path.read_text(encoding="utf-8-sig")
            for path in run._building.glob("exports/*")
        }
    assert "google-editor.csv" not in exports
    assert re.search(r'census tracts.*kind = "zips"', exports["google-not-written.txt"])
    assert run.id in exports["targets.csv"]
    assert '"Polygon"' in exports["targets.geojson"]


def export(folder: Path, *arguments: str) -> list[str]:
    """Export into a folder and return the names of its files but the checklists."""
    done = CliRunner().invoke(
        cli, ["export", "latest", *arguments, "--into", str(folder)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return sorted(path.name for path in folder.iterdir() if "checklist" not in path.name)


def test_only_changes_are_written_under_the_names_of_the_first_upload(
    bench: Any, tmp_path: Path
) -> None:
    first = keep_run(bench.targets(zips=["60601", "60602"]), plan=write_plan())
    store = Store(read_settings().runs_folder)
    store.approve(first, "Ada Lovelace")
    second = keep_run(bench.targets(zips=["60601", "60603"]))
    platforms = ["--to", "google", "--to", "zips", "--to", "excel"]
    names = export(tmp_path / "changes", "--since", first, *platforms)
    assert names == [
        "google-editor-changes.csv",
        "targets.xlsx",
        "zips-add.txt",
        "zips-remove.txt",
        "zips_country-add.csv",
        "zips_country-remove.csv",
    ]
    tag = hashlib.sha256(write_plan().encode()).hexdigest()[:19]
    changes = (tmp_path / "changes" / "google-editor-changes.csv").read_text(encoding="utf-8-sig")
    name = f"Census 2020 | treat | {tag} | en+es"
    assert all(line.startswith(name) for line in changes.splitlines()[1:])
    assert '"60603, Illinois, United States",,' in changes
    assert '"60602, Illinois, United States",,Removed' in changes

    # The whole list of the second run, and what follows it, keep the name too.
    store.approve(second, "Grace Hopper")
    assert name.encode() in (
        (tmp_path / "whole" / "google-editor.csv").read_bytes()
        if export(tmp_path / "whole", "--to", "google")
        else b""
    )
    assert export(tmp_path / "none", "--since", second, "--to", "google") == [
        "google-no-changes.txt"
    ]


def test_a_draft_cannot_have_been_uploaded(bench: Any, tmp_path: Path) -> None:
    run = keep_run(bench.targets(zips=["60601"]))
    with pytest.raises(StoreError, match="is a draft"):
        export(tmp_path, "--since", run, "--to", "google")
