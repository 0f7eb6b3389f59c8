"""Each language gets the money for its own households, and all shares add up."""

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from flows.steps.buying.languages import share_languages
from outreach.campaign import Campaign, parse_campaign
from outreach.tables import Targets, as_table

GEOIDS = ["01001000100", "01001000200", "01001000300"]
GROUPS = ("spanish", "indo_european", "asian_pacific", "other")


def make_campaign(*languages: str) -> Campaign:
    values: dict[str, Any] = {
        "name": "Test",
        "census_year": 2020,
        "areas": [{"state": "01"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 1000,
        "creative_languages": list(languages),
    }
    return parse_campaign(values, "test")


@pytest.fixture(scope="module")
def tracts() -> gpd.GeoDataFrame:
    """Return tracts where 10%, 30%, and 2% of the households speak Spanish and little English."""
    table = pd.DataFrame(index=pd.Index(GEOIDS, name="geoid"))
    table["households_count"] = [1000.0, 600.0, 400.0]
    for group in GROUPS:
        table[f"limited_english_households_{group}_count"] = 0.0
    table["limited_english_households_spanish_count"] = [100.0, 180.0, 8.0]
    shapes = [shapely.box(-87.0 + 0.02 * n, 33.0, -86.98 + 0.02 * n, 33.02) for n in range(3)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def make_targets() -> Any:
    table = pd.DataFrame({"kind": "tract", "place": GEOIDS})
    table.index = pd.Index([f"tract-{geoid}" for geoid in GEOIDS], name="unit_id")
    return as_table(table, Targets)


def list_shares(targets: Any, code: str) -> list[float]:
    shares: list[float] = targets[f"language_{code}_share"].round(6).tolist()
    return shares


def test_spanish_gets_its_households_where_they_are_at_least_5_percent(
    tracts: gpd.GeoDataFrame,
) -> None:
    targets = share_languages(make_targets(), None, tracts, make_campaign("en", "es"))
    assert list_shares(targets, "es") == [0.1, 0.3, 0.0]
    assert list_shares(targets, "en") == [0.9, 0.7, 1.0]


def test_without_english_the_first_language_takes_the_rest(tracts: gpd.GeoDataFrame) -> None:
    targets = share_languages(make_targets(), None, tracts, make_campaign("vi", "es"))
    assert list_shares(targets, "es") == [0.1, 0.3, 0.0]
    assert list_shares(targets, "vi") == [0.9, 0.7, 1.0]


def test_two_forms_of_one_language_divide_its_households(tracts: gpd.GeoDataFrame) -> None:
    targets = share_languages(make_targets(), None, tracts, make_campaign("en", "es-Latn", "es"))
    assert list_shares(targets, "es") == list_shares(targets, "es-Latn") == [0.05, 0.15, 0.0]
    assert list_shares(targets, "en") == [0.9, 0.7, 1.0]


def test_one_language_needs_no_shares(tracts: gpd.GeoDataFrame) -> None:
    targets = make_targets()
    assert share_languages(targets, None, tracts, make_campaign("en")) is targets
