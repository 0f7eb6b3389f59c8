"""Give the tests of the list an invented town of 144 tracts, its season, and its planner."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from tests.flows.steps.buying.planner import DATE, SIDE, STEP, Plan, Planner


@pytest.fixture(scope="session")
def town_tracts() -> gpd.GeoDataFrame:
    """A square town of 144 tracts: rates rise to the east, Spanish is spoken in the south-west."""
    rng = np.random.default_rng(7)
    count = SIDE * SIDE
    row, column = np.divmod(np.arange(count), SIDE)
    households = rng.integers(600, 2400, count).astype(float)
    rate = np.clip(0.35 + 0.02 * column + rng.normal(0, 0.05, count), 0.1, 0.68)
    people = 2.5 * households
    spanish = np.where((row < 4) & (column < 4), 0.4, 0.01) * people
    none = {
        f"limited_english_{group}_count": 0.0
        for group in (
            "french_haitian",
            "slavic",
            "korean",
            "chinese",
            "vietnamese",
            "tagalog",
            "arabic",
        )
    }
    return gpd.GeoDataFrame(
        {
            "name": [str(each) for each in range(count)],
            "status": "rated",
            "land_km2": 1.4,
            "data_date": DATE,
            "cumulative_share": rate,
            "internet_share": 0.7 * rate,
            "households_count": households,
            "housing_units_count": households,
            "internet_households_count": 0.85 * households,
            "internet_households_count_moe": 0.06 * households,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
            "population_5plus_count": people,
            "limited_english_spanish_count": spanish,
            "limited_english_other_indo_european_count": 0.0,
            "limited_english_other_asian_count": 0.0,
            **none,
            "geometry": [
                box(
                    -87.8 + STEP * x, 41.7 + STEP * y, -87.8 + STEP * (x + 1), 41.7 + STEP * (y + 1)
                )
                for x, y in zip(column, row, strict=True)
            ],
        },
        index=pd.Index([f"99001{each:06d}" for each in range(count)], name="geoid"),
        crs=4326,
    )


@pytest.fixture(scope="session")
def town_season(town_tracts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Sixty days up to the data date, each tract at a pace of its own."""
    rng = np.random.default_rng(8)
    days = pd.date_range(end=DATE, periods=60)
    growth = np.abs(0.003 + rng.normal(0, 0.0008, (len(town_tracts), 60)))
    shares = (
        town_tracts["cumulative_share"].to_numpy()[:, None]
        - growth[:, ::-1].cumsum(axis=1)[:, ::-1]
        + growth[:, [-1]]
    )
    return pd.DataFrame(
        {
            "data_date": np.tile(days, len(town_tracts)),
            "cumulative_share": shares.clip(0, 1).ravel(),
        },
        index=pd.Index(np.repeat(town_tracts.index, 60), name="geoid"),
    )


@pytest.fixture(scope="session")
def town_files(
    town_tracts: gpd.GeoDataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """ZIPs of two by two tracts, and four wards."""
    folder: Path = tmp_path_factory.mktemp("files")
    row, column = np.divmod(np.arange(len(town_tracts)), SIDE)
    sets = {"zip": 60600 + 10 * (row // 2) + column // 2, "ward": 1 + 2 * (row // 6) + column // 6}
    for name, codes in sets.items():
        areas = gpd.GeoDataFrame(
            {name: [str(code) for code in codes]},
            geometry=town_tracts.geometry.to_numpy(),
            crs=4326,
        )
        areas.dissolve(by=name).reset_index().to_file(folder / f"{name}.geojson", driver="GeoJSON")
    return {name: str(folder / f"{name}.geojson") for name in sets}


@pytest.fixture(scope="session")
def plan(
    town_tracts: gpd.GeoDataFrame, town_season: pd.DataFrame, town_files: dict[str, str]
) -> Planner:
    """Return the planner of the town."""
    return Planner(town_tracts, town_season, town_files)


@pytest.fixture(scope="session")
def zips(plan: Planner) -> Plan:
    return plan(
        units={"kind": "zips", "zips": plan.files["zip"], "coverage_percent": 100},
        holdout={"percent": 25, "buffer": "none"},
    )
