"""A map of too many tracts is an overview and a map for each county."""

import dataclasses
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maps.run.county_maps import build_maps
from maps.run.inputs import MapView
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
    order = re.findall(r'href="map-(\d+)\.html"', overview)
    assert order == missing.sort_values(ascending=False).index.tolist()
    own = state.tracts[(state.tracts.index.str[:5] == order[0])].dropna(subset="cumulative_share")
    rate = np.average(own["cumulative_share"], weights=own["households_count"])
    assert f"<td>{rate:.1%}<td>" in overview


@pytest.mark.browser
def test_a_county_s_map_works_and_leads_back(reader: Any, state: MapView) -> None:
    pages = dict(build_maps(state, most=20))
    page = reader.open(pages["map-99001.html"])
    assert page.inner_text("#tally").startswith("18 tracts")
    assert page.get_attribute("#facts a", "href") == "map.html"
