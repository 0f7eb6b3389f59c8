"""The page is complete, small, reproducible, and safe from hostile names."""

import dataclasses
import gzip
import json
import re

import folium
import geopandas as gpd
import pytest
import shapely

from maps.run.inputs import MapView
from maps.run.page import build_map, draw_map
from outreach.errors import DataError
from outreach.phrasing import strip_overrides


def read_payload(page: str) -> dict[str, object]:
    data = re.search(
        r'<script type="application/json" id="map-data">(.*?)</script>', page, re.DOTALL
    )
    assert data
    return json.loads(data[1])


def test_the_page_has_no_outside_links(town: MapView) -> None:
    page = build_map(town)
    assert not re.findall(r"<(?:link|img|iframe|script[^>]*\ssrc)", page)
    assert not re.findall(r"url\((?!data:|#)[^)]*\)", page)
    assert "cdn" not in page


def test_the_same_view_makes_the_same_page(town: MapView) -> None:
    assert build_map(town) == build_map(dataclasses.replace(town))


def test_it_is_a_folium_map_that_takes_folium_elements(town: MapView) -> None:
    drawing = draw_map(town)
    assert isinstance(drawing, folium.Map)
    folium.CircleMarker([40.03, -89.97], radius=3).add_to(drawing)
    assert "L.circleMarker(" in drawing.get_root().render()


def test_a_name_is_neither_markup_nor_template(town: MapView) -> None:
    page = build_map(town)
    assert page.count("<script>") == page.count("</script>") - 1 == 2
    assert "window.hacked = true</script>" not in page.replace("&lt;", "<lt>").replace(
        "<lt>script&gt;", ""
    )
    assert "{{ 7*7 }}" in page
    assert "49 49" not in page
    names = read_payload(page)["columns"]["name"]["levels"]  # type: ignore[index]
    assert names[:6] == [strip_overrides(name) for name in town.tracts["name"].head(6)]
    assert not re.search("[\u202a-\u202e]", page)


def test_only_the_scripts_of_the_page_may_run(town: MapView) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', build_map(town))
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in re.search(r"script-src[^;]*", policy[1])[0]  # type: ignore[index]
    assert len(re.findall("'sha256-", policy[1])) == 2
    assert "img-src data:;" in policy[1]


def test_numbers_and_polygons_appear_once(town: MapView) -> None:
    payload = read_payload(build_map(town))
    assert len(payload["geoids"]) == len(town.tracts)  # type: ignore[arg-type]
    assert "features" not in json.dumps(payload)
    assert build_map(town).count(town.tracts.index[3]) == 1


@pytest.mark.real
def test_cook_county_with_all_layers_and_the_season_is_small(cook: MapView) -> None:
    page = build_map(cook).encode()
    assert len(page) <= 2_500_000
    assert len(gzip.compress(page)) <= 700_000
    assert len(read_payload(page.decode())["geoids"]) == 1332  # type: ignore[arg-type]


def test_a_map_without_any_figure_is_refused(town: MapView) -> None:
    bare = town.tracts.assign(
        **{column: float("nan") for column in town.tracts if column.endswith(("_share", "_count"))}
    )
    view = dataclasses.replace(
        town,
        tracts=bare,
        scores=town.scores.head(0),
        targets=town.targets.head(0),
        history=None,
        activity=None,
    )
    with pytest.raises(DataError, match="no figure"):
        build_map(view)


def test_districts_with_broken_outlines_are_repaired(town: MapView) -> None:
    bow = shapely.Polygon([(-90, 40), (-89.94, 40.06), (-89.94, 40), (-90, 40.06)])
    wards = gpd.GeoDataFrame({"name": ["Bow"], "kind": "Ward"}, geometry=[bow], crs=4326)
    payload = read_payload(build_map(dataclasses.replace(town, districts=wards)))
    assert payload["columns"]["district Ward"]["levels"] == ["Bow"]  # type: ignore[index]
