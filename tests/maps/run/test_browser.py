"""The map page works in a real browser, from a file, without a network."""

import csv
import dataclasses
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from maps.run.columns import measure_change, tabulate_history
from maps.run.inputs import MapView
from maps.run.page import build_map
from tests.browser import read_fragment, wait_until
from tests.maps.conftest import choose_units

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
        "An invented town.",
        "in fixed steps of 10 points",
        "No rate published",
        "Water",
    ):
        assert words in legend


def test_every_layer_can_be_shown(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    names = page.eval_on_selector_all("[name=layer]", "boxes => boxes.map(box => box.value)")
    assert {"rate", "internet", "missing", "priority", "targets"} <= set(names)
    for name in names:
        page.check(f"[name=layer][value={name}]")
        assert page.evaluate("document.querySelector('#legend li') !== null")


@pytest.mark.parametrize("fragment", ["", "#show=Ward&layer=missing"])
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
        page.fill("#find", name.strip("\u202e\u202c")[:30])
        assert page.text_content("#found bdi") == name
        page.keyboard.press("Enter")
        assert page.text_content("#popup-title") == name
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
    assert (
        page.inner_text("#tally")
        == f"{len(matches)} of 36 tracts · {matches.sum():,.0f} households missing"
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
    for panel in ("layers", "filter", "table"):
        if page.get_attribute(f"#tab-{panel}", "aria-selected") != "true":
            show(page, panel)
        if panel == "table":
            page.locator("#panel-table tbody button").first.click()
        violations = axe.run(page).response["violations"]
        serious = [fault for fault in violations if fault["impact"] in {"serious", "critical"}]
        assert serious == [], json.dumps(
            [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in serious],
            indent=1,
        )


def test_nothing_is_wider_than_a_phone(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, width=390, height=844)
    for panel in ("layers", "filter", "table"):
        show(page, panel)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert page.is_visible(".folium-map")


def test_only_the_map_and_its_legend_are_printed(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    page.emulate_media(media="print")
    assert page.is_visible(".folium-map")
    assert page.is_visible("#legend")
    for gone in (".find", ".tabs", "#season", "#copy-link"):
        assert page.is_hidden(gone)


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
    assert page.inner_text("#tally") == f"1,332 tracts · {homes:,.0f} households missing"
    assert pd.isna(cook.tracts.loc["17031980000", "cumulative_share"])
    page.fill("#find", "17031980000")
    page.keyboard.press("Enter")
    assert "No rate published" in page.inner_text("#popup")


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
