"""The invented county has roads, water, parks, and towns in the Bureau's own form."""

import pytest

from outreach.sandbox.county.land.landmarks import name_streets
from outreach.sandbox.county.world import InventedCounty
from tests.sandbox.county.served import read_file

TIGER = "/geo/tiger/TIGER2020"
CARTOGRAPHIC = "/geo/tiger/GENZ2020/shp/cb_2020_99"


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty()


@pytest.mark.parametrize(
    ("path", "columns", "count"),
    [
        ("PRISECROADS/tl_2020_99_prisecroads", ["LINEARID", "FULLNAME", "RTTYP", "MTFCC"], 6),
        ("RAILS/tl_2020_us_rails", ["LINEARID", "FULLNAME", "MTFCC"], 2),
        (
            "AREAWATER/tl_2020_99001_areawater",
            ["ANSICODE", "HYDROID", "FULLNAME", "MTFCC", "ALAND", "AWATER"],
            3,
        ),
        ("AREALM/tl_2020_99_arealm", ["STATEFP", "ANSICODE", "AREAID", "FULLNAME", "MTFCC"], 3),
    ],
)
def test_files_have_the_columns_of_the_bureau(
    county: InventedCounty, path: str, columns: list[str], count: int
) -> None:
    table = read_file(county, f"{TIGER}/{path}.zip")
    assert list(table.columns[: len(columns)]) == columns
    assert len(table) == count
    assert table.crs.to_epsg() == 4269
    assert table.geometry.is_valid.all()


def test_every_road_is_in_the_file_of_the_county_and_each_street_has_its_own_name(
    county: InventedCounty,
) -> None:
    roads = read_file(county, f"{TIGER}/ROADS/tl_2020_99001_roads.zip")
    assert set(roads["MTFCC"]) == {"S1100", "S1200", "S1400"}
    assert roads["FULLNAME"].is_unique
    assert len(roads) > 150
    assert len(set(name_streets(500))) == 500


@pytest.mark.parametrize(("layer", "count"), [("cousub", 6), ("sldu", 3), ("sldl", 6)])
def test_towns_and_legislative_districts_do_not_overlap(
    county: InventedCounty, layer: str, count: int
) -> None:
    areas = read_file(county, f"{CARTOGRAPHIC}_{layer}_500k.zip").to_crs(6933)
    assert len(areas) == areas["NAMELSAD"].nunique() == count
    assert areas.union_all().area == pytest.approx(areas.area.sum(), rel=1e-3)


@pytest.mark.parametrize(
    "path",
    [
        f"{TIGER}/ROADS/tl_2020_99003_roads.zip",
        f"{TIGER}/ROADS/tl_2020_99_prisecroads.zip",
        f"{TIGER}/RAILS/tl_2020_99_rails.zip",
        f"{TIGER}/AREAWATER/tl_2021_99001_areawater.zip",
        f"{CARTOGRAPHIC}_elsd_500k.zip",
    ],
)
def test_the_bureau_has_no_other_files(county: InventedCounty, path: str) -> None:
    assert county.file(path) is None
