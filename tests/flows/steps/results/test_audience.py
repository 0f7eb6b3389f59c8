"""Count every household of the target list once, with ads or handed off."""

import csv
import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from flows.steps.buying.plan import TargetPlan
from flows.steps.notes import Notes
from flows.steps.results.audience import gather_audience, write_audience
from outreach.campaign import Campaign, parse_campaign
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.exporters.base.views import TITLES
from outreach.store import Store
from outreach.tables import Targets, check

GEOIDS = ["01001000100", "01001000200", "01001000300"]


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    asked: dict[str, Any] = {
        "name": "Test",
        "census_year": 2020,
        "areas": [{"state": "01"}],
        "goal_percent": 70,
        "deadline": "2020-10-15",
        "budget_usd": 1000,
        "creative_languages": ["en"],
    }
    return parse_campaign(asked | {"deadline": pd.Timestamp("2020-10-15").date()}, "test")


@pytest.fixture(scope="module")
def tracts() -> gpd.GeoDataFrame:
    """Return three neighboring tracts with a column of race that nothing may read."""
    table = pd.DataFrame(index=pd.Index(GEOIDS, name="geoid"))
    table["name"] = ["1", "2", "3"]
    table["households_count"] = [1000.0, 600.0, 400.0]
    table["hispanic_share"] = [0.9, 0.1, 0.5]
    table["internet_universe_count"] = table["households_count"]
    table["offline_households_count"] = table["households_count"] / 4
    table["internet_households_count"] = table["households_count"] * 3 / 4
    table["unsubscribed_internet_households_count"] = 0.0
    for group, share in (
        ("spanish", 0.1),
        ("indo_european", 0.0),
        ("asian_pacific", 0.05),
        ("other", 0.0),
    ):
        table[f"limited_english_households_{group}_count"] = table["households_count"] * share
        table[f"limited_english_households_{group}_count_moe"] = 9.0
    shapes = [shapely.box(-87.0 + 0.02 * n, 33.0, -86.98 + 0.02 * n, 33.02) for n in range(3)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


@pytest.fixture(scope="module")
def scores(tracts: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame({"missing_households_count": [400.0, 200.0, 100.0]}, index=tracts.index)


def make_targets(
    kind: str, places: list[str], households: list[float], missing: list[float], **more: Any
) -> pd.DataFrame:
    table = pd.DataFrame(
        {"kind": kind, "place": places, "label": "Place", "data_date": pd.Timestamp("2020-05-28")}
    )
    table["arm"] = "treat"
    for name in ("latitude", "longitude", "radius_km"):
        table[name] = more.get(name, float("nan"))
    table["households_count"], table["missing_households_count"] = households, missing
    table["budget_usd"] = table["impressions_count"] = 0.0
    table["rank"], table["why"] = range(1, len(table) + 1), ""
    table.index = pd.Index(f"{kind}-" + table["place"], name="unit_id", dtype=str)
    return check(table, Targets, "test")


def choose(*geoids: str) -> pd.DataFrame:
    return make_targets("tract", list(geoids), [1.0] * len(geoids), [1.0] * len(geoids))


def test_zips_take_their_languages_from_the_tracts_behind_them(
    tracts: gpd.GeoDataFrame, scores: pd.DataFrame, campaign: Campaign
) -> None:
    targets = make_targets("zip", ["35004", "35005"], [1300.0, 300.0], [500.0, 100.0])
    pairs = [
        (GEOIDS[0], "zip-35004", 1.0),
        (GEOIDS[1], "zip-35004", 0.5),
        (GEOIDS[1], "zip-35005", 0.5),
    ]
    members = pd.DataFrame(pairs, columns=["geoid", "unit_id", "weight"])
    notes = Notes()
    views = gather_audience(
        TargetPlan(targets, choose(*GEOIDS), members=members), tracts, scores, campaign, notes
    )
    audience, orders, handoff = (view.table for view in views)
    assert audience["households_count"].tolist() == [1300, 300]
    assert audience["limited_english_es_households_count"].tolist() == pytest.approx([130, 30])
    assert audience["limited_english_es_households_count_moe"].tolist() == pytest.approx(
        [(9**2 + 4.5**2) ** 0.5, 4.5]
    )
    assert audience["offline_share"].tolist() == pytest.approx([0.25, 0.25])
    assert orders.loc[1, "language"] == "Spanish"
    assert orders.loc[1, "households_count"] == pytest.approx(160)
    listed = handoff[handoff["arm"] == "treat"]
    reached = listed["reachable_households_count"] + listed["handoff_households_count"]
    assert reached.sum() == pytest.approx(targets["missing_households_count"].sum())
    assert handoff.loc[handoff["arm"] == "no ads", "handoff_households_count"].to_dict() == {
        GEOIDS[2]: 100.0
    }
    assert "Of 600 missing households in 2 targets" in notes.sentences[-1]


def test_circles_that_overlap_count_nobody_twice(
    tracts: gpd.GeoDataFrame, scores: pd.DataFrame, campaign: Campaign
) -> None:
    circles = {"latitude": 33.01, "longitude": [-86.99, -86.985], "radius_km": 1.5}
    targets = make_targets("pin", ["pin-001", "pin-002"], [700.0, 350.0], [280.0, 130.0], **circles)
    views = gather_audience(
        TargetPlan(targets, choose(GEOIDS[0])), tracts, scores, campaign, Notes()
    )
    audience, _, handoff = (view.table for view in views)
    assert audience["households_count"].tolist() == pytest.approx([700, 350])
    assert audience["limited_english_households_count"].tolist() == pytest.approx([105, 52.5])
    listed = handoff[handoff["arm"] == "treat"]
    assert listed["missing_households_count"].sum() == pytest.approx(410)


def test_a_run_keeps_every_view_as_table_and_as_csv_without_a_protected_trait(
    tracts: gpd.GeoDataFrame, scores: pd.DataFrame, campaign: Campaign, tmp_path: Path
) -> None:
    targets = make_targets("tract", GEOIDS, [1000.0, 600.0, 400.0], [400.0, 200.0, 100.0])
    views = gather_audience(TargetPlan(targets, targets), tracts, scores, campaign, Notes())
    with Store(tmp_path).begin(campaign.slug) as run:
        write_audience(run, views)
        folder = run._building
        for view in views:
            assert view.title == TITLES[view.name]
            refuse_protected_traits(view.table)
            kept = pd.read_parquet(folder / "tables" / f"{view.name}.parquet")
            pd.testing.assert_frame_equal(
                kept, view.table, check_dtype=False, check_index_type=False
            )
            text = (folder / f"{view.name}.csv").read_text(encoding="utf-8-sig")
            assert len(list(csv.DictReader(io.StringIO(text)))) == len(view.table)
            assert "hispanic" not in text


def test_a_list_without_targets_has_an_empty_audience(
    tracts: gpd.GeoDataFrame, scores: pd.DataFrame, campaign: Campaign
) -> None:
    none = choose(GEOIDS[0]).iloc[:0]
    notes = Notes()
    views = gather_audience(TargetPlan(none, none), tracts, scores, campaign, notes)
    assert [len(view.table) for view in views] == [0, 0, 0]
    assert not any("missing households" in sentence for sentence in notes.sentences)
