"""The map page fits every screen and sheet, and every reader reaches all of it."""

from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps

from outreach import palette
from tests.browser import find_violations, wait_until
from tests.maps.run.paper import count_pages, find_box, print_picture
from tests.maps.run.screen import count_colors, find_on_screen, show

pytestmark = pytest.mark.browser


def test_a_person_with_a_keyboard_reaches_everything(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(({ id, name, className }) => id || name || className)(document.activeElement)"
            )
        )
    for stop in ("skip", "copy-link", "find", "map_tracts", "tab-layers", "layer", "outline"):
        assert stop in " ".join(seen)
    page.focus("#tab-layers")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.is_visible("#panel-table")
    page.locator("#panel-table tbody button").first.press("Enter")
    assert page.is_visible("#popup")


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_axe_finds_nothing_serious(reader: Any, town_page: str, width: int, height: int) -> None:
    page = reader.open(town_page, width=width, height=height, bypass_csp=True)
    for panel in ("layers", "filter", "table", "turfs", "card"):
        if panel == "card":
            # The card of a district with who lives there, and two dates on both sides of a line.
            page.evaluate("location.hash = '#in.Ward=Ward 2&than=2020-04-03'")
            page.wait_for_selector(".card")
            assert page.is_visible("#compare")
        elif page.get_attribute(f"#tab-{panel}", "aria-selected") != "true":
            show(page, panel)
        if panel == "table":
            page.locator("#panel-table tbody button").first.click()
        assert find_violations(page) == {}, panel


def test_nothing_is_wider_than_a_phone(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, width=390, height=844)
    for panel in ("layers", "filter", "table", "turfs"):
        show(page, panel)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.is_visible(".folium-map")


#: Width and height: phones to wide screens, and a laptop's screen at 200% and 400% zoom.
SCREENS = [
    *((320, 568), (390, 844), (761, 900), (900, 700), (1024, 768), (1150, 800), (2560, 1440)),
    *((720, 450), (640, 400), (320, 200)),
]


@pytest.mark.parametrize("panel", ["layers", "filter", "table", "turfs"])
def test_no_screen_scrolls_sideways_or_loses_the_map(
    reader: Any, town_page: str, panel: str
) -> None:
    page = reader.open(town_page)
    show(page, panel)
    for width, height in SCREENS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator(".folium-map").bounding_box()
        assert box["width"] >= min(width, 300)
        assert box["height"] >= 290
        slider = page.locator("#season").bounding_box()
        assert slider is None or slider["x"] + slider["width"] <= width
        assert slider is None or page.locator("#season input").bounding_box()["width"] > 40


@pytest.mark.parametrize(("width", "height"), [(761, 900), (900, 700), (1150, 800), (640, 400)])
def test_the_legend_hides_no_tract_at_first(
    reader: Any, town_page: str, width: int, height: int
) -> None:
    page = reader.open(town_page, width=width, height=height)
    legend = page.locator("#legend").bounding_box()
    assert legend["height"] <= 0.6 * page.locator(".folium-map").bounding_box()["height"]
    corner = find_on_screen(page, 40.005, -89.995)
    assert corner[0] > legend["x"] + legend["width"] or corner[1] < legend["y"]


def test_paper_shows_the_tracts_in_their_colors_and_wastes_no_room(
    reader: Any, town_page: str, tmp_path: Path
) -> None:
    page = reader.open(town_page, color_scheme="dark", fragment="#show=Ward")
    first, *mapped, last = palette.RATE_CLASSES.colors
    for is_wide in (False, True):
        paper = print_picture(page, tmp_path, landscape=is_wide)
        assert count_pages(tmp_path) == 1

        # No tract has the first and the last color, so they are the legend: right of the map on
        # wide paper, below it on high paper. The town fills most of what is left.
        left, top, _, _ = find_box(paper, [first, last])
        sheet = paper.crop(
            (0, 0, left if is_wide else paper.width, paper.height if is_wide else top)
        )
        for color in mapped[:5]:
            assert find_box(sheet, [color], slack=15)
        town = find_box(sheet, mapped, slack=15)
        assert town[2] - town[0] > 0.5 * sheet.width
        assert town[3] - town[1] > 0.65 * sheet.height
        ink = find_box(ImageOps.invert(paper).point(lambda value: 255 * (value > 0)), ["#ffffff"])
        assert ink[2] > 0.9 * paper.width

    # The screen is as before.
    wait_until(page, lambda: count_colors(page) > 10)
    assert page.locator(".sheet-of").count() == 0


def test_the_dark_theme_can_be_read(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, color_scheme="dark", bypass_csp=True, fragment="#in.Ward=Ward 2")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 29, 36)"
    for panel in ("layers", "filter", "table", "turfs"):
        show(page, panel)
        assert "color-contrast" not in find_violations(page), panel


def test_forced_colors_keep_the_legend_apart(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, forced_colors="active")
    swatches = page.eval_on_selector_all(
        "#legend .swatch", "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(swatches[:8])) == 8


def test_only_keys_show_the_focus_ring(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    page.click(".folium-map", position={"x": 500, "y": 300})
    assert page.evaluate("document.activeElement.id") == "map_tracts"
    assert page.evaluate(ring) == "none"
    page.keyboard.press("Tab")
    assert page.evaluate(ring) == "solid"


@pytest.mark.parametrize("width", [320, 1280])
def test_the_skip_link_shows_only_with_focus(reader: Any, town_page: str, width: int) -> None:
    page = reader.open(town_page, width=width)
    link = page.locator(".skip")
    assert link.bounding_box()["y"] + link.bounding_box()["height"] <= 0
    page.keyboard.press("Tab")
    wait_until(page, lambda: link.bounding_box()["y"] >= 0)


def test_only_the_map_and_its_legend_are_printed(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    page.emulate_media(media="print")
    assert page.is_visible(".folium-map")
    assert page.is_visible("#legend")
    for gone in (".find", ".tabs", "#season", "#copy-link"):
        assert page.is_hidden(gone)

    # On Letter paper, which is wider than the map, the legend ends where the map does.
    page.set_viewport_size({"width": 725, "height": 964})
    page.evaluate("document.documentElement.classList.add('paper')")
    ground, legend = (page.locator(one).bounding_box() for one in (".folium-map", "#legend"))
    assert legend["x"] + legend["width"] <= ground["x"] + ground["width"] + 1
