"""Tracts meet across Connecticut's two codes, and a county that loses a source is named."""

import datetime as dt
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from flows.steps.sources.gather import Gathered
from flows.steps.sources.join import join_gathered, place_race
from flows.steps.sources.pulled import Pulled
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import GeographyError
from outreach.store import Input

DIGITS = [f"{number:06d}" for number in range(100, 4100, 100)]
OLD = pd.Index([f"09001{digits}" for digits in DIGITS], name="geoid")
NEW = pd.Index([f"09190{digits}" for digits in DIGITS], name="geoid")


def make_campaign(**area: str) -> Campaign:
    return parse_campaign(
        {
            "name": "Shore",
            "census_year": 2020,
            "areas": [{"state": "09", **area}],
            "goal_percent": 75,
            "deadline": dt.date(2020, 7, 31),
            "budget_usd": 0,
        },
        "test",
    )


def pull(name: str, table: pd.DataFrame, tract_year: int = 2020) -> Pulled:
    source = Input(
        name=name, address="", rows=len(table), sha256="", fetched_at=dt.datetime.now(dt.UTC)
    )
    return Pulled(table, tract_year, source)


def gather(boundaries: pd.Index, profiles: pd.Index, **others: Any) -> Gathered:
    """Make what is pulled for tracts that carry these codes in the boundaries and profiles."""
    shapes = [shapely.box(number, 41, number + 1, 42) for number in range(len(boundaries))]
    frame = gpd.GeoDataFrame(
        {"name": "x", "land_km2": 1.0, "water_km2": 0.0},
        index=boundaries,
        geometry=shapes,
        crs="EPSG:4326",
    )
    rates = pd.DataFrame(
        {"data_date": pd.Timestamp("2020-10-16"), "cumulative_share": 0.6}, index=OLD
    )
    counts = pd.Series(range(1, len(profiles) + 1), index=profiles, dtype=float)
    return Gathered(
        rates=(pull("responserate", rates),),
        profiles=(pull("acs5", pd.DataFrame({"households_count": counts})),),
        race=(pull("race", pd.DataFrame({"hispanic_count": counts})),),
        boundaries=(pull("tract boundaries", frame),),
        places=(),
        forward=None,
        backward=None,
        relationship=(),
        **others,
    )


@pytest.mark.parametrize("boundaries", [OLD, NEW], ids=["old outlines", "new outlines"])
@pytest.mark.parametrize("profiles", [OLD, NEW], ids=["old profiles", "new profiles"])
def test_no_tract_of_connecticut_is_lost_whichever_codes_a_source_has(
    boundaries: pd.Index, profiles: pd.Index
) -> None:
    gathered = gather(boundaries, profiles)
    joined = join_gathered(make_campaign(county="001"), gathered)
    assert joined.losses == ()
    assert joined.tracts.index.tolist() == OLD.tolist()
    assert joined.tracts["households_count"].tolist() == list(range(1, len(OLD) + 1))
    assert joined.report.matched == tuple(OLD)
    race = place_race(gathered, joined.tracts)
    assert race is not None
    assert race["hispanic_count"].notna().all()


def test_a_few_lost_tracts_are_said_by_county() -> None:
    joined = join_gathered(make_campaign(), gather(OLD, OLD[1:]))
    assert joined.losses == (
        f"1 rated tract of county 09001 (2.5%), such as {OLD[0]}, has no figures of acs5.",
    )


@pytest.mark.parametrize(
    ("profiles", "reason"),
    [
        (OLD[10:], "30 tracts of that county, but under other codes"),
        (
            pd.Index([f"090039{code[6:]}" for code in OLD], name="geoid"),
            "40 tracts in state 09 and none with the county code 09001",
        ),
    ],
    ids=["other tracts", "other county"],
)
def test_many_lost_tracts_stop_the_run_with_the_reason(profiles: pd.Index, reason: str) -> None:
    with pytest.raises(GeographyError, match=f"no figures of acs5.*{reason}"):
        join_gathered(make_campaign(), gather(OLD, profiles))
