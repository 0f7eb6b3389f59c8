"""What plans expect of a county equals what is worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.atlas.inputs import Atlas
from maps.atlas.pages import Shelf, write_overview
from maps.atlas.places import State
from maps.atlas.plan import measure_plan
from maps.atlas.subject import show_plan
from maps.atlas.weights import Weight
from outreach.catalog import read_words
from outreach.rates import AreaErrors

ERRORS = AreaErrors(
    tract_error_share=0.04, power=0.5, most_tracts=80.0, shift_share=0.0, covered80_share=0.8
)


def expect(households: list[float]) -> pd.DataFrame:
    """Return four tracts of one county and one of another."""
    return pd.DataFrame(
        {
            "data_date": pd.Timestamp("2026-12-01"),
            "cumulative_share": [0.5, 0.6, 0.7, 0.8, 0.9],
            "final_low80_share": [0.4, 0.5, 0.6, 0.7, 0.8],
            "final_high80_share": [0.6, 0.7, 0.8, 0.9, 1.0],
            "final_2020_share": [0.5, 0.5, 0.5, np.nan, 0.9],
            "missing_households_count": [50.0, 40.0, 30.0, 20.0, 10.0],
            "hard_to_count_class": [1.0, 1.0, 2.0, 4.0, 5.0],
            "households_count": households,
            "housing_units_count": 120.0,
        },
        index=pd.Index([f"9900{c}00{t}000" for c, t in zip("11113", "12341", strict=True)]),
    )


def test_a_county_is_weighted_by_households_and_its_range_is_one_event() -> None:
    state = measure_plan(expect([100.0] * 5), "final_2020_share", {"99001": ERRORS, "99003": None})
    county, other = state.counties.loc["99001"], state.counties.loc["99003"]
    assert county["cumulative_share"] == pytest.approx(0.65)
    # Four equal tracts miss by 0.04 / sqrt(4); the mean of their own ranges would be 0.1.
    ends = county[["final_low80_share", "final_high80_share"]].tolist()
    assert ends == pytest.approx([0.63, 0.67])
    # A tract without a final rate of the last census does not count in its mean.
    assert county["final_2020_share"] == pytest.approx(0.5)
    assert county["missing_households_count"] == 140
    assert (county["hard_tracts_count"], county["tracts_count"]) == (2, 4)
    # A plan that has not measured how areas miss has the mean of its tracts' ranges.
    assert (other["final_low80_share"], other["final_high80_share"]) == (0.8, 1.0)
    assert list(state.season.columns) == ["99001", "99003", "99"]


def test_households_that_nobody_counts_are_not_said_to_be_missing() -> None:
    state = measure_plan(expect([np.nan] * 5), "final_2020_share", {})
    assert state.counties["weight"].tolist() == ["housing_units", "housing_units"]
    assert state.counties["missing_households_count"].isna().all()


@pytest.mark.parametrize(("language", "none"), [("en", "No plan"), ("es", "Sin plan")])
def test_a_county_without_a_plan_is_said_to_have_none(language: str, none: str) -> None:
    state = measure_plan(expect([100.0] * 5), "final_2020_share", {})
    counties = state.counties.assign(
        name=["First County", "Second County"], state="99", rank=[2.0, 1.0], state_rank=[2.0, 1.0]
    )
    words = read_words(language).plan(2030, 2020)
    atlas = Atlas(
        data_date=pd.Timestamp("2026-12-01").date(),
        census_year=2030,
        counties=counties,
        states={"99": State("99", "Invented", "IV")},
        averages={"99": 0.7},
        state_weights={"99": Weight.HOUSEHOLDS},
        average=0.7,
        weight=Weight.HOUSEHOLDS,
        tracts=state.tracts,
        subject=show_plan(2030),
    )
    outlines = gpd.GeoDataFrame(
        {"name": ["First", "Second", "Third"]},
        geometry=[shapely.box(west, 40, west + 1, 41) for west in (-90, -89, -88)],
        index=["99001", "99003", "99005"],
        crs="EPSG:4326",
    )
    page = write_overview(atlas, outlines, Shelf(words, ("a.css", "a.js")))
    assert page.count("<tr class=unplanned data-code=99005>") == 1
    assert "class=rateless" not in page
    assert words.say("map.missing.unplanned") == none
