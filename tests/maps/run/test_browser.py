"""The map page works in a real browser, from a file, without a network."""

import csv
import dataclasses
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maps.run.columns import measure_change, tabulate_history
from maps.run.inputs import MapView
from maps.run.page import build_map
from outreach.phrasing import strip_overrides
from outreach.rates import average_rate
from tests.browser import read_fragment, wait_until
from tests.maps.conftest import choose_units
from tests.maps.run.screen import (
    count_colors,
    count_red,
    read_download,
    show,
    take_picture,
)

pytestmark = pytest.mark.browser


def test_a_page_opens_from_a_file_without_network(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    assert page.inner_text("#tally").startswith("36 tracts · ")
    wait_until(page, lambda: count_colors(page) > 10)
    assert page.evaluate("L.version") == "1.9.4"


def test_another_layer_changes_map_legend_and_note(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    wait_until(page, lambda: count_colors(page) > 10)
    before = take_picture(page)
    page.check("[name=layer][value=priority]")
    wait_until(page, lambda: take_picture(page) != before)
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
    wait_until(page, lambda: count_colors(page) > 10)
    before = take_picture(page)
    page.check("[name=layer][value=units]")
    wait_until(page, lambda: take_picture(page) != before)
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
