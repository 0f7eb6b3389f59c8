"""Atlas figures equal those worked out by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.atlas.counties import measure_state, rank_figures
from maps.atlas.insets import lay_sheet
from maps.atlas.places import label_tract, name_counties, name_state
from maps.atlas.words import say_apart
from outreach.catalog import read_words


def rates(rows: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Make rates from day and geoid."""
    rows = [
        (geoid, pd.Timestamp(day), share)
        for day, tracts in rows.items()
        for geoid, share in tracts.items()
    ]
    table = pd.DataFrame(rows, columns=["geoid", "data_date", "cumulative_share"]).set_index(
        "geoid"
    )
    return table.assign(internet_share=table["cumulative_share"] / 2)


A, B, C = "01001000100", "01001000200", "01003000100"


def test_a_county_is_the_average_of_its_tracts_on_its_last_day() -> None:
    figures = measure_state(
        rates({"2020-05-01": {A: 0.4, B: 0.5, C: 0.2}, "2020-05-08": {A: 0.5, B: 0.56}})
    )
    assert figures.counties.loc["01001", "cumulative_share"] == pytest.approx(0.53)
    assert figures.counties.loc["01001", "internet_share"] == pytest.approx(0.265)
    assert figures.counties.loc["01001", "change_7_points"] == pytest.approx(0.08)
    assert figures.counties["tracts_count"].to_dict() == {"01001": 2, "01003": 1}
    assert str(figures.counties.loc["01003", "data_date"].date()) == "2020-05-01"


def test_a_change_is_scaled_to_the_days_between() -> None:
    figures = measure_state(rates({"2020-06-05": {A: 0.4}, "2020-06-15": {A: 0.5}}))
    assert figures.tracts.loc[A, "change_7_points"] == pytest.approx(0.1 * 7 / 10)
    assert np.isnan(figures.tracts.loc[A, "change_28_points"])


def test_a_lapsed_tract_does_not_count_and_has_a_last_day() -> None:
    figures = measure_state(rates({"2020-05-01": {A: 0.4, B: 0.1}, "2020-05-04": {A: 0.5}}))
    assert figures.counties.loc["01001", "cumulative_share"] == pytest.approx(0.5)
    assert np.isnan(figures.tracts.loc[B, "cumulative_share"])
    assert figures.tracts["last_date"].dt.strftime("%m-%d").to_dict() == {A: "05-04", B: "05-01"}


def test_the_states_line_weighs_every_tract_the_same() -> None:
    figures = measure_state(rates({"2020-05-01": {A: 0.4, B: 0.6, C: 0.2}}))
    assert figures.season.loc[pd.Timestamp("2020-05-01")].to_dict() == pytest.approx(
        {"01001": 0.5, "01003": 0.2, "01": 0.4}
    )


def test_equal_rates_share_the_better_place() -> None:
    assert rank_figures(pd.Series([0.5, 0.7, 0.5 + 1e-12, np.nan])).tolist()[:3] == [2, 1, 2]


def test_places_are_named_by_file_or_code() -> None:
    outlines = pd.DataFrame(
        {"name": ["Orleans", "Lone"], "full_name": ["Orleans Parish", ""]}, index=["22071", "22001"]
    )
    names = name_counties(pd.Index(["22071", "22001", "22003"]), outlines)
    assert names.tolist() == ["Orleans Parish", "Lone", "Allen Parish"]
    assert name_counties(pd.Index(["22071"]), None).tolist() == ["Orleans Parish"]
    assert name_counties(pd.Index(["22999"]), None).tolist() == ["County 999"]
    assert (name_state("11").name, name_state("11").short) == ("District of Columbia", "DC")
    assert (name_state("72").name, name_state("72").short) == ("Puerto Rico", "PR")
    assert name_state("99").name == "State 99"
    assert (label_tract("17031836902"), label_tract("17031010100")) == ("8369.02", "101")


def test_alaska_and_hawaii_lie_next_to_the_contiguous_states() -> None:
    places = {
        "06037": (-118.2, 34),
        "12086": (-80.5, 25.6),
        "53033": (-122, 47.5),
        "02020": (-149.9, 61.2),
        "02016": (174, 52.5),
        "15003": (-158, 21.4),
    }
    outlines = gpd.GeoDataFrame(
        geometry=[shapely.box(x, y, x + 0.5, y + 0.5) for x, y in places.values()],
        index=list(places),
        crs="EPSG:4326",
    )
    sheet, apart = lay_sheet(outlines)
    at = sheet.representative_point()
    words = read_words("en")
    assert say_apart(apart, words) == "Drawn separately: Alaska at 35% of the scale, Hawaii."
    assert at["02016"].x < at["02020"].x < at["15003"].x
    assert max(at["02020"].y, at["15003"].y) < at["06037"].y < at["53033"].y
    assert sheet.total_bounds[2] - sheet.total_bounds[0] < 48
    # Equal areas: a degree box in Florida is larger than one in Washington by the cosine of the
    # latitude.
    assert sheet["12086"].area / sheet["53033"].area == pytest.approx(
        np.cos(np.radians(25.85)) / np.cos(np.radians(47.75)), rel=0.02
    )


def test_one_state_alone_is_not_drawn_separately() -> None:
    outlines = gpd.GeoDataFrame(
        geometry=[shapely.box(-158, 21, -157, 22)], index=["15003"], crs="EPSG:4326"
    )
    assert say_apart(lay_sheet(outlines)[1], read_words("en")) == ""


def count_homes(**columns: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(columns).reindex(columns=["households_count", "housing_units_count"])


def test_tracts_weigh_their_households_else_their_housing_units_else_alike() -> None:
    table = rates({"2020-05-01": {A: 0.4, B: 0.6, C: 0.2}})
    by_homes = measure_state(
        table,
        count_homes(
            households_count={A: 300.0, B: 100.0, C: np.nan},
            housing_units_count={A: 1.0, B: 1.0, C: 50.0},
        ),
    )
    assert by_homes.counties["weight"].to_dict() == {
        "01001": "households",
        "01003": "housing_units",
    }
    assert by_homes.counties["cumulative_share"].to_dict() == pytest.approx(
        {"01001": 0.45, "01003": 0.2}
    )
    # Counties that are weighted differently meet as tracts that count alike.
    assert (by_homes.weighed.unit, by_homes.average) == ("tracts", pytest.approx(0.4))
    assert by_homes.season.iloc[-1].to_dict() == pytest.approx(
        {"01001": 0.45, "01003": 0.2, "01": 0.4}
    )

    whole = measure_state(table, count_homes(households_count={A: 300.0, B: 100.0, C: 100.0}))
    assert (whole.weighed.unit, whole.average) == ("households", pytest.approx(0.4))
    assert whole.season.iloc[-1]["01"] == pytest.approx((120 + 60 + 20) / 500)


def test_a_county_whose_homes_are_known_in_part_counts_its_tracts_alike() -> None:
    table = rates({"2020-05-01": {A: 0.4, B: 0.6, C: 0.2}})
    part = measure_state(table, count_homes(households_count={A: 300.0, C: 10.0}))
    assert part.counties["weight"].to_dict() == {"01001": "tracts", "01003": "households"}
    assert part.counties.loc["01001", "cumulative_share"] == pytest.approx(0.5)
