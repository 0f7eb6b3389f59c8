"""A reader finds streets, ZIPs, and the own place on the map, and turns off what is too much."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from PIL import Image

from maps.context.describe import describe_context
from maps.context.inputs import MapContext
from maps.run.inputs import Basemap, MapView
from maps.run.page import build_map
from outreach.rates import average_rate
from tests.browser import read_fragment, wait_until
from tests.maps.run.paper import print_picture, read_paper

pytestmark = pytest.mark.browser

#: Names that lie over one another on the town's map.
CROWD = [f"Hamlet {number}" for number in range(12)]


def make_table(names: list[str], codes: list[str], shapes: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": names, "code": codes}, geometry=shapes, crs="EPSG:4326")


@pytest.fixture(scope="module")
def context_view(town: MapView) -> MapView:
    """Put roads, a lake, a park, ZIPs, twelve hamlets on one spot, and streets into the town."""
    boxes = [shapely.box(-90 + x, 40, -89.97 + x, 40.06) for x in (0.0, 0.03)]
    spot = [shapely.box(-89.972, 40.028, -89.968 + at / 1e4, 40.032) for at in range(12)]
    lines = [shapely.LineString([(-90, 40.03), (-89.94, 40.03)])]
    shapes = {
        "roads": make_table(["I- 990"], ["S1100"], lines),
        "rails": make_table(["RR"], ["R1011"], [shapely.LineString([(-90, 40), (-89.94, 40.06)])]),
        "water": make_table(["Lake"], ["H2030"], [shapely.box(-89.95, 40.05, -89.94, 40.06)]),
        "parks": make_table(["Park"], ["K2180"], [shapely.box(-90, 40, -89.99, 40.01)]),
        "landmarks": make_table(
            ["City Hall"], ["K2196"], [shapely.box(-89.985, 40.012, -89.984, 40.013)]
        ),
        "zcta": make_table(["60601", "60602"], ["", ""], boxes),
        "place": make_table(CROWD, [""] * 12, spot),
    }
    pairs = [("Oak Ave", geoid) for geoid in town.tracts.index[:3]]
    pairs += [("<b>Elm</b> St", town.tracts.index[7])]
    streets = pd.DataFrame(pairs, columns=["name", "geoid"])
    context = describe_context(MapContext(shapes=shapes, streets=streets), town.tracts)
    return replace(town, context=context)


@pytest.fixture(scope="module")
def context_page(context_view: MapView) -> str:
    return build_map(context_view)


def open_page(reader: Any, html: str, **options: Any) -> Any:
    """Open a page and wait for what is drawn after the tracts."""
    page = reader.open(html, **options)
    page.wait_for_selector(".label", state="attached")
    return page


def find(page: Any, query: str) -> None:
    page.fill("#find", query)
    page.keyboard.press("Enter")


def count_lines(page: Any) -> int:
    """Count the lines on the map that are no polygons."""
    lines: int = page.evaluate(
        """(() => { let lines = 0;
        map_tracts.eachLayer((layer) => {
          if (layer instanceof L.Polyline && !(layer instanceof L.Polygon)) lines += 1;
        });
        return lines; })()"""
    )
    return lines


def test_a_street_is_found_and_its_tracts_are_listed_and_selected(
    reader: Any, context_page: str
) -> None:
    page = open_page(reader, context_page)
    find(page, "oak")
    assert page.inner_text("#street p") == "Oak Ave runs through 3 tracts:"
    page.click("#street button:text('Select them all')")
    page.click("#tab-turfs")
    assert page.inner_text("#panel-turfs .sum").startswith("3 tracts selected")
    find(page, "elm")
    assert page.inner_text("#street p").startswith("<b>Elm</b> St runs through 1 tract")
    page.click("#street button:last-child")
    wait_until(page, lambda: "tract=99001000800" in read_fragment(page))


def test_the_search_says_what_this_map_can_find_and_nothing_else(
    reader: Any, context_page: str, town: MapView
) -> None:
    page = open_page(reader, context_page)
    assert page.inner_text("#finds") == (
        "Finds tracts, districts, streets, cities, ZIPs, parks, and landmarks."
    )
    assert page.get_attribute("#find", "placeholder") == "Find a street, tract, or place"
    bare = reader.open(build_map(replace(town, context=None)))
    assert bare.inner_text("#finds") == "Finds tracts and districts."
    assert bare.get_attribute("#find", "placeholder") == "Find a tract or place"


def test_a_landmark_is_found_and_its_tract_chosen(
    reader: Any, context_page: str, town: MapView
) -> None:
    page = open_page(reader, context_page)
    from_afar = page.evaluate("map_tracts.getZoom()")
    find(page, "city hall")
    point = shapely.Point(-89.9845, 40.0125)
    (geoid,) = town.tracts.index[town.tracts.contains(point)]
    wait_until(page, lambda: f"tract={geoid}" in read_fragment(page))
    assert page.evaluate("map_tracts.getZoom()") > from_afar + 1
    find(page, "park")
    wait_until(page, lambda: f"tract={town.tracts.index[0]}" in read_fragment(page))


def test_a_zip_is_outlined_has_a_card_and_a_link_keeps_it(
    reader: Any, context_view: MapView, context_page: str
) -> None:
    page = open_page(reader, context_page)
    find(page, "oak")
    find(page, "60602")
    assert page.is_hidden("#street")
    assert page.is_checked("[name=area][value=zcta]")
    assert "60602" in page.locator(".label.area").all_inner_texts()
    assert page.evaluate("map_tracts.getBounds().contains([[40, -89.97], [40.06, -89.94]])")
    wait_until(page, lambda: "area=zcta" in read_fragment(page))

    # Its card counts the tracts inside, as tally and legend do.
    tracts = context_view.tracts
    inside = tracts[tracts.bounds["minx"] > -89.975]
    rate = average_rate(inside["cumulative_share"], inside["households_count"])
    missing = context_view.scores["missing_households_count"].reindex(inside.index).sum()
    card = page.inner_text("#popup")
    for words in ("60602", "ZIP", f"{rate:.1%}", f"{missing:,.0f}", "in 18 tracts", "1 of 2"):
        assert words in card
    assert "part of their area that lies here" in card
    assert page.inner_text("#tally").startswith(f"18 of 36 tracts · {missing:,.0f} households")

    again = open_page(reader, context_page, fragment=read_fragment(page))
    assert again.is_checked("[name=area][value=zcta]")
    assert again.inner_text("#popup-title") == "60602"
    again.click("#popup .close")
    assert again.inner_text("#tally").startswith("36 tracts")


def test_what_is_turned_off_goes_and_a_link_keeps_it(reader: Any, context_page: str) -> None:
    page = open_page(reader, context_page)
    # Rails are drawn once the map is closer; from afar they would hide the tracts.
    from_afar = count_lines(page)
    page.evaluate("map_tracts.setZoom(map_tracts.getZoom() + 1, { animate: false })")
    before = count_lines(page)
    assert before == from_afar + 1
    page.uncheck("[name=around][value=rails]")
    page.uncheck("[name=around][value=names]")
    assert count_lines(page) == before - 1
    assert page.locator(".label.place").count() == 0
    wait_until(page, lambda: "hide=rails&hide=names" in read_fragment(page))
    again = reader.open(context_page, fragment=read_fragment(page))
    assert not again.is_checked("[name=around][value=rails]")
    assert again.is_checked("[name=around][value=water]")


def list_overlaps(page: Any) -> list[tuple[str, str]]:
    """Return the names on the map that lie over one another."""
    names = page.evaluate(
        "[...document.querySelectorAll('.label bdi, .district span')].map((name) => {"
        " const { left, top, right, bottom } = name.getBoundingClientRect();"
        " return [name.textContent, left, top, right, bottom]; })"
    )
    assert len(names) > 1
    assert all(right - left > 8 for _, left, _, right, _ in names)
    return [
        (name, other)
        for at, (name, left, top, right, bottom) in enumerate(names)
        for other, *box in names[at + 1 :]
        if left + 1 < box[2] and box[0] + 1 < right and top + 1 < box[3] and box[1] + 1 < bottom
    ]


def test_no_name_lies_over_another(reader: Any, context_page: str) -> None:
    page = open_page(reader, context_page)
    page.evaluate("map_tracts.setView([40.03, -89.97], map_tracts.getZoom() + 1.6)")
    page.wait_for_selector(".label.tract", state="attached")
    assert page.locator(".label bdi").count() > 5
    assert page.locator(".label.place").count() == 1
    assert list_overlaps(page) == []

    # Districts are named on paper too, those that have room.
    page.check("[name=outline][value=Ward]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    names = page.locator(".label.ward").all_inner_texts()
    assert sorted(names) == ["Ward 2", "Ward <b>1</b>"]
    assert list_overlaps(page) == []
    page.evaluate("map_tracts.setZoom(map_tracts.getZoom() - 4, { animate: false })")
    assert page.locator(".label.ward").count() == 1


def test_a_picture_has_the_names_of_places_as_the_screen_has(
    reader: Any, context_page: str
) -> None:
    page = open_page(reader, context_page)
    find(page, "60602")
    page.evaluate(
        """(() => { const write = XMLSerializer.prototype.serializeToString;
        XMLSerializer.prototype.serializeToString = function (node) {
          window.words = [...node.querySelectorAll("svg text")].map((text) => text.textContent);
          return write.call(this, node); }; })()"""
    )
    with page.expect_download():
        page.click("#save-image")
    words = page.evaluate("window.words")
    shown = page.locator(".label bdi").all_inner_texts()
    assert "60602" in shown
    assert sorted(set(shown) - set(words)) == []


def test_tracts_have_their_numbers_on_paper(reader: Any, context_page: str) -> None:
    page = open_page(reader, context_page)
    assert page.locator(".label.tract").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".label.tract").count() > 5
    assert page.locator(".label.place").count() == 1
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".label.tract").count() == 0


def test_names_of_the_context_stand_on_the_printed_sheet_of_a_district(
    reader: Any, context_page: str, tmp_path: Path
) -> None:
    page = open_page(reader, context_page)
    find(page, "Ward 2")
    page.evaluate("globalThis.print = () => {}")
    page.click("#print-sheet")
    print_picture(page, tmp_path, landscape=True)
    words = read_paper(tmp_path)
    for name in ("Lake", "Park", "Hamlet 11"):
        assert name in words


def test_my_place_chooses_the_tract_and_a_refusal_is_explained(
    reader: Any, context_page: str
) -> None:
    here = {"latitude": 40.015, "longitude": -89.985}
    page = open_page(reader, context_page, geolocation=here, permissions=["geolocation"])
    page.click(".locate")
    wait_until(page, lambda: "tract=99001000800" in read_fragment(page))
    assert page.inner_text(".place-words").startswith("You are in ")
    other = open_page(reader, context_page)
    other.click(".locate")
    wait_until(other, lambda: "Find your street instead" in other.inner_text(".place-words"))


def test_an_address_leaves_the_device_only_when_its_line_is_chosen(
    reader: Any, context_page: str
) -> None:
    page = open_page(reader, context_page)
    page.fill("#find", "100 Oak Ave")
    assert "this address leaves your device" in page.inner_text("#found")
    page.evaluate("window.open = (...values) => { window.opened = values; }")
    page.keyboard.press("Enter")
    address, target, features = page.evaluate("window.opened")
    assert address.endswith("&vintage=Census2020_Current&address=100%20Oak%20Ave")
    assert (target, features) == ("_blank", "noopener,noreferrer")


def test_a_tract_has_a_link_to_the_maps_of_the_device(reader: Any, context_page: str) -> None:
    page = open_page(reader, context_page, fragment="#tract=99001000800")
    href = page.get_attribute("#popup a[target=_blank]", "href")
    assert re.search(r"40\.01\d+.*-89\.98\d+", href)


def test_pictures_behind_the_map_come_from_the_named_owner_only(
    reader: Any, context_view: MapView, context_page: str
) -> None:
    assert "img-src data:; base-uri" in context_page
    basemap = Basemap("https://tiles.example.org/{z}/{x}/{y}.png", "Example <b>Maps</b>")
    html = build_map(replace(context_view, basemap=basemap))
    assert "img-src data: https://tiles.example.org; base-uri" in html
    page = open_page(reader, html)
    assert not page.is_checked("[name=basemap]")
    assert page.is_hidden(".credit")


@pytest.fixture
def tiles() -> Iterator[tuple[str, list[str]]]:
    """Serve map pictures; return their address and the paths that were requested."""
    picture = io.BytesIO()
    Image.new("RGB", (1, 1), "#c0ffee").save(picture, "PNG")
    requested: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requested.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            self.wfile.write(picture.getvalue())

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", requested
        server.shutdown()


def test_pictures_are_requested_only_of_the_named_server_and_once_a_reader_wants_them(
    chromium: Any,
    context_view: MapView,
    context_page: str,
    tiles: tuple[str, list[str]],
    tmp_path: Path,
) -> None:
    address, requested = tiles
    basemap = Basemap(f"{address}/{{z}}/{{x}}/{{y}}.png", "Example Maps")
    (tmp_path / "plain.html").write_text(context_page, encoding="utf-8")
    (tmp_path / "based.html").write_text(
        build_map(replace(context_view, basemap=basemap)), encoding="utf-8"
    )
    context = chromium.new_context()
    others: list[str] = []
    context.on(
        "request",
        lambda request: (
            request.url.startswith(("file:", "data:", address)) or others.append(request.url)
        ),
    )
    page = context.new_page()
    for name in ("plain", "based"):
        page.goto(f"file://{tmp_path / name}.html")
        page.wait_for_selector(".label", state="attached")
    assert requested == []

    page.check("[name=basemap]")
    page.wait_for_selector(".leaflet-tile-loaded")
    assert all(re.fullmatch(r"/\d+/\d+/\d+\.png", path) for path in requested)
    assert page.inner_text(".credit") == "Example Maps"

    # Without a network the map stays as it is, and the server hears nothing.
    page.uncheck("[name=basemap]")
    context.set_offline(True)
    requested.clear()
    page.reload()
    page.check("[name=basemap]")
    page.wait_for_selector(".label.place", state="attached")
    page.wait_for_selector("img.leaflet-tile", state="attached")
    assert requested == []
    assert others == []


def test_a_map_without_context_is_whole(reader: Any, town: MapView) -> None:
    page = reader.open(build_map(town))
    assert page.locator("[name=around]").count() == 1
    assert page.locator("[name=area]").count() == 0
    find(page, "Ward 2")
    wait_until(page, lambda: "in.Ward=" in read_fragment(page))
