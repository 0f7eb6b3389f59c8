"""A district of the map page can be tapped, found, filtered, and linked to."""

import re
from typing import Any

import pytest

from maps.run.inputs import MapView
from maps.run.page import build_map
from outreach.rates import average_rate
from tests.browser import read_fragment, wait_until
from tests.maps.run.screen import divide_town, find_on_screen, show, take_picture

pytestmark = pytest.mark.browser


def test_a_district_is_found_and_its_outline_shown(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    page.fill("#find", "ward <b>")
    page.keyboard.press("Enter")
    assert page.is_checked("[name=outline][value=Ward]")
    wait_until(page, lambda: "show=Ward" in read_fragment(page))


def test_a_district_limits_count_table_and_link(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    show(page, "filter")
    page.select_option("[aria-label='Ward']", "Ward 2")
    assert page.inner_text("#tally").startswith("18 of 36 tracts")
    wait_until(page, lambda: "in.Ward=" in read_fragment(page))
    again = reader.open(town_page, fragment=read_fragment(page))
    assert again.inner_text("#tally").startswith("18 of 36 tracts")
    show(again, "filter")
    again.click("text=Clear all")
    assert again.inner_text("#tally").startswith("36 tracts")


@pytest.mark.parametrize("height", [450, 640])
def test_a_card_leaves_room_for_its_district_on_a_low_screen(
    reader: Any, town_page: str, height: int
) -> None:
    page = reader.open(town_page, width=720, height=height, fragment="#in.Ward=Ward 2")
    card = page.locator("#popup").bounding_box()
    north, south = (find_on_screen(page, latitude, -89.955)[1] for latitude in (40.06, 40.0))
    top = page.locator(".folium-map").bounding_box()["y"]
    assert top <= north < south <= card["y"]
    assert south - north > 0.4 * (card["y"] - top)


@pytest.mark.parametrize("way", ["tap", "find", "filter"])
def test_a_district_is_a_thing(reader: Any, town: MapView, way: str) -> None:
    view = divide_town(town)
    page = reader.open(build_map(view), fragment="#show=Ward")
    before = take_picture(page)
    if way == "tap":
        page.mouse.click(*find_on_screen(page, 40.035, -89.945))
    elif way == "find":
        page.fill("#find", "ward 2")
        page.keyboard.press("Enter")
    else:
        show(page, "filter")
        page.select_option("[aria-label='Ward']", "Ward 2")

    # Card and tally count as a report does: a divided tract by its part.
    parts = view.parts[view.parts["name"] == "Ward 2"].set_index("geoid")["weight"]
    homes = view.tracts.loc[parts.index, "households_count"] * parts
    rate = average_rate(view.tracts.loc[parts.index, "cumulative_share"], homes)
    missing = (view.scores["missing_households_count"].reindex(parts.index) * parts).sum()
    card = page.inner_text("#popup")
    assert "Ward 2" in card
    assert "divided by housing units" in card
    assert f"{rate:.1%}" in card
    assert f"{missing:,.0f}" in card
    assert "1 of 2" in card
    assert page.get_attribute("#popup a", "href") == "ward/ward-2.html"
    assert page.locator("#popup svg.trend").count() == 1
    tally = page.inner_text("#tally")
    assert tally.startswith(f"24 of 36 tracts · {missing:,.0f} households missing · {rate:.1%}")
    counts = page.eval_on_selector_all("#legend li em", "all => all.map(one => +one.textContent)")
    assert sum(counts) == 24
    wait_until(page, lambda: take_picture(page) != before)

    # Nobody can press or tap paper.
    assert "Tap the map" in card
    page.emulate_media(media="print")
    assert page.is_hidden("#print-sheet")
    assert "Tap the map" not in page.inner_text("#popup")
    page.emulate_media(media="screen")

    # Closing the card gives the whole map back.
    page.click("#popup .close")
    assert page.is_hidden("#popup")
    assert page.inner_text("#tally").startswith("36 tracts")


def test_a_second_tap_in_a_district_chooses_the_tract(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, width=2000, fragment="#in.Ward=Ward 2")
    page.mouse.click(*find_on_screen(page, 40.035, -89.965))
    assert re.search(r"Tract \d+", page.inner_text("#popup-title"))
    page.click("#popup .fine button")
    assert page.inner_text("#popup-title") == "Ward 2"
