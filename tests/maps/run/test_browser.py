"""The map page works in a real browser, from a file, without a network."""

import csv
import dataclasses
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from maps.run.columns import measure_change, tabulate_history
from maps.run.inputs import MapView
from maps.run.page import build_map
from outreach import palette
from outreach.catalog import read_words
from outreach.phrasing import strip_overrides
from outreach.rates import average_rate
from tests.browser import read_fragment, wait_until
from tests.maps.conftest import choose_units
from tests.maps.run.paper import count_pages, find_box, print_picture
from tests.rtl import read_right_to_left

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town_page(town: MapView) -> str:
    return build_map(town)


def show(page: Any, panel: str) -> None:
    page.click(f"#tab-{panel}")


def colors(page: Any) -> int:
    """Count the colors that the canvas shows."""
    return page.evaluate(
        """() => { const canvas = document.querySelector("canvas.leaflet-zoom-animated");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Set();
        for (let at = 0; at < data.length; at += 4) {
          if (data[at + 3] > 200) seen.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]);
        }
        return seen.size; }"""
    )


def find_on_screen(page: Any, latitude: float, longitude: float) -> list[float]:
    """Return where a place of the map lies on the screen, in pixels."""
    place: list[float] = page.evaluate(
        """(at) => { const { x, y } = map_tracts.latLngToContainerPoint(at);
        const { left, top } = map_tracts.getContainer().getBoundingClientRect();
        return [x + left, y + top]; }""",
        [latitude, longitude],
    )
    return place


def picture(page: Any) -> str:
    return page.evaluate(
        "() => [...document.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join()"
    )


