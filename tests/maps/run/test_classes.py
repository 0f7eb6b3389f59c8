"""A column of words is one layer: its colors, popup, filter, tables, shapes, and pictures."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flows.steps.indicators.present import add_words, make_layers
from maps.run.inputs import MapView
from maps.run.page import build_map, describe_view
from maps.run.picture import draw_picture
from outreach import palette
from outreach.campaign import Indicator
from tests.browser import read_fragment, wait_until
from tests.maps.run.screen import find_on_screen, show
from tests.maps.run.test_browser_turfs import press_key, save
from tests.maps.run.test_browser_views import read_color

NAMES = ("Internet First", "Internet <i>Choice</i>", "Update Leave")


@pytest.fixture(scope="module")
def strategy() -> Indicator:
    return Indicator(
        name="contact",
        title="Contact strategy",
        file="contact.csv",
        tract_column="geoid",
        value_column="contact",
        unit="class",
        classes=NAMES,
        vintage=2024,
        source="U.S. Census Bureau",
    )


@pytest.fixture(scope="module")
def classed(town: MapView, strategy: Indicator) -> MapView:
    """The town with a class in each tract, by row of the map, but none in the last two tracts."""
    words = np.repeat(np.array(NAMES, dtype=object), 12)
    words[34:] = None
    return replace(
        town,
        tracts=town.tracts.assign(**{strategy.column: words}),
        layers=make_layers([strategy]),
        languages=tuple(add_words(each, [strategy]) for each in town.languages),
    )


def test_the_legend_has_a_color_for_each_class_in_the_campaigns_order(
    classed: MapView, strategy: Indicator
) -> None:
    data = describe_view(classed)
    (layer,) = [each for each in data["layers"] if each["name"] == "indicator_contact"]
    assert layer["colors"] == list(palette.CLASSES.anchors[:3])
    assert layer["edges"] == [0, 1, 2]
    column = data["columns"][strategy.column]
    assert column["levels"] == list(NAMES)
    assert column["values"] == [0] * 12 + [1] * 12 + [2] * 10 + [None] * 2
    english, spanish, *_ = (each["layers"]["indicator_contact"] for each in data["languages"])
    assert english["labels"] == spanish["labels"] == list(NAMES)
    assert (english["unitWords"], spanish["unitWords"]) == ("class", "clase")


def test_a_picture_has_the_classes_in_the_same_order(classed: MapView) -> None:
    picture = draw_picture(classed, "indicator_contact", "svg", width=300, height=240).decode()
    places = [picture.index(name) for name in ("Internet First", "Choice", "Update Leave")]
    assert places == sorted(places)
    for color in palette.CLASSES.anchors[:3]:
        assert f"fill: {color}" in picture


@pytest.mark.browser
def test_partners_choose_a_class_and_take_it_away(
    reader: Any, classed: MapView, strategy: Indicator
) -> None:
    page = reader.open(build_map(classed))
    page.click("[name=layer][value=indicator_contact]")
    legend = page.locator("#legend li").all_inner_texts()
    assert [line.split("\n")[0] for line in legend[:3]] == list(NAMES)
    seen = {}
    for name, latitude in zip(NAMES, (40.005, 40.025, 40.045), strict=True):
        red, green, blue = map(int, read_color(page, latitude, -89.975).split(","))
        seen[name] = f"#{red:02x}{green:02x}{blue:02x}"
    assert len(set(seen.values())) == 3

    # The popup says the class, and the list beside the map has it.
    page.mouse.click(*find_on_screen(page, 40.025, -89.975))
    facts = page.locator("#popup dl").inner_text()
    assert "Contact strategy (2024)\n" in facts
    assert NAMES[1] in facts
    show(page, "table")
    page.click(f"[data-column={strategy.column}]")
    assert page.locator("#panel-table tbody tr td:last-child").first.inner_text() == NAMES[0]

    # A filter keeps one class, a link holds it, and what is saved says the class.
    show(page, "filter")
    page.select_option("[aria-label='Contact strategy']", "Update Leave")
    assert page.inner_text("#tally").startswith("10 of 36 tracts")
    wait_until(page, lambda: f"f.{strategy.column}=2..2" in read_fragment(page))
    page.click("#popup .close")
    show(page, "turfs")
    page.click(press_key("match"))
    rows = list(csv.DictReader(io.StringIO(save(page, press_key("save_selection")))))
    assert {row[strategy.column] for row in rows} == {"Update Leave"}
    assert len(rows) == 10
    shapes = json.loads(save(page, press_key("save_selection_shapes")))
    assert {each["properties"][strategy.column] for each in shapes["features"]} == {"Update Leave"}
