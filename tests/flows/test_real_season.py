"""Replay the real season of Cook County, and compare rates with those computed by hand."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from flows.trial.evidence import write_evidence
from outreach.settings import read_settings
from tests import figures
from tests.flows.steps.buying.recheck import recheck_run
from tests.flows.trial.pack_figures import find_figures

pytestmark = pytest.mark.real

#: Example, day of the replay, and the household-weighted rate of its area, in percent.
DAYS = [
    ("cook_2020", "2020-03-27", "28.88"),
    ("chicago_2020", "2020-05-01", "49.26"),
    ("chicago_2020", "2020-10-16", f"{figures.CHICAGO_BY_HOUSEHOLDS:.2f}"),
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


@pytest.mark.parametrize(("example", "today", "rate"), DAYS)
def test_the_rates_of_cook_and_chicago_are_those_known(
    inside: Any, real_data: Path, example: str, today: str, rate: str
) -> None:
    said, run = run_demo(inside, real_data, today, example)
    assert f"{rate}% weighted by households" in said
    assert json.loads((run / "manifest.json").read_text())["data_date"] == today
    if example == "chicago_2020":
        assert "789 with a rate and a polygon" in said
    if (example, today) == ("chicago_2020", "2020-10-16"):
        assert "61.10% weighted by housing units" in said


def test_the_last_day_of_cook_is_known_and_every_table_holds_every_tract(
    inside: Any, real_data: Path
) -> None:
    said, run = run_demo(inside, real_data, "2020-10-16", "cook_2020")
    assert f"{figures.COOK_BY_HOUSEHOLDS:.2f}% weighted by households" in said
    assert (
        "1,332 in, 1,332 out: 1,328 with a rate and a polygon, 3 without a rate, 1 of water" in said
    )
    assert "0 rated tracts without a predictor" in said
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["data_date"] == "2020-10-16"

    # Every figure of its evidence is found again in its files or in the run.
    home = inside.home / "demo"
    write_evidence(read_settings(home=home), "latest", inside.folder / "evidence")
    found, lost = find_figures(inside.folder / "evidence", home / "runs")
    assert lost == []
    assert found >= 10

    # The season is over; nobody is to look for a fault of budget or languages.
    assert "so nothing is bought" in said
    assert "There is no target" not in said
    assert manifest["figures"]["rate_by_housing_units_share"] == pytest.approx(0.6764, abs=5e-5)

    tracts = gpd.read_parquet(run / "tables" / "tracts.parquet")
    scores = pd.read_parquet(run / "tables" / "scores.parquet")
    assert len(tracts) == 1332
    assert tracts.crs.to_epsg() == 4326
    rated = tracts[tracts["status"] == "rated"]
    assert len(rated) == 1328
    assert set(rated.index) == set(scores.index)
    assert rated["households_count"].notna().all()
    assert rated["internet_households_count"].notna().all()


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


def test_150_000_dollars_in_chicago_stop_at_the_knee_and_every_unit_can_be_recomputed(
    inside: Any, real_data: Path
) -> None:
    said, run = run_demo(inside, real_data, "2020-05-28", "chicago_2020")
    figures_of_run = json.loads((run / "manifest.json").read_text())["figures"]
    spent, unspent = figures_of_run["planned_usd"], figures_of_run["unspent_usd"]
    assert spent + unspent == pytest.approx(150_000)
    assert unspent > 75_000

    # The summary names the knee and what stays unspent; the curve has both marks.
    facts = json.loads((run / "budget.json").read_text())
    assert facts["knee_usd"] == pytest.approx(spent, abs=0.02)
    assert f"the best first one won, is at ${facts['knee_usd']:,.0f}" in said
    assert f"${unspent:,.2f} stays unspent" in said
    curve = pd.read_csv(run / "budget_curve.csv", keep_default_na=False)
    assert {"90%", "99%", "knee"} < set(curve["mark"])
    marks = curve[curve["mark"] != ""].set_index("mark")
    assert marks.loc["90%", "budget_usd"] < marks.loc["99%", "budget_usd"] < 150_000
    assert marks.loc["90%", "share_of_all"] == pytest.approx(0.9, abs=1e-6)

    # What leaves the account at the platform's bill with its fees.
    targets = pd.read_parquet(run / "tables" / "targets.parquet")
    assert targets["media_usd"].sum() * 1.15 <= targets["budget_usd"].sum() + 1e-6 <= 150_000
    count, faults = recheck_run(run)
    assert count >= 100
    assert faults == []
