"""Replay the real season of Cook County, and compare rates with those computed by hand."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from tests import figures

pytestmark = pytest.mark.real

#: Day of the replay, data date, household-weighted rate of Cook County and of Chicago, in percent.
DAYS = [
    (
        "2020-10-16",
        "2020-10-16",
        f"{figures.COOK_BY_HOUSEHOLDS:.2f}",
        f"{figures.CHICAGO_BY_HOUSEHOLDS:.2f}",
    ),
    ("2020-03-27", "2020-03-27", "28.88", "24.71"),
    ("2020-05-01", "2020-05-01", "56.48", "49.26"),
]


def run_demo(inside: Any, real_data: Path, today: str, example: str) -> tuple[str, Path]:
    campaign = inside.folder / f"{example}.toml"
    if not campaign.exists():
        assert inside("init", str(campaign), "--example", example).returncode == 0
    done = inside(
        "demo", "--data", str(real_data), "--today", today, "--campaign", str(campaign), timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout, inside.home / "demo" / "runs" / "latest"


@pytest.mark.parametrize(("today", "data_date", "cook", "chicago"), DAYS)
def test_the_rates_of_cook_and_chicago_are_those_known(
    inside: Any, real_data: Path, today: str, data_date: str, cook: str, chicago: str
) -> None:
    said, run = run_demo(inside, real_data, today, "cook_2020")
    assert f"{cook}% weighted by households" in said
    assert (
        "1,332 in, 1,332 out: 1,328 with a rate and a polygon, 3 without a rate, 1 of water" in said
    )
    assert "0 rated tracts without a predictor" in said
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["data_date"] == data_date
    said, run = run_demo(inside, real_data, today, "chicago_2020")
    assert f"{chicago}% weighted by households" in said
    assert "789 with a rate and a polygon" in said
    if today == "2020-10-16":
        assert "61.10% weighted by housing units" in said
        assert manifest["figures"]["rate_by_housing_units_share"] == pytest.approx(0.6764, abs=5e-5)


def test_a_sunday_in_june_says_that_its_data_is_of_friday(inside: Any, real_data: Path) -> None:
    said, run = run_demo(inside, real_data, "2020-06-14", "cook_2020")
    assert "data of June 12, 2020" in said
    assert (
        "Jun 12, 2020" in (run / "map.html").read_text()
        or "2020-06-12" in (run / "map.html").read_text()
    )
    rows = (run / "exports" / "targets.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    assert rows
    assert all('"2020-06-12"' in row for row in rows)


def test_every_table_of_the_run_holds_every_tract(inside: Any, real_data: Path) -> None:
    _, run = run_demo(inside, real_data, "2020-10-16", "cook_2020")
    tracts = gpd.read_parquet(run / "tables" / "tracts.parquet")
    scores = pd.read_parquet(run / "tables" / "scores.parquet")
    assert len(tracts) == 1332
    assert tracts.crs.to_epsg() == 4326
    rated = tracts[tracts["status"] == "rated"]
    assert len(rated) == 1328
    assert set(rated.index) == set(scores.index)
    assert rated["households_count"].notna().all()
    assert rated["internet_households_count"].notna().all()
