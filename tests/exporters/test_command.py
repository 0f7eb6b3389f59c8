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
from outreach.campaign import Campaign, parse_campaign
from outreach.cli import cli
from outreach.errors import ExportError
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
    keep_run(bench.targets(zips=["60601"]), plan='{"seed":2030}')
    assert (
        CliRunner().invoke(cli, ["export", "--to", "csv", "--into", str(tmp_path)]).exit_code == 0
    )
    assert (
        hashlib.sha256(b'{"seed":2030}').hexdigest().encode()
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
        write_lists(run, plan, tracts(), campaign, Settings(), Notes())
        exports = {
            path.name: path.read_text(encoding="utf-8-sig")
            for path in run._building.glob("exports/*")
        }
    assert "google-editor.csv" not in exports
    assert re.search(r'census tracts.*kind = "zips"', exports["google-not-written.txt"])
    assert run.id in exports["targets.csv"]
    assert '"Polygon"' in exports["targets.geojson"]
