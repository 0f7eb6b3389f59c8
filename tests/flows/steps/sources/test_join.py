"""Tracts meet across Connecticut's two codes, and a county that loses a source is named."""

import datetime as dt
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from flows.steps.sources.gather import Gathered
from flows.steps.sources.join import join_gathered, place_race
from flows.steps.sources.pulled import Pulled
from outreach.campaign import Area, Campaign, parse_campaign
from outreach.connecticut import REGIONS
from outreach.errors import GeographyError, NothingThere
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
    assert joined.notes == ()
    assert joined.tracts.index.tolist() == OLD.tolist()
    assert joined.tracts["households_count"].tolist() == list(range(1, len(OLD) + 1))
    assert joined.report.matched == tuple(OLD)
    race = place_race(gathered, joined.tracts)
    assert race is not None
    assert race["hispanic_count"].notna().all()


@pytest.mark.real
def test_every_rated_tract_of_connecticut_keeps_its_predictors(real_data: Path) -> None:
    """The codes of 2020 are real; of the regions' codes only the last six digits matter."""
    published = pd.read_parquet(real_data / "responserate" / "state_09.parquet", columns=["GEO_ID"])
    codes = pd.Index(published["GEO_ID"].str[-11:].unique(), name="geoid", dtype=str)
    regions = cycle(REGIONS)
    recoded = pd.Index([f"09{next(regions)}{code[5:]}" for code in codes], name="geoid", dtype=str)
    rates = pd.DataFrame(
        {"data_date": pd.Timestamp("2020-10-16"), "cumulative_share": 0.6}, index=codes
    )
    gathered = replace(gather(codes, recoded), rates=(pull("responserate", rates),))
    joined = join_gathered(make_campaign(), gathered)
    assert len(joined.tracts) == 868
    assert joined.notes == ()
    assert joined.tracts["households_count"].notna().all()


def test_a_few_lost_tracts_are_said_by_county() -> None:
    joined = join_gathered(make_campaign(), gather(OLD, OLD[1:]))
    assert joined.notes == (
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


def gather_two_states() -> Gathered:
    """Make what is pulled for two states of which the survey has one."""
    other = pd.Index([f"11001{digits}" for digits in DIGITS], name="geoid")
    gathered = gather(OLD.append(other), OLD)
    table = gathered.rates[0].table
    return replace(
        gathered, rates=(pull("responserate", pd.concat([table, table.set_axis(other)])),)
    )


def test_a_state_that_a_source_lacks_stops_nothing_and_is_said() -> None:
    campaign = make_campaign()
    both = campaign.model_copy(update={"areas": (*campaign.areas, Area(state="11"))})
    joined = join_gathered(both, gather_two_states())
    assert len(joined.tracts) == 80
    assert joined.notes == (
        (
            "acs5 has no row of state 11: its 40 rated tracts have no figures of it, and no part in"
            " what needs them."
        ),
    )


def place_first(gathered: Gathered, count: int) -> Gathered:
    """Add a place that holds the first tracts."""
    outline = gpd.GeoDataFrame(
        {"name": "Shore City"},
        index=pd.Index(["0908000"], name="geoid"),
        geometry=[shapely.box(0, 41, count, 42)],
        crs="EPSG:4326",
    )
    return replace(gathered, places=(pull("place boundaries", outline),))


def name_tracts(*places: int) -> Campaign:
    campaign = make_campaign(place="08000")
    named = Area(state="09", place="08000", tracts=tuple(OLD[place] for place in places))
    return campaign.model_copy(update={"areas": (named,)})


def test_a_named_tract_outside_the_place_is_named_as_not_used() -> None:
    joined = join_gathered(name_tracts(0, 1, 7), place_first(gather(OLD, OLD), 3))
    assert joined.tracts.index.tolist() == list(OLD[:2])
    assert joined.notes == (
        (
            f"1 tract named in [[areas]] ({OLD[7]}) lies outside place 08000 of the same area and"
            " is not used. To use them, name them in an area without a place."
        ),
    )


def test_a_named_tract_that_another_area_holds_is_used() -> None:
    campaign = name_tracts(0, 7)
    own = Area(state="09", tracts=(OLD[7],))
    both = campaign.model_copy(update={"areas": (*campaign.areas, own)})
    joined = join_gathered(both, place_first(gather(OLD, OLD), 3))
    assert joined.tracts.index.tolist() == [OLD[0], OLD[7]]
    assert joined.notes == ()


def test_a_place_that_holds_none_of_the_named_tracts_is_refused() -> None:
    with pytest.raises(NothingThere, match="None of the tracts of state 09, place 08000, 2 named"):
        join_gathered(name_tracts(8, 9), place_first(gather(OLD, OLD), 3))
