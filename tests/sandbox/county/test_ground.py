"""The ground of the invented county is whole, and its files agree."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
import shapely

from outreach.sandbox.county.world import InventedCounty
from tests.sandbox.county.served import (
    BLOCKS,
    CARTOGRAPHIC,
    DETAILED,
    FORMER,
    RELATIONSHIP,
    WARDS,
    ZIPS,
    read_file,
    read_rows,
)


def test_about_800_tracts_of_every_kind(county: InventedCounty) -> None:
    tracts = read_file(county, CARTOGRAPHIC)
    codes = tracts["TRACTCE"]
    assert 750 <= len(tracts) <= 850
    assert codes.str.startswith("99").sum() == 3
    assert (tracts.loc[codes.str.startswith("99"), "ALAND"] == 0).all()
    assert codes.str.startswith("98").sum() == 5
    rateless = set(tracts["GEOID"]) - set(county.season.geoids)
    assert len(rateless) >= 3 + 5 + 4
    assert set(county.season.geoids) <= set(tracts["GEOID"])


@pytest.mark.parametrize("path", [CARTOGRAPHIC, DETAILED, FORMER, BLOCKS, ZIPS, WARDS])
def test_polygons_are_valid_and_share_their_edges_without_gap_or_overlap(
    county: InventedCounty, path: str
) -> None:
    areas = read_file(county, path)
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(areas.geometry.to_numpy())
    plane = areas.to_crs("EPSG:6933")
    united = shapely.union_all(plane.geometry.to_numpy())
    assert plane.area.sum() == pytest.approx(united.area, rel=1e-9)


def test_the_detailed_tracts_leave_no_hole_and_have_the_stated_area(county: InventedCounty) -> None:
    tracts = read_file(county, DETAILED)
    whole = shapely.union_all(tracts.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    area = tracts.to_crs("EPSG:6933").area
    assert ((tracts["ALAND"] + tracts["AWATER"]) / area).between(0.98, 1.02).all()


def test_it_is_at_sea_under_a_code_that_no_state_has(county: InventedCounty) -> None:
    tracts = read_file(county, CARTOGRAPHIC)
    left, low, right, high = tracts.total_bounds
    assert -41 < left < right < -39
    assert 41 < low < high < 42
    assert set(tracts["STATEFP"]) == {"99"}


def test_tracts_are_small_in_the_middle_large_outside_and_not_square(
    county: InventedCounty,
) -> None:
    tracts = county.ground.dissolve("tract20")
    tracts = tracts[tracts["housing"] > 0]
    distance = np.hypot(tracts.centroid.x, tracts.centroid.y)
    assert tracts.area[distance < 3_000].median() * 5 < tracts.area[distance > 18_000].median()
    filled = tracts.area / tracts.minimum_rotated_rectangle().area
    assert filled.std() > 0.05
    assert tracts["housing"].quantile(0.05) > 300
    assert tracts["housing"].quantile(0.95) < 3_500


def test_zips_and_wards_cut_through_tracts(county: InventedCounty) -> None:
    blocks = county.ground.blocks
    for column, number in (("zip", 40), ("ward", 12)):
        inside = blocks[blocks[column] != ""]
        assert len(set(inside[column])) == number
        assert inside.drop_duplicates(["tract20", column])["tract20"].duplicated().sum() > 20
    assert (blocks.loc[blocks["ward"] != "", "place"] != "").all()
    assert set(read_file(county, ZIPS)["ZCTA5CE20"].str.len()) == {5}


def test_blocks_nest_in_tracts_and_add_up_to_their_housing(county: InventedCounty) -> None:
    blocks = read_file(county, BLOCKS)
    tracts = blocks.groupby(blocks["GEOID20"].str[:11])["HOUSING20"].sum()
    season = pd.Series(county.season.addresses, county.season.geoids)
    assert (tracts.reindex(season.index) - season).abs().sum() <= 0.0001 * season.sum()
    assert 8 <= len(blocks) / len(tracts) <= 12
    assert blocks["GEOID20"].is_unique
    assert blocks["GEOID20"].str.fullmatch(r"99001\d{10}").all()


def test_three_percent_of_tracts_changed_since_2010_and_the_relationship_file_adds_up(
    county: InventedCounty,
) -> None:
    content = county.file(RELATIONSHIP)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        table = pd.read_csv(
            archive.open(archive.namelist()[0]), dtype={"GEOID10": str, "GEOID20": str}
        )
    assert not table.duplicated(["GEOID10", "GEOID20"]).any()
    assert set(table["GEOID20"]) == set(read_file(county, CARTOGRAPHIC)["GEOID"])
    assert set(table["GEOID10"]) == set(read_file(county, FORMER)["GEOID"])
    changed = table[table["GEOID10"] != table["GEOID20"]]
    assert 0.02 < changed["GEOID20"].nunique() / table["GEOID20"].nunique() < 0.05
    assert changed["GEOID20"].duplicated().any()
    assert changed["GEOID10"].duplicated().any()
    for year in ("10", "20"):
        sums = table.groupby(f"GEOID{year}")[[f"HUCURPCT_T{year}", f"AREAPCT{year}PT"]].sum(
            min_count=1
        )
        assert (sums - 100).abs().max(axis=None) < 0.1  # missing if nobody lives there
        assert sums[f"AREAPCT{year}PT"].notna().all()


def test_predictors_are_on_the_tracts_of_their_vintage(county: InventedCounty) -> None:
    former, present = (set(read_file(county, path)["GEOID"]) for path in (FORMER, CARTOGRAPHIC))
    assert former != present
    assert set(read_rows(county, 2018, "acs/acs5").index) == former
    assert set(read_rows(county, 2020, "pdb/tract").index) == former
    assert set(read_rows(county, 2022, "acs/acs5").index) == present
    assert set(read_rows(county, 2010, "dec/responserate").index) == set(county.season.geoids)


def test_unknown_files_do_not_exist(county: InventedCounty) -> None:
    for path in (
        "/geo/tiger/GENZ2020/shp/cb_2019_99_tract_500k.zip",
        "/geo/tiger/GENZ2020/shp/cb_2020_us_tract_500k.zip",
        "/geo/tiger/GENZ2020/shp/cb_2020_17_tract_500k.zip",
        "/geo/tiger/GENZ2020/shp/cb_2020_99_tabblock20_500k.zip",
        "/districts/none.geojson",
    ):
        assert county.file(path) is None
