"""Each place has its tract, and each tract its nearest place, in true miles."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.sites import find_districts, find_tracts, measure_distances
from outreach.tables import SiteDistances, check


def make_sites(*points: tuple[float, float], layer: str = "Help") -> pd.DataFrame:
    """Make places at latitudes and longitudes."""
    table = pd.DataFrame(points, columns=["latitude", "longitude"])
    return table.assign(layer=layer, name="Hall").rename_axis("site")


@pytest.fixture(scope="module")
def tracts() -> gpd.GeoDataFrame:
    """Three tracts in a row, each a hundredth of a degree wide; the last has no polygon."""
    boxes = [shapely.box(-87.7, 41.8, -87.69, 41.81), shapely.box(-87.69, 41.8, -87.68, 41.81)]
    index = pd.Index([f"17031{number:06d}" for number in range(3)], name="geoid")
    return gpd.GeoDataFrame(index=index, geometry=[*boxes, None], crs=4326)


def test_a_place_has_its_tract_and_one_on_a_border_the_first(tracts: gpd.GeoDataFrame) -> None:
    sites = make_sites((41.805, -87.685), (41.805, -87.69), (41.9, -87.69))
    assert find_tracts(sites, tracts).tolist() == ["17031000001", "17031000000", ""]


def test_the_nearest_place_of_each_layer_is_in_true_miles(tracts: gpd.GeoDataFrame) -> None:
    both = pd.concat(
        [make_sites((41.805, -87.695), (41.805, -87.5)), make_sites((41.9, -87.6), layer="Far")],
        ignore_index=True,
    ).rename_axis("site")
    table = check(measure_distances(both, tracts, {"Help": 0.4, "Far": 50}), SiteDistances, "test")
    assert table["geoid"].tolist() == ["17031000000", "17031000001"] * 2
    assert table["site"].tolist() == [0, 0, 2, 2]
    # A hundredth of a degree of longitude is cos(41.805) x 0.01 x 69.17 miles, about 0.516.
    assert table["distance_miles"].tolist()[:2] == pytest.approx([0, 0.516], abs=2e-3)
    assert table["distance_m"].tolist()[1] == pytest.approx(830, abs=3)
    assert table["is_far"].tolist() == [False, True, False, False]


def test_a_place_has_its_district_or_none(tracts: gpd.GeoDataFrame) -> None:
    wards = gpd.GeoDataFrame(
        {"name": ["West", "East"]}, index=["1", "2"], geometry=tracts.geometry.to_numpy()[:2]
    )
    found = find_districts(make_sites((41.805, -87.685), (41.9, -87.6)), wards)
    assert found.dropna().to_dict() == {0: "2"}
