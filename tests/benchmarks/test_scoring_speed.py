"""Time forecast, scores, and reasons; the time grows no faster than the number of tracts."""

import datetime as dt
import resource
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from models.assess import assess_tracts
from models.targeting.priority import score_tracts
from outreach.sandbox.county.dates import is_published
from outreach.sandbox.county.world import InventedCounty
from tests.builders import build_rules

pytestmark = pytest.mark.bench

BEGIN, TODAY = dt.date(2020, 3, 20), dt.date(2020, 5, 28)
DEADLINE = dt.date(2020, 10, 15)
RULES = build_rules(goal_share=0.75, budget_usd=150_000.0)


def copy_counties(count: int) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return tracts and rates of copies of the invented county, each elsewhere, own seed."""
    county = InventedCounty(today=TODAY)
    table = county.people[2020].table
    days = [day for day in pd.date_range(BEGIN, TODAY).date if is_published(day)]
    rates = {day: county.season.rates(day) for day in days}
    rng = np.random.default_rng(0)
    tracts, seasons = [], []
    for copy in range(count):
        now = rates[days[-1]]
        geoids = pd.Index(
            [f"{copy // 900 + 10:02d}{copy % 900 + 1:03d}{geoid[5:]}" for geoid in now.index],
            name="geoid",
        )
        noise = rng.normal(0, 0.01, len(now))
        for day in days:
            share = (rates[day]["CRRALL"].to_numpy() / 100 + noise).clip(0, 1)
            seasons.append(
                pd.DataFrame(
                    {
                        "data_date": pd.Timestamp(day),
                        "cumulative_share": share,
                        "internet_share": share * 0.8,
                        "daily_share": 0.0,
                        "daily_internet_share": 0.0,
                    },
                    index=geoids,
                )
            )
        online = rng.uniform(0.5, 1, len(now))
        points = gpd.points_from_xy(
            rng.uniform(-1, 1, len(now)) + copy, rng.uniform(40, 41, len(now))
        )
        homes = table.loc[now.index, "housing"].to_numpy(float)
        tracts.append(
            gpd.GeoDataFrame(
                {
                    "cumulative_share": share,
                    "internet_share": share * 0.8,
                    "data_date": pd.Timestamp(TODAY),
                    "households_count": homes * 0.9,
                    "housing_units_count": homes,
                    "land_km2": 1.0,
                    "low_response_score": (100 * (1 - share) + rng.normal(0, 4, len(now))).clip(
                        0, 100
                    ),
                    "renter_households_count": homes * rng.uniform(0, 0.9, len(now)),
                    "owner_households_count": homes * 0.1,
                    "internet_universe_count": homes * 0.9,
                    "internet_households_count": homes * 0.9 * online,
                    "unsubscribed_internet_households_count": 0.0,
                    "offline_households_count": homes * 0.9 * (1 - online),
                },
                index=geoids,
                geometry=points.buffer(0.01),
                crs=4326,
            )
        )
    return pd.concat(tracts), pd.concat(seasons)


def time_scoring(count: int) -> tuple[int, float, float]:
    """Return tracts, seconds of the assessment and of the scores."""
    tracts, season = copy_counties(count)
    begun = time.perf_counter()
    assessment = assess_tracts(tracts, season, deadline=DEADLINE)
    looked = time.perf_counter()
    scores = score_tracts(tracts, ("en",), RULES, assessment.forecast, assessment.peers, season)
    assert len(scores) == len(tracts)
    assert assessment.forecast is not None
    assert assessment.peers is not None
    assert "drivers" in assessment.peers
    return len(tracts), looked - begun, time.perf_counter() - looked


def test_cost_grows_no_faster_than_the_tracts() -> None:
    time_scoring(1)  # warms caches
    results = [time_scoring(count) for count in (2, 12, 96)]
    for tracts, looked, scored in results:
        each = 1000 * (looked + scored) / tracts
        print(
            f"\n{tracts:6,} tracts: assessment {looked:5.1f} s, scores {scored:5.1f} s,"
            f" {each:.2f} ms a tract",
            end="",
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\npeak memory of the process {peak:.1f} GB")
    small, large = results[0], results[-1]
    assert (large[1] + large[2]) / (small[1] + small[2]) < 1.5 * large[0] / small[0]
    assert large[1] + large[2] < 60
    assert peak < 3
