"""Compare the map of Cook County with plain Folium and GeoDataFrame.explore.

Size, heap, and time until the map can be used, for the same layers and facts, in one run: medians
of rounds in which every page is opened once, so that a busy minute meets them all. "Work" is the
time that the page's thread has a processor until the map is drawn, which other programs on the
machine do not lengthen; "ready" is the time on the clock.
"""

import gzip
import re
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path

import folium
import geopandas as gpd
import js_lib_leaflet
import pandas as pd
import pytest

from maps import layers
from maps.context.describe import describe_context
from maps.layer import Layer
from maps.run.columns import gather_columns
from maps.run.inputs import MapView
from maps.run.layer_choice import PICTURED
from maps.run.page import build_map
from outreach.registry import discover
from tests import figures
from tests.benchmarks.cook_context import lay_context
from tests.benchmarks.map_pages import measure_page
from tests.browser import launch_chromium
from tests.maps.conftest import build_cook

#: How far two medians of the same page lie apart on a busy machine.
_NOISE = 1.1

#: Times that each page is opened.
_ROUNDS = 3


def _plain_choropleth(view: MapView) -> str:
    """Draw one choropleth with tooltips, as most people write it."""
    return _finish(_plain_layers(view, ["rate"]))


def _plain_folium(view: MapView) -> str:
    """Draw every layer as GeoJson with tooltips of the same facts."""
    return _finish(_plain_layers(view, list(_known_layers(view))))


def _explore(view: MapView) -> str:
    """Draw every layer with GeoPandas' own ``explore``: equal classes, the same tooltips."""
    known = _known_layers(view)
    table = _tabulate(view, list(known))
    drawn: folium.Map | None = None
    for name, layer in known.items():
        drawn = table.explore(
            layer.column,
            m=drawn,
            name=name,
            show=drawn is None,
            scheme="EqualInterval",
            k=7,
            legend=drawn is None,
            tooltip=["geoid", *_list_facts(view, list(known))],
            tiles=None,
            prefer_canvas=True,
        )
    assert drawn is not None
    folium.LayerControl().add_to(drawn)
    return _finish(drawn)


def _known_layers(view: MapView) -> dict[str, Layer]:
    rows = gather_columns(view)
    return {
        name: layer
        for name, layer in discover(layers, "LAYER", Layer).items()
        if layer.column in rows and layer.shape in PICTURED
    }


def _list_facts(view: MapView, names: list[str]) -> list[str]:
    """Name the columns that a tooltip shows."""
    known = _known_layers(view)
    return ["name", *dict.fromkeys(known[name].column for name in names), "reasons"]


def _tabulate(view: MapView, names: list[str]) -> gpd.GeoDataFrame:
    """Return the tracts with the facts of some layers."""
    facts = gather_columns(view)[_list_facts(view, names)]
    return gpd.GeoDataFrame(facts, geometry=view.tracts.geometry, crs=4326).reset_index()


def _plain_layers(view: MapView, names: list[str]) -> folium.Map:
    known, rows = _known_layers(view), gather_columns(view)
    table = _tabulate(view, list(known))
    drawn = folium.Map(location=[41.85, -87.8], zoom_start=9, tiles=None, prefer_canvas=True)
    for name in names:
        ranks = (rows[known[name].column].rank(pct=True).fillna(0) * 6).astype(int)
        colors = dict(
            zip(rows.index, [known[name].palette.sample(7)[rank] for rank in ranks], strict=True)
        )
        folium.GeoJson(
            table,
            name=name,
            show=name == names[0],
            style_function=lambda feature, colors=colors: {
                "fillColor": colors[feature["properties"]["geoid"]],
                "color": "white",
                "weight": 0.6,
                "fillOpacity": 0.9,
            },
            tooltip=folium.GeoJsonTooltip(["geoid", *_list_facts(view, list(known))]),
        ).add_to(drawn)
    folium.LayerControl().add_to(drawn)
    return drawn


def _finish(drawn: folium.Map) -> str:
    """Put Leaflet inside and leave out the other libraries, which saves the plain page time."""
    page = drawn.get_root().render()
    leaflet = resources.files(js_lib_leaflet) / "static" / "js_lib_leaflet"
    page = re.sub(
        r'<script src="https://[^"]*"></script>|<link rel="stylesheet" href="https://[^"]*"/>',
        "",
        page,
    )
    style, script = ((leaflet / name).read_text() for name in ("leaflet.css", "leaflet.js"))
    inside = f"<style>{style}</style><script>{script}</script>"
    return page.replace("<head>", f"<head>{inside}", 1)


@pytest.mark.bench
@pytest.mark.browser
def test_the_map_is_a_fraction_of_a_plain_folium_page(real_data: Path, tmp_path: Path) -> None:
    view = build_cook(real_data, pd.Timestamp("2020-10-16").date())
    context = describe_context(lay_context(real_data, view.tracts), view.tracts)
    view = replace(view, context=context)
    makers: dict[str, Callable[[MapView], str]] = {
        "ours, all layers, trends, context": build_map,
        "plain Folium, one layer": _plain_choropleth,
        "plain Folium, all layers": _plain_folium,
        "explore, all layers": _explore,
    }
    found = {}
    for number, (name, make) in enumerate(makers.items()):
        start = time.perf_counter()
        text = make(view).encode()
        (tmp_path / f"{number}.html").write_bytes(text)
        found[name] = {
            "MB": len(text) / 1e6,
            "gzipped MB": len(gzip.compress(text)) / 1e6,
            "built s": time.perf_counter() - start,
        }
    with launch_chromium() as browser:
        rounds = [
            pd.Series(measure_page(browser, tmp_path / f"{number}.html"), name=name)
            for _ in range(_ROUNDS)
            for number, name in enumerate(found)
        ]
    measured = pd.DataFrame(rounds).groupby(level=0).median()
    table = pd.DataFrame(found).T.join(measured)
    print(
        table.round(2).to_string(),
        "ours as a share:",
        (table.iloc[0] / table).iloc[1:].round(3).to_string(),
        sep="\n\n",
    )
    ours, one, *all_layers = (table.loc[name] for name in found)
    bare = len(build_map(replace(view, context=None)).encode()) / 1e6
    print(f"context: {ours['MB'] - bare:.2f} MB")
    assert ours["MB"] - bare <= figures.CONTEXT_MB
    assert ours["MB"] <= figures.MAP_MB
    assert ours["gzipped MB"] <= figures.MAP_GZIPPED_MB
    assert ours["ready phone s"] <= min(page["ready phone s"] for page in all_layers) / 5
    assert ours["work s"] <= _NOISE * one["work s"]
    assert ours["work s"] <= figures.READY_SHARE * min(page["work s"] for page in all_layers)
    assert ours["dates/s"] >= figures.DATES_PER_SECOND