def test_a_page_opens_from_a_file_without_network(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    assert page.inner_text("#tally").startswith("36 tracts · ")
    wait_until(page, lambda: colors(page) > 10)
    assert page.evaluate("L.version") == "1.9.4"


def test_another_layer_changes_map_legend_and_note(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    wait_until(page, lambda: colors(page) > 10)
    before = picture(page)
    page.check("[name=layer][value=priority]")
    wait_until(page, lambda: picture(page) != before)
    assert "Priority" in page.inner_text("#legend")
    assert "quantiles" in page.inner_text("#legend")


def test_the_legend_names_unit_date_source_method_and_missing_tracts(
    reader: Any, town_page: str
) -> None:
    legend = reader.open(town_page).inner_text("#legend")
    for words in (
        "Percent",
        "Jun 12, 2020",
        "U.S. Census Bureau, 2020 Census self-response rates.",
        "in fixed steps of 10 points",
        "No rate published",
        "Water",
    ):
        assert words in legend


def test_every_layer_can_be_shown(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    names = page.eval_on_selector_all("[name=layer]", "boxes => boxes.map(box => box.value)")
    assert {"rate", "internet", "missing", "priority", "targets", "rate_2010"} <= set(names)
    for name in names:
        page.check(f"[name=layer][value={name}]")
        assert page.evaluate("document.querySelector('#legend li') !== null")


@pytest.mark.parametrize("fragment", ["", "#layer=missing"])
def test_a_click_on_a_tract_opens_its_popup(reader: Any, town_page: str, fragment: str) -> None:
    page = reader.open(town_page, fragment=fragment)
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.5 + 20, box["y"] + box["height"] * 0.3)
    popup = page.inner_text("#popup")
    assert re.search(r"Tract \d+", popup)
    assert "What to do next" in popup
    assert "the goal of 75%" in popup
    assert page.locator("#popup svg.trend").get_attribute("aria-label").startswith("Rate rose from")
    page.keyboard.press("Escape")


def test_hostile_names_are_shown_and_never_run(reader: Any, town: MapView, town_page: str) -> None:
    page = reader.open(town_page)
    assert town.title in page.inner_text("h1")
    show(page, "table")
    for name in town.tracts["name"].head(6):
        shown = strip_overrides(name)
        page.fill("#find", shown[:30])
        assert page.text_content("#found bdi") == shown
        page.keyboard.press("Enter")
        assert page.text_content("#popup-title") == shown
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.querySelectorAll('img').length") == 0


def test_a_tract_is_found_with_the_keyboard_alone(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    page.focus("#find")
    page.keyboard.type("tract 3")
    assert page.get_attribute("#find", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert page.get_attribute("#find", "aria-activedescendant") == "found-1"
    chosen = page.inner_text("#found-1 bdi")
    page.keyboard.press("Enter")
    assert page.inner_text("#popup-title") == chosen
    assert page.evaluate("document.activeElement.id") == "popup-title"
    page.keyboard.press("Escape")
    assert page.is_hidden("#popup")
    assert page.evaluate("document.activeElement.id") == "find"


def test_a_district_is_found_and_its_outline_shown(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    page.fill("#find", "ward <b>")
    page.keyboard.press("Enter")
    assert page.is_checked("[name=outline][value=Ward]")
    wait_until(page, lambda: "show=Ward" in read_fragment(page))


def test_filters_count_live_and_export_the_matches(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page)
    show(page, "filter")
    page.fill("[aria-label='Response rate to']", "50")
    page.fill("[aria-label='Households missing from']", "300")
    missing = town.scores["missing_households_count"]
    matches = missing[
        (missing >= 300) & (town.tracts.loc[missing.index, "cumulative_share"] <= 0.5)
    ]
    tally = page.inner_text("#tally")
    assert tally.startswith(
        f"{len(matches)} of 36 tracts · {matches.sum():,.0f} households missing · "
    )
    show(page, "table")
    with page.expect_download() as download:
        page.click("#export")
    rows = list(
        csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig")))
    )
    assert {row["geo_id"] for row in rows} == {f"1400000US{geoid}" for geoid in matches.index}
    assert sum(float(row["missing_households_count"]) for row in rows) == pytest.approx(
        matches.sum(), abs=1
    )
    assert {row["rate_date"] for row in rows} == {"2020-06-12"}
    assert all(row["Ward"] in {"Ward <b>1</b>", "Ward 2"} for row in rows)


def test_no_cell_of_the_export_is_a_formula(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    show(page, "table")
    with page.expect_download() as download:
        page.click("#export")
    rows = list(
        csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig")))
    )
    assert len(rows) == 37
    assert any("=HYPERLINK" in cell for row in rows for cell in row)
    numeric = re.compile(r"^-?\d+(\.\d+)?$")
    for row in rows:
        assert not [
            cell for cell in row if re.match(r"\s*[=+\-@\t\r]", cell) and not numeric.match(cell)
        ]


def test_the_slider_goes_back_in_the_season(reader: Any, town: MapView, town_page: str) -> None:
    page = reader.open(town_page)
    page.focus("#season input")
    page.keyboard.press("Home")
    assert page.get_attribute("#season input", "aria-valuetext") == "April 3, 2020"
    assert "Apr 3, 2020" in page.inner_text("#legend")
    page.fill("#find", "tract 30")
    page.keyboard.press("Enter")
    first = tabulate_history(town).loc["99001003000"].iloc[0]
    assert f"{first:.1%}" in page.inner_text(".headline")


def test_change_on_an_earlier_date_equals_pythons(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page, fragment="#date=2020-06-05&layer=change_week")
    show(page, "table")
    page.click("th button:has-text('7 days')")
    season = tabulate_history(town)
    change = measure_change(season.loc[:, :"2020-06-05"], 7).sort_values(ascending=False) * 100
    shown = page.eval_on_selector_all(
        "tbody tr td:last-child", "cells => cells.map(cell => cell.textContent)"
    )
    assert shown[: len(change.dropna())] == [f"+{value:.1f}" for value in change.dropna()]


def test_a_link_restores_the_view(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    page.check("[name=layer][value=missing]")
    show(page, "filter")
    page.fill("[aria-label='Response rate from']", "40")
    page.check("#only-chosen")
    page.focus("#season input")
    page.keyboard.press("ArrowLeft")
    page.fill("#find", "tract 12")
    page.keyboard.press("Enter")
    tally = page.inner_text("#tally")
    parts = ("layer=missing", "date=", "f.", "only=chosen", "tract=", "map=")
    wait_until(page, lambda: all(part in read_fragment(page) for part in parts))
    link = read_fragment(page)
    restored = reader.open(town_page, fragment=link)
    assert restored.is_checked("[name=layer][value=missing]")
    assert restored.inner_text("#tally") == tally
    assert restored.inner_text("#popup-title") == "Tract 12"
    assert restored.input_value("[aria-label='Response rate from']") == "40"
    assert restored.get_attribute("#season input", "aria-valuetext") == "June 11, 2020"
    wait_until(restored, lambda: read_fragment(restored) == link)


@pytest.mark.parametrize(
    "fragment",
    [
        "#layer=nothing&date=1999-01-01&tract=x&map=a/b/c&f.rank=1..zzz&f.cumulative_share=-..5",
        "#layer=__proto__&show=%3Cscript%3E&map=99/999/999",
        "#%E0%A4%A",
    ],
)
def test_a_broken_link_still_shows_the_map(reader: Any, town_page: str, fragment: str) -> None:
    page = reader.open(town_page, fragment=fragment)
    assert page.is_checked("[name=layer][value=rate]")
    assert "36 tracts" in page.inner_text("#tally").replace("36 of 36", "36")


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
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
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
        violations = axe.run(page).response["violations"]
        serious = [
            fault
            for fault in violations
            if fault["impact"] in {"serious", "critical"} or fault["id"] == "landmark-unique"
        ]
        assert serious == [], json.dumps(
            [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in serious],
            indent=1,
        )


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
    wait_until(page, lambda: colors(page) > 10)
    assert page.locator(".sheet-of").count() == 0


def test_the_dark_theme_can_be_read(reader: Any, town_page: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = reader.open(town_page, color_scheme="dark", bypass_csp=True, fragment="#in.Ward=Ward 2")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 29, 36)"
    for panel in ("layers", "filter", "table", "turfs"):
        show(page, panel)
        found = axe.run(page).response["violations"]
        assert [fault["id"] for fault in found if fault["id"] == "color-contrast"] == []


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


def test_a_map_without_season_districts_and_targets_works(reader: Any, town: MapView) -> None:
    bare = dataclasses.replace(
        town, history=None, districts=None, targets=town.targets.head(0), events=(), deadline=None
    )
    page = reader.open(build_map(bare))
    assert page.is_hidden("#season")
    assert page.locator("[value=targets]").count() == 0
    page.fill("#find", "tract 12")
    page.keyboard.press("Enter")
    assert page.locator("#popup svg").count() == 0
    assert "Not in the budget" in page.inner_text("#popup")


@pytest.mark.real
def test_cook_county_opens_with_every_tract(reader: Any, cook: MapView) -> None:
    page = reader.open(build_map(cook))
    homes = cook.scores["missing_households_count"].sum()
    rate = average_rate(cook.tracts["cumulative_share"], cook.tracts["households_count"])
    assert page.inner_text("#tally") == (
        f"1,332 tracts · {homes:,.0f} households missing · {rate:.1%} of households answered"
    )
    assert pd.isna(cook.tracts.loc["17031980000", "cumulative_share"])
    page.fill("#find", "17031980000")
    page.keyboard.press("Enter")
    assert "No rate published" in page.inner_text("#popup")


def test_where_no_source_counts_homes_nobody_is_said_to_be_missing(
    reader: Any, town: MapView
) -> None:
    nobody = {"households_count": np.nan, "housing_units_count": np.nan}
    scores = town.scores.assign(missing_households_count=np.nan)
    bare = dataclasses.replace(town, tracts=town.tracts.assign(**nobody), scores=scores)
    page = reader.open(build_map(bare))
    assert page.inner_text("#tally") == "36 tracts"


def test_the_trend_shows_band_forecast_goal_and_events(reader: Any, town: MapView) -> None:
    assert town.history is not None
    expected = town.history.assign(
        start_low80_share=(town.history["cumulative_share"] - 0.05).clip(lower=0),
        start_high80_share=town.history["cumulative_share"] + 0.05,
    )[["data_date", "start_low80_share", "start_high80_share"]]
    page = reader.open(
        build_map(dataclasses.replace(town, band=expected)), fragment="#tract=99001001200"
    )
    assert (
        page.locator(".trend .band").count()
        == page.locator(".trend .fan").count()
        == page.locator(".trend .event").count()
        == 1
    )
    assert "Postcard <i>mailed</i>" in page.text_content("figcaption")
    assert "Forecast for Jul 31" in page.inner_text("#popup")


def test_zips_and_pins_are_a_layer_with_a_list_that_leads_to_each(
    reader: Any, town: MapView
) -> None:
    page = reader.open(build_map(dataclasses.replace(town, targets=choose_units(town))))
    wait_until(page, lambda: colors(page) > 10)
    before = picture(page)
    page.check("[name=layer][value=units]")
    wait_until(page, lambda: picture(page) != before)
    legend = page.inner_text("#legend")
    assert "ZIPs and Pins by budget" in legend
    assert "Chosen for ads" in legend
    assert "Comparison, no ads" in legend
    rows = page.locator(".units tbody tr")
    assert rows.all_inner_texts() == [
        "60601\tads\t$400\t900",
        "60602\tcomparison\t\N{EN DASH}\t800",
        "pin 1\tads\t$250\t700",
    ]
    far = read_fragment(page)
    rows.nth(1).locator("button").press("Enter")
    wait_until(page, lambda: read_fragment(page) != far)
    page.fill("#find", "60601")
    page.keyboard.press("Enter")
    wait_until(page, lambda: "map=" in read_fragment(page))


def test_a_map_without_a_plan_shows_nothing_of_it(reader: Any, town: MapView) -> None:
    page = reader.open(
        build_map(dataclasses.replace(town, targets=None)), fragment="#tract=99001001200"
    )
    assert "What to do next" not in page.inner_text("#popup")
    show(page, "filter")
    assert page.locator("#only-chosen").count() == 0
    assert page.locator("[value=targets]").count() == 0


def test_closing_the_popup_gives_the_focus_back_to_the_row(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    show(page, "table")
    row = page.locator("#panel-table tbody button").nth(4)
    name = row.inner_text()
    row.press("Enter")
    assert page.inner_text("#popup-title") == name
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == name


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


def test_circles_and_their_legend_grow_together(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, fragment="#layer=missing")
    ring = "document.querySelector('.swatch.ring').offsetWidth"
    before = page.evaluate(ring)
    page.focus("#map_tracts")
    page.keyboard.press("+")
    wait_until(page, lambda: page.evaluate(ring) > before)

    # Contacts of partners are no homes.
    page.check("[name=layer][value=doors]")
    words = page.inner_text("#legend")
    assert "10 doors" in words
    assert "1 doors" in words
    assert "home" not in words


def test_a_link_to_circles_draws_them_above_the_tracts(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, fragment="#layer=missing")
    linked = count_red(page)
    page.check("[name=layer][value=rate]")
    page.check("[name=layer][value=missing]")
    assert linked > 0.9 * count_red(page) > 1000


def count_red(page: Any) -> int:
    """Count the red pixels of the map: the circles, through which gray tracts show."""
    with Image.open(io.BytesIO(page.locator(".folium-map").screenshot())) as shown:
        pixels = np.asarray(shown.convert("RGB")).astype(int)
    return int((pixels[..., 0] > pixels[..., 2] + 40).sum())


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


def read_download(page: Any, button: str) -> list[dict[str, str]]:
    """Press a button and return the rows of the table that it saves."""
    with page.expect_download() as download:
        page.click(button)
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_saved_column_holds_what_its_name_and_its_dictionary_say(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page)
    show(page, "table")
    rows = read_download(page, "#export")
    changes = 100 * measure_change(tabulate_history(town), 7)
    saved = {row["geo_id"][-11:]: row["change_7_points"] for row in rows}
    for geoid, change in changes.dropna().items():
        assert float(saved[geoid]) == pytest.approx(change, abs=0.011)
    shares = [float(row["cumulative_share"]) for row in rows if row["cumulative_share"]]
    assert max(shares) < 1

    meanings = {row["column"]: row for row in read_download(page, "#explain")}
    assert list(meanings) == list(rows[0])
    assert meanings["change_7_points"]["unit"] == "percentage points"
    assert meanings["cumulative_share"]["unit"] == "share, 0 to 1"
    assert all(row["meaning"] and row["meaning"] != row["column"] for row in meanings.values())


def divide_town(town: MapView) -> MapView:
    """Give half of the third column of tracts to Ward 2, as a crosswalk would, with pages."""
    column = pd.Series([number % 6 for number in range(36)], index=town.tracts.index)
    shares = {"Ward <b>1</b>": column.map({0: 1, 1: 1, 2: 0.5}), "Ward 2": None}
    shares["Ward 2"] = 1 - shares["Ward <b>1</b>"].fillna(0)
    parts = pd.concat(
        pd.DataFrame(
            {
                "kind": "Ward",
                "name": name,
                "geoid": share.index,
                "weight": share,
                "unit": "housing_units",
            }
        )
        for name, share in shares.items()
    ).dropna()
    pages = {"Ward": {"Ward 2": "ward/ward-2.html"}}
    return dataclasses.replace(town, parts=parts[parts["weight"] > 0], pages=pages)


@pytest.mark.parametrize("way", ["tap", "find", "filter"])
def test_a_district_is_a_thing(reader: Any, town: MapView, way: str) -> None:
    view = divide_town(town)
    page = reader.open(build_map(view), fragment="#show=Ward")
    before = picture(page)
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
    wait_until(page, lambda: picture(page) != before)

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


def test_another_language_says_everything_and_keeps_the_view(reader: Any, town: MapView) -> None:
    names = [f"{number}.02" for number in range(1, 37)]
    plain = dataclasses.replace(town, tracts=town.tracts.assign(name=names), home="index.html")
    page = reader.open(build_map(plain), fragment="#layer=internet&tract=99001000900&f.rank=..20")
    english = page.inner_text("body")
    page.click("#languages button[lang=es]")
    page.wait_for_function("document.documentElement.lang === 'es'")
    page.wait_for_selector("#popup:not([hidden])")
    view = ("lang=es", "layer=internet", "tract=99001000900", "f.rank=..20")
    wait_until(page, lambda: all(part in read_fragment(page) for part in view))

    spanish = page.inner_text("body")
    for words in (
        "Tracto 9.02",
        "Respondieron por internet",
        "12 de junio de 2020",
        "Hogares sin responder",
        "puntos por debajo de la meta de 75",
        "Oficina del Censo",
    ):
        assert words in spanish
    for panel in ("filter", "table", "layers"):
        show(page, panel)
        spanish += page.inner_text(f"#panel-{panel}")
    texts = read_words("en").pick("map")
    plain_texts = {text for text in texts.values() if isinstance(text, str) and "{" not in text}
    left = {text for text in plain_texts if len(text) > 6 and text in spanish and text in english}
    assert left == set()
    assert page.get_attribute("#facts a", "href") == "index.es.html"
    known, unknown = page.locator(".reasons li").all()
    assert re.fullmatch(r"Cerca de [\d,]+ de [\d,]+ hogares no han respondido", known.inner_text())
    assert unknown.inner_text().startswith("The rate is")
    assert (known.get_attribute("lang"), unknown.get_attribute("lang")) == (None, "en")


def test_a_map_in_one_language_offers_no_other(reader: Any, town: MapView) -> None:
    spanish = dataclasses.replace(town, languages=(read_words("es"),), home="index.html")
    page = reader.open(build_map(spanish))
    assert page.evaluate("document.documentElement.lang") == "es"
    assert not page.is_visible("#languages")
    assert page.get_attribute("#facts a", "href") == "index.html"


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_a_right_to_left_language_is_one_file_and_lays_the_page_out(
    reader: Any, town: MapView, tmp_path: Path, width: int
) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    words = read_right_to_left(folder)
    assert words.untranslated == ()
    page = reader.open(build_map(dataclasses.replace(town, languages=(words,))), width=width)
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    parts = [".bar h1", "#find", "#map_tracts, .folium-map", "#tab-layers", "#tally"]
    if width >= 768:
        side, stage = (page.locator(name).bounding_box() for name in ("#side", ".stage"))
        assert side["x"] >= stage["x"] + stage["width"] - 1
        heading, actions = (page.locator(name).bounding_box() for name in (".bar h1", ".actions"))
        assert heading["x"] >= actions["x"] + actions["width"] - 1
    for name in parts:
        box = page.locator(name).first.bounding_box()
        assert box["x"] >= -1, name
        assert box["x"] + box["width"] <= width + 1, name
    legend, season = (page.locator(name).bounding_box() for name in ("#legend", "#season"))
    apart = (
        legend["x"] + legend["width"] <= season["x"] + 1
        or season["x"] + season["width"] <= legend["x"] + 1
        or legend["y"] + legend["height"] <= season["y"] + 1
        or season["y"] + season["height"] <= legend["y"] + 1
    )
    assert apart
