"""A map of too many tracts is an overview and a map for each county."""

import dataclasses
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.context.describe import describe_counties
from maps.context.inputs import MapContext
from maps.run.county_maps import build_maps
from maps.run.inputs import MapView
from outreach import palette
from tests.maps.conftest import choose_units


@pytest.fixture
def state(town: MapView) -> MapView:
    """Return the town with its upper half in a second county, and targets of several kinds."""
    geoids = [
        ("99001" if place < 18 else "99003") + geoid[5:]
        for place, geoid in enumerate(town.tracts.index)
    ]
    names = dict(zip(town.tracts.index, geoids, strict=True))
    units = choose_units(town)
    first = town.targets.head(4) if town.targets is not None else None
    assert first is not None
    targets = pd.concat([first.assign(place=first["place"].map(names), wkt=None), units])
    assert town.history is not None
    return dataclasses.replace(
        town,
        tracts=town.tracts.rename(index=names),
        scores=town.scores.rename(index=names),
        history=town.history.rename(index=names),
        targets=targets,
        home="",
    )


def test_a_map_that_is_not_too_large_stays_one(town: MapView) -> None:
    assert [name for name, _ in build_maps(town)] == ["map.html"]


def test_more_tracts_are_divided_by_county_and_say_so(state: MapView) -> None:
    pages = dict(build_maps(state, most=20))
    assert list(pages) == ["map.html", "map.es.html", "map-99001.html", "map-99003.html"]
    overview = pages["map.html"]
    assert "36 tracts would make one map slow" in overview
    assert re.findall(r'href="(map-\d+\.html)"', overview)
    assert "Cada condado tiene su propio mapa" in re.sub(r"\s+", " ", pages["map.es.html"])
    assert 'href="map-99001.html#lang=es"' in pages["map.es.html"]
    assert "<script>window" not in overview

    # Counties stand in the order of their missing households, with a rate weighted by households.
    missing = state.scores["missing_households_count"].groupby(state.scores.index.str[:5]).sum()
    order = re.findall(r'<th scope="row"><a href="map-(\d+)\.html"', overview)
    assert order == missing.sort_values(ascending=False).index.tolist()
    own = state.tracts[(state.tracts.index.str[:5] == order[0])].dropna(subset="cumulative_share")
    rate = np.average(own["cumulative_share"], weights=own["households_count"])
    assert f"<td>{rate:.1%}<td>" in overview


def test_the_overview_shows_its_counties_in_the_colors_of_their_rates(state: MapView) -> None:
    overview = dict(build_maps(state, most=20))["map.html"]
    drawn = re.findall(
        r'<a href="map-(\d+)\.html" tabindex="-1"><path d="(\S[^"]+)" fill="([^"]+)">'
        r"<title>([^<]+)</title>",
        overview,
    )
    assert sorted(code for code, *_ in drawn) == ["99001", "99003"]
    for code, path, color, title in drawn:
        rate = float(title.rpartition(": ")[2].rstrip("%"))
        assert color == palette.RATE_CLASSES.colors[max(int(np.ceil(rate / 10)) - 3, 0)]
        assert f"<td>{rate}%<td>" in overview
        # The second county is the upper half.
        heights = [float(point.split()[1]) for point in re.split("[MLZ]", path) if point]
        assert (min(heights) < 200) == (code == "99003")
    assert "30 or less" in overview


def test_each_county_has_the_roads_on_its_own_ground(state: MapView) -> None:
    line = shapely.LineString([(-90, 40.015), (-89.94, 40.015)])
    roads = gpd.GeoDataFrame(
        {"name": ["I- 990"], "code": ["S1100"]}, geometry=[line], crs="EPSG:4326"
    )
    streets = pd.DataFrame({"name": ["Oak Ave"], "geoid": [state.tracts.index[-3]]})
    context = describe_counties(MapContext(shapes={"roads": roads}, streets=streets), state.tracts)
    assert set(context["counties"]) == {"99001", "99003"}
    assert "primary" not in context["counties"]["99003"]["lines"]
    assert context["counties"]["99003"]["streets"]["names"].endswith("Oak Ave")

    pages = dict(build_maps(dataclasses.replace(state, context=context), most=20))
    assert '"I- 990"' in pages["map-99001.html"]
    assert '"I- 990"' not in pages["map-99003.html"]


@pytest.mark.browser
def test_a_county_s_map_works_and_leads_back(reader: Any, state: MapView) -> None:
    pages = dict(build_maps(state, most=20))
    page = reader.open(pages["map-99001.html"])
    assert page.inner_text("#tally").startswith("18 tracts")
    assert page.get_attribute("#facts a", "href") == "map.html"
    assert page.inner_text("#facts a") == "← All counties"
