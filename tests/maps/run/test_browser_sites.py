"""A reader finds the places where people get help: marks, cards, search, district, and paper."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from geo.sites import find_districts, find_tracts, measure_distances
from maps.run.inputs import MapView
from maps.run.page import build_map
from maps.run.sites import MapSites
from outreach.catalog import read_words
from tests.browser import read_fragment, wait_until
from tests.maps.conftest import HOSTILE_NAMES
from tests.maps.run.paper import count_pages, print_picture, read_paper
from tests.rtl import read_right_to_left

pytestmark = pytest.mark.browser

#: Name, kind, layer, latitude, longitude, and hours; the last two lie in one spot.
PLACES = (
    ("Main Library", "Library", "Libraries", 40.005, -89.995, "Mon-Fri 9-5"),
    (HOSTILE_NAMES[0], "Library", "Libraries", 40.055, -89.945, HOSTILE_NAMES[1]),
    ("Market Kiosk", "Kiosk", "Help sites", 40.035, -89.965, "Daily"),
    ("Desk", "Help desk", "Help sites", 40.0351, -89.9651, ""),
    ("Beyond " * 28, "Booth", "Help sites", 40.07, -89.99, ""),
    ("Hall", "Booth", "Help sites", 40.025, -89.955, "Sun"),
    ("Chapel", "Booth", "Help sites", 40.025, -89.955, ""),
)


@pytest.fixture(scope="module")
def sites_view(town: MapView) -> MapView:
    """Put seven places into the town, one of them outside its tracts."""
    columns = ["name", "kind", "layer", "latitude", "longitude", "hours"]
    table = pd.DataFrame(PLACES, columns=columns).rename_axis("site")
    table = table.assign(geoid=find_tracts(table, town.tracts), is_public=True, languages="")
    table = table.assign(address="1 Main St", phone="555-0100", link="https://example.org/")
    far = {"Libraries": 1.0, "Help sites": 1.0}
    assert town.districts is not None
    inside = find_districts(table, town.districts).dropna()
    names = inside.map(town.districts["name"]).to_numpy()
    districts = pd.DataFrame({"site": inside.index, "kind": "Ward", "name": names})
    sites = MapSites(table, measure_distances(table, town.tracts, far), districts)
    return replace(town, sites=sites)


@pytest.fixture(scope="module")
def sites_page(sites_view: MapView) -> str:
    return build_map(sites_view)


def open_page(reader: Any, html: str, **options: Any) -> Any:
    """Open a page and wait for the marks, which are drawn after the tracts."""
    page = reader.open(html, **options)
    page.wait_for_selector(".site", state="attached")
    return page


def test_places_are_marked_listed_and_searched_with_their_hours(
    reader: Any, sites_page: str
) -> None:
    page = open_page(reader, sites_page)
    assert page.locator(".leaflet-sites-pane").get_attribute("role") == "group"
    marks = page.locator(".site.one")
    assert "Main Library, Library" in marks.evaluate_all("all => all.map((m) => m.ariaLabel)")
    legend = page.inner_text("#legend")
    assert "Places of help" in legend
    for words in ("Booth", "Library", "Kiosk", "Help desk"):
        assert words in legend

    # By mouse: the card with everything that the file says; a place leads to its tract.
    page.click(".site[aria-label^='Main Library']")
    card = page.inner_text("#popup")
    for words in ("Main Library", "Mon-Fri 9-5", "1 Main St", "555-0100", "Open in maps"):
        assert words in card
    assert page.get_attribute("#popup a", "href") == "https://example.org/"
    wait_until(page, lambda: "place=Main" in read_fragment(page))
    page.click("#popup .fine button")
    wait_until(page, lambda: "tract=99001000100" in read_fragment(page))
    assert "Place of help in this tract: Main Library" in page.inner_text("#popup")

    # By the search, which says that it finds places; names are text.
    assert "places of help" in page.inner_text("#finds")
    page.fill("#find", "script>win")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.inner_text("#popup h2") == HOSTILE_NAMES[0]
    page.fill("#find", "kiosk")
    page.keyboard.press("Enter")
    assert page.inner_text("#popup h2") == "Market Kiosk"
    assert page.evaluate("window.hacked") is None

    # A list that is switched off leaves map and legend, and a link keeps that.
    page.uncheck("[name=sites][value='1']")
    assert page.locator(".site[aria-label*='Kiosk']").count() == 0
    assert "Kiosk" not in page.inner_text("#legend")
    wait_until(page, lambda: "hide.places=Help+sites" in read_fragment(page))
    page.evaluate("location.hash = ''")
    wait_until(page, lambda: page.is_checked("[name=sites][value='1']"))
    page.evaluate("location.hash = 'hide.places=Help+sites'")
    wait_until(page, lambda: not page.is_checked("[name=sites][value='1']"))


def test_a_tract_a_district_and_its_sheet_say_what_is_near(
    reader: Any, sites_page: str, tmp_path: Path
) -> None:
    page = open_page(reader, sites_page, fragment="#tract=99001000200")
    nearest = page.inner_text("#popup p:has-text('Nearest place of help')")
    assert nearest.startswith("Nearest place of help: Main Library, 0.5 miles away in a straight")
    page.click("#popup p:has-text('Nearest place of help') button")
    assert page.inner_text("#popup h2") == "Main Library"

    page.evaluate("location.hash = 'in.Ward=Ward+2'")
    page.wait_for_selector("#popup .site-list")
    assert page.inner_text("#popup .site-list summary") == "5 places of help"
    page.click("#popup .site-list summary")
    assert "Daily" in page.inner_text("#popup .site-list")

    # One page of paper lists them, too.
    page.evaluate("window.print = () => {}")
    page.click("#print-sheet")
    print_picture(page, tmp_path)
    paper = read_paper(tmp_path)
    assert "Market Kiosk · Kiosk · Daily · 1 Main St" in paper
    assert "Main Library" not in paper
    assert count_pages(tmp_path) == 1


def test_the_keyboard_alone_goes_from_place_to_place_and_into_a_group(
    reader: Any, sites_page: str
) -> None:
    page = open_page(reader, sites_page)
    page.focus(".site[tabindex='0']")
    first = page.evaluate("document.activeElement.dataset.site")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.site") != first
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.dataset.site") == first
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "popup-title"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('site')")
    assert page.is_hidden("#popup")

    # Places that would lie over one another are one mark until the map is close.
    numbers = page.locator(".site.several")
    assert sorted(numbers.all_inner_texts()) == ["2", "2"]
    page.focus(".site.several >> nth=0")
    page.keyboard.press("Enter")
    wait_until(
        page, lambda: page.locator(".site.several").count() == 0 or page.is_visible("#popup")
    )
    # Two places in one spot cannot fall apart: the card of one names the other.
    page.fill("#find", "chapel")
    page.keyboard.press("Enter")
    assert "Also here: Hall" in page.inner_text("#popup")


def test_another_language_and_a_right_to_left_one_name_places(
    reader: Any, sites_view: MapView, tmp_path: Path
) -> None:
    words = (read_words("es"), read_right_to_left(tmp_path))
    page = open_page(reader, build_map(replace(sites_view, languages=words)))
    assert "Lugares de ayuda" in page.inner_text("#legend")
    assert page.inner_text(".choice:has([name=sites]) >> nth=0") == "Bibliotecas"
    page.click("#languages button")
    page.wait_for_selector("[dir=rtl] .site", state="attached")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
