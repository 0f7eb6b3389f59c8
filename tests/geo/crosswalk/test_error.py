"""The error of the poorer crosswalk equals a count by hand."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geo.crosswalk.error import compare_crosswalks
from geo.crosswalk.overlay import overlay_areas
from geo.crosswalk.table import make_crosswalk
from outreach.errors import GeographyError


def crosswalk_of(
    kind: str, method: str, *pairs: tuple[str, str, float], source: str = "tract2020"
) -> pd.DataFrame:
    table = pd.DataFrame(pairs, columns=["source", "target", "weight"])
    return make_crosswalk(table, "households", method, (source, kind), "here")


def test_misallocated_households_are_counted_once() -> None:
    better = crosswalk_of(
        "zip", "hud", ("a", "1", 0.9), ("a", "2", 0.1), ("b", "2", 1.0), ("only", "1", 1)
    )
    poorer = crosswalk_of("zcta", "overlay", ("a", "1", 0.5), ("a", "2", 0.5), ("b", "2", 1.0))
    error = compare_crosswalks(
        better, poorer, pd.Series({"a": 100.0, "b": 100.0, "only": 7.0, "stranger": 1.0})
    )
    assert error.misallocated_share == pytest.approx(40 / 200)
    assert error.worst_target == "1"
    assert error.worst_target_share == pytest.approx(40 / 90)
    assert error.left_out == ("only",)
    assert (
        "overlay (households, zcta) puts 20.0% of 200 units elsewhere than hud (households, zip)"
        in error.line()
    )


def test_a_crosswalk_has_no_error_against_itself() -> None:
    same = crosswalk_of("zip", "hud", ("a", "1", 0.9), ("a", "", 0.1))
    error = compare_crosswalks(same, same, pd.Series({"a": 3.0}))
    assert (error.misallocated_share, error.worst_target_share) == (0.0, 0.0)


def test_crosswalks_of_two_vintages_are_not_compared() -> None:
    one = crosswalk_of("zip", "hud", ("a", "1", 1.0))
    other = crosswalk_of("zip", "hud", ("a", "1", 1.0), source="tract2010")
    with pytest.raises(GeographyError, match="tract2010 and tract2020 cannot be compared"):
        compare_crosswalks(one, other, pd.Series({"a": 3.0}))


@pytest.mark.real
def test_the_citys_household_wards_show_the_error_of_area(real_data: Path) -> None:
    raw = pd.read_parquet(
        real_data / "crosswalks" / "chicago_tract2010_to_ward_households.parquet"
    ).dropna(subset=["TRACT"])
    pairs = raw.rename(columns={"TRACT": "source", "allocation": "weight"})[["source", "weight"]]
    pairs["target"] = raw["ward"].astype(int).astype(str)
    better = make_crosswalk(pairs, "households", "user", ("tract2010", "ward"), "the City")
    tracts = gpd.read_parquet(real_data / "tracts" / "chicago_2010.parquet").set_index("GEOID")
    tracts["land_km2"] = tracts["ALAND"].astype(float) / 1e6
    wards = gpd.read_parquet(real_data / "boundaries" / "chicago_wards.parquet").set_index("ward")
    poorer = overlay_areas(tracts, wards, ("tract2010", "ward"))
    error = compare_crosswalks(
        better, poorer, raw.groupby("TRACT")["households"].sum().astype(float)
    )
    print(error.line())
    assert 0.005 < error.misallocated_share < 0.1
