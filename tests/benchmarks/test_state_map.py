"""Open the map of a state of 9,000 tracts, and say how fast its pages are.

The state is invented: Cook County's real tracts and rates, seven times side by side.
"""

import time
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from maps.context.describe import describe_counties
from maps.run.county_maps import build_maps
from maps.run.inputs import MapView
from outreach.tables import ResponseRates, Scores, Tracts, as_geo_table, as_table
from tests.benchmarks.cook_context import lay_context
from tests.benchmarks.map_pages import PHONE, drag_map, measure_page, open_page
from tests.browser import launch_chromium
from tests.maps.conftest import build_cook

pytestmark = [pytest.mark.bench, pytest.mark.browser, pytest.mark.real]

_TRACTS = 9_000


def _lay_state(cook: MapView) -> MapView:
    """Lay copies of a county side by side, each a county of its own."""
    assert cook.history is not None
    tracts, scores, history = [], [], []
    while sum(map(len, tracts)) < _TRACTS:
        place = len(tracts)
        index = cook.tracts.index[: _TRACTS - sum(map(len, tracts))]
        codes = {geoid: f"99{2 * place + 1:03d}{geoid[5:]}" for geoid in index}
        moved = cook.tracts.geometry.translate(place % 4, 0.75 * (place // 4))
        tracts.append(cook.tracts.set_geometry(moved).loc[index].rename(index=codes))
        for table, parts in ((cook.scores, scores), (cook.history, history)):
            parts.append(table[table.index.isin(index)].rename(index=codes))
    return replace(
        cook,
        title="State",
        tracts=as_geo_table(gpd.GeoDataFrame(pd.concat(tracts)), Tracts),
        scores=as_table(pd.concat(scores), Scores),
        history=as_table(pd.concat(history), ResponseRates),
        targets=None,
        districts=None,
        parts=None,
        comparable=None,
        band=None,
        topology=None,
    )


def test_a_state_opens_as_an_overview_and_a_county_as_fast_as_any(
    real_data: Path, tmp_path: Path
) -> None:
    state = _lay_state(build_cook(real_data, pd.Timestamp("2020-10-16").date()))
    context = describe_counties(lay_context(real_data, state.tracts), state.tracts)
    start, pages = time.process_time(), {}
    for name, page in build_maps(replace(state, context=context)):
        pages[name] = len(page.encode()) / 1e6
        (tmp_path / name).write_text(page, encoding="utf-8")
        if name.startswith("map-"):
            break
    print(f"{time.process_time() - start:.1f} s to write", pages)

    with launch_chromium() as browser:
        for slowdown in (1, PHONE):
            overview, tools = open_page(browser, tmp_path / "map.html", slowdown)
            overview.wait_for_selector("#places tbody tr")
            clocks = tools.send("Performance.getMetrics")["metrics"]
            work = next(one["value"] for one in clocks if one["name"] == "TaskDuration")
            print(f"overview, processor {slowdown} times slower: {work:.2f} s of work")
            assert overview.locator(".counties-picture path").count() == 7
            overview.context.close()
        county = tmp_path / list(pages)[-1]
        print("county:", pd.Series(measure_page(browser, county)).round(2).to_dict())
        for slowdown in (1, PHONE):
            page, _ = open_page(browser, county, slowdown)
            page.wait_for_selector(".label", state="attached", timeout=60_000)
            drag = drag_map(page)
            print(f"dragged, processor {slowdown} times slower:", drag)
            # Half of what a screen shows, so that a busy machine does not fail it.
            assert drag["frames/s"] >= 30
            page.context.close()
    assert pages["map.html"] < 0.2
