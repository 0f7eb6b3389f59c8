"""Two dates, two figures, dots, and counts of districts are drawn as they say."""

from typing import Any

import pytest

from maps.run.inputs import MapView
from outreach.rates import average_rate
from tests.browser import read_fragment, wait_until
from tests.maps.run.screen import count_colors, find_on_screen, read_download, show

pytestmark = pytest.mark.browser


def read_color(page: Any, latitude: float, longitude: float) -> str:
    """Return the color on the screen at a place of the map, above all canvases."""
    x, y = find_on_screen(page, latitude, longitude)
    color: str = page.evaluate(
        """([x, y]) => { let found = "";
        const height = (canvas) => Number(getComputedStyle(canvas.parentElement).zIndex);
        for (const canvas of [...document.querySelectorAll("canvas.leaflet-zoom-animated")]
          .sort((a, b) => height(a) - height(b))) {
          const box = canvas.getBoundingClientRect();
          const clip = canvas.parentElement.style.clip.match(/-?[\\d.]+px/g)?.map(parseFloat);
          const pane = canvas.parentElement.getBoundingClientRect();
          if (clip && (x - pane.left > clip[1] || x - pane.left < clip[3])) continue;
          const scale = canvas.width / box.width;
          const spot = document.createElement("canvas");
          const pen = spot.getContext("2d", { willReadFrequently: true });
          pen.drawImage(canvas, (box.left - x) * scale, (box.top - y) * scale);
          const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
          if (alpha > 200) found = `${red},${green},${blue}`;
        } return found; }""",
        [x, y],
    )
    return color


def test_two_dates_meet_at_a_line(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    wait_until(page, lambda: count_colors(page) > 10)
    # The first row of tracts runs from 31% on: left and right at the end of the season.
    west, east = (40.055, -89.995), (40.055, -89.955)
    today = [read_color(page, *west), read_color(page, *east)]
    page.click("#compare-toggle")
    page.focus("#compare input >> nth=0")
    page.keyboard.press("Home")
    wait_until(page, lambda: read_color(page, *west) != today[0])
    assert read_color(page, *east) == today[1]
    assert page.locator(".divide b").all_inner_texts() == ["Apr 3", "Jun 12"]
    page.focus("#compare input >> nth=1")
    page.keyboard.press("Home")
    wait_until(page, lambda: read_color(page, *west) == today[0])
    page.keyboard.press("End")
    wait_until(page, lambda: read_color(page, *east) != today[1])

    # A link keeps both dates; a layer without a season has one date.
    wait_until(page, lambda: "than=2020-04-03" in read_fragment(page))
    again = reader.open(town_page, fragment=read_fragment(page))
    assert again.get_attribute("#compare-toggle", "aria-pressed") == "true"
    again.check("[name=layer][value=priority]")
    assert again.is_hidden("#compare")
    assert again.is_hidden("#compare-toggle")


def test_the_line_is_drawn_with_a_mouse(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, fragment="#than=2020-04-03")
    box = page.locator(".divide i").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 10, steps=3)
    page.mouse.up()
    assert int(page.input_value("#compare input >> nth=1")) > 55


def test_nine_colors_say_their_corners_and_count_their_tracts(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page, fragment="#layer=low_and_many")
    assert page.locator("#legend .square rect").count() == 9
    label = page.get_attribute("#legend .square", "aria-label")
    assert "dark blue is both" in label
    low, high = town.tracts["cumulative_share"].quantile([1 / 3, 2 / 3]).round(2)
    few, many = (town.scores["missing_households_count"].quantile([1 / 3, 2 / 3]) / 10).round() * 10
    rates = town.tracts["cumulative_share"]
    missing = town.scores["missing_households_count"].reindex(rates.index)
    both = ((rates <= low) & (missing > many)).sum()
    neither = ((rates > high) & (missing <= few)).sum()
    rows = page.locator("#legend li").all_inner_texts()
    assert f"Low rate, many missing\n{both}" in rows or any(
        row.split() == ["Low", "rate,", "many", "missing", str(both)] for row in rows
    )
    assert any(row.split() == ["High", "rate,", "few", "missing", str(neither)] for row in rows)


def list_dots(page: Any) -> list[tuple[float, float]]:
    """Return longitude and latitude of each dot on the map."""
    dots: list[tuple[float, float]] = page.evaluate(
        """() => { const all = []; map_tracts.eachLayer((layer) => {
        for (const { lat, lng } of layer.places ?? []) all.push([lng, lat]); }); return all; }"""
    )
    return dots


def test_a_dot_stands_for_50_households_in_its_tract(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page, fragment="#layer=dots")
    total = town.scores["missing_households_count"].sum()
    assert len(list_dots(page)) == pytest.approx(total / 50, abs=1)
    assert "50 missing households" in page.inner_text("#legend")
    assert "not addresses" in page.inner_text("#panel-layers .note")

    # A filter leaves the dots of the tracts that it keeps, inside them.
    show(page, "filter")
    page.fill("[aria-label='Priority rank to']", "1")
    first = town.scores["rank"].idxmin()
    missing = town.scores.loc[first, "missing_households_count"]
    assert len(list_dots(page)) == pytest.approx(missing / 50, abs=1)
    west, south, east, north = town.tracts.geometry[first].bounds
    assert all(west <= x <= east and south <= y <= north for x, y in list_dots(page))


def test_dots_stay_where_they_are(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, fragment="#layer=dots")
    before = list_dots(page)
    page.check("[name=layer][value=rate]")
    assert list_dots(page) == []
    page.check("[name=layer][value=dots]")
    assert list_dots(page) == before


def test_counts_of_districts_are_those_of_their_card(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page, fragment="#layer=by_district")
    shown = page.locator(".district span").all_inner_texts()
    missing = town.scores["missing_households_count"].reindex(town.tracts.index)
    west = town.tracts.bounds["maxx"] < -89.969
    assert set(shown) == {f"{missing[west].sum():,.0f}", f"{missing[~west].sum():,.0f}"}
    page.mouse.click(*find_on_screen(page, 40.035, -89.945))
    assert "Ward 2" in page.inner_text("#popup")
    assert f"{missing[~west].sum():,.0f}" in page.inner_text("#popup")
    rate = average_rate(
        town.tracts.loc[~west, "cumulative_share"], town.tracts.loc[~west, "households_count"]
    )
    assert f"{rate:.1%}" in page.inner_text("#popup")


def test_a_table_of_dots_has_the_same_figures(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, fragment="#layer=dots")
    show(page, "table")
    assert len(read_download(page, "#export")) == 36
