"""Tracts are selected by mouse, finger, and keys, and divided among teams."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from maps.run.columns import measure_change, tabulate_history
from maps.run.inputs import MapView
from tests.browser import read_fragment, wait_until
from tests.maps.run.screen import find_on_screen, show

pytestmark = pytest.mark.browser

#: Around tracts 8, 9, 14, and 15 of the town: latitude and longitude.
ROPE = [(40.01, -89.99), (40.01, -89.97), (40.03, -89.97), (40.03, -89.99)]
INSIDE = {f"99001{number:04d}00" for number in (8, 9, 14, 15)}


def save(page: Any, button: str) -> str:
    """Press a button and return the text of the file that it saves."""
    with page.expect_download() as download:
        page.click(button)
    return Path(download.value.path()).read_text(encoding="utf-8-sig")


def press_key(name: str) -> str:
    return f"#panel-turfs [data-key={name}]"


def draw_around(page: Any) -> None:
    show(page, "turfs")
    page.click(press_key("lasso"))
    page.mouse.move(*find_on_screen(page, *ROPE[0]))
    page.mouse.down()
    for corner in ROPE[1:]:
        page.mouse.move(*find_on_screen(page, *corner), steps=4)
    page.mouse.up()


def test_shift_and_a_click_select_tracts_and_a_link_keeps_them(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page)
    show(page, "turfs")
    for latitude, longitude in ((40.015, -89.985), (40.015, -89.975)):
        page.keyboard.down("Shift")
        before = read_fragment(page)
        page.mouse.click(*find_on_screen(page, latitude, longitude))
        page.keyboard.up("Shift")
        wait_until(page, lambda before=before: read_fragment(page) != before)  # type: ignore[misc]
    assert page.is_hidden("#popup")
    geoids = ["99001000800", "99001000900"]
    missing = town.scores.loc[geoids, "missing_households_count"].sum()
    assert page.inner_text("#panel-turfs .sum").startswith(
        f"2 tracts selected · {missing:,.0f} households missing · "
    )
    assert "pick=" in read_fragment(page)
    again = reader.open(town_page, fragment=read_fragment(page))
    show(again, "turfs")
    assert again.inner_text("#panel-turfs .sum").startswith("2 tracts selected")


def test_a_line_around_tracts_selects_them_or_takes_them_away(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    draw_around(page)
    rows = list(csv.DictReader(io.StringIO(save(page, press_key("save_selection")))))
    assert {row["geo_id"][-11:] for row in rows} == INSIDE
    shapes = json.loads(save(page, press_key("save_selection_shapes")))["features"]
    assert [each["properties"]["geo_id"] for each in shapes] == [row["geo_id"] for row in rows]
    for shape, row in zip(shapes, rows, strict=True):
        assert "turf" not in shape["properties"]
        for column in ("cumulative_share", "missing_households_count", "change_7_points"):
            figure = shape["properties"][column]
            assert figure == (float(row[column]) if row[column] else None)
    page.check("#panel-turfs input[type=checkbox]")
    draw_around(page)
    assert page.inner_text("#panel-turfs .sum") == "No tract is selected."


def test_a_finger_draws_around_tracts(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, width=390, height=844, has_touch=True, is_mobile=True)
    show(page, "turfs")
    page.click(press_key("lasso"))
    hand = page.context.new_cdp_session(page)
    for step, corner in enumerate(ROPE):
        x, y = find_on_screen(page, *corner)
        kind = "touchMove" if step else "touchStart"
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_until(page, lambda: page.is_visible("#panel-turfs"))
    assert page.inner_text("#panel-turfs .sum").startswith("4 tracts selected")


def test_escape_ends_drawing(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    show(page, "turfs")
    page.click(press_key("lasso"))
    assert page.locator(".lasso").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".lasso").count() == 0


def test_partners_pick_tracts_by_district_rank_and_rate(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page)
    show(page, "filter")
    page.select_option("[aria-label='Ward']", "Ward 2")
    page.fill("[aria-label='Response rate to']", "60")
    page.fill("[aria-label='Priority rank to']", "20")
    show(page, "turfs")
    page.click(press_key("match"))
    rows = list(csv.DictReader(io.StringIO(save(page, press_key("save_selection")))))
    tracts = town.tracts.join(town.scores["rank"])
    fits = (tracts["cumulative_share"] <= 0.6) & (tracts["rank"] <= 20)
    fits &= tracts.bounds["minx"] > -89.971
    assert {row["geo_id"][-11:] for row in rows} == set(tracts.index[fits])
    assert fits.any()


def test_a_turf_has_name_team_and_note_in_link_and_file(
    reader: Any, town_page: str, tmp_path: Path
) -> None:
    page = reader.open(town_page)
    draw_around(page)
    page.click(press_key("make"))
    page.keyboard.type('North & "side"')
    page.get_by_label("Team").fill("Team ä")
    page.get_by_label("Note").fill("Ring twice; dogs")
    wait_until(page, lambda: "dogs" in read_fragment(page))
    again = reader.open(town_page, fragment=read_fragment(page))
    show(again, "turfs")
    assert again.input_value("#panel-turfs .turf input") == 'North & "side"'
    assert again.get_by_label("Note").input_value() == "Ring twice; dogs"
    assert 'North & "side"' in again.inner_text(".turf-name")
    saved = save(again, press_key("save"))

    # The file opens on a map without turfs, and says what that map lacks.
    content = json.loads(saved)
    assert set(content["turfs"][0]["tracts"]) == INSIDE
    content["turfs"][0]["tracts"].append("17031000100")
    file = tmp_path / "turfs.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    fresh = reader.open(town_page)
    show(fresh, "turfs")
    fresh.set_input_files("#panel-turfs input[type=file]", file)
    news = fresh.locator("#panel-turfs [role=status]")
    wait_until(fresh, lambda: "1 tract of the file is not on this map" in news.inner_text())
    assert fresh.get_by_label("Team").input_value() == "Team ä"
    assert fresh.inner_text("#panel-turfs .turf .sum").startswith("4 tracts")


def test_a_link_without_turfs_takes_none_away(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    draw_around(page)
    page.click(press_key("make"))
    page.evaluate("location.hash = '#layer=priority'")
    wait_until(page, lambda: page.evaluate("document.querySelector('[value=priority]').checked"))
    assert page.inner_text("#panel-turfs .turf .sum").startswith("4 tracts")


@pytest.mark.parametrize(
    "text", ["no JSON", "{}", '{"format": "census-outreach-turfs", "turfs": [{"tracts": 3}]}', "[]"]
)
def test_another_file_is_refused_and_nothing_is_lost(
    reader: Any, town_page: str, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    page = reader.open(town_page)
    draw_around(page)
    page.click(press_key("make"))
    page.set_input_files("#panel-turfs input[type=file]", file)
    news = page.locator("#panel-turfs [role=status]")
    wait_until(page, lambda: "other.json is not a file of saved turfs" in news.inner_text())
    assert page.locator("#panel-turfs .turf").count() == 1


def test_a_tract_has_one_turf_and_the_keyboard_chooses_it(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    draw_around(page)
    page.click(press_key("make"))
    page.fill("#find", "tract 8")
    page.keyboard.press("Enter")
    page.focus("#pick")
    page.keyboard.press("Enter")
    assert page.get_attribute("#pick", "aria-pressed") == "true"
    assert page.evaluate("document.activeElement.id") == "pick"
    page.click(press_key("make"))
    holds = page.locator("#panel-turfs .turf .sum")
    assert [text.split(" · ")[0] for text in holds.all_inner_texts()] == ["3 tracts", "1 tract"]
    page.select_option("#turf", label="Turf 1")
    assert [text.split(" · ")[0] for text in holds.all_inner_texts()] == ["4 tracts", "0 tracts"]
    page.select_option("#turf", label="None")
    assert holds.all_inner_texts()[0].startswith("3 tracts")


def test_turfs_are_saved_as_a_table_and_as_shapes(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page)
    draw_around(page)
    page.click(press_key("make"))
    page.keyboard.type("=Turf")
    rows = list(csv.DictReader(io.StringIO(save(page, press_key("csv")))))
    assert {row["geo_id"][-11:] for row in rows} == INSIDE
    assert {row["turf"] for row in rows} == {"'=Turf"}
    changes = 100 * measure_change(tabulate_history(town), 7)
    for row in rows:
        change = changes[row["geo_id"][-11:]]
        assert float(row["change_7_points"]) == pytest.approx(change, abs=0.011)
    meanings = list(csv.DictReader(io.StringIO(save(page, press_key("explain")))))
    assert [row["column"] for row in meanings] == list(rows[0])

    shapes = gpd.GeoDataFrame.from_features(json.loads(save(page, press_key("geojson"))))
    shapes = shapes.set_index(shapes["geo_id"].str[-11:])
    assert set(shapes.index) == INSIDE
    assert set(shapes["turf"]) == {"=Turf"}
    for geoid, shape in shapes.geometry.items():
        assert shape.is_valid
        assert all(part.exterior.is_ccw for part in shape.geoms)
        own = town.tracts.geometry[geoid]
        assert shape.symmetric_difference(own).area < 0.01 * own.area


@pytest.mark.parametrize(
    "fragment",
    ["#pick=.._zz&tracts=1&turf=A", "#turf=A&turf=B&tracts=99001.3f.zz%00", "#pick=99001"],
)
def test_a_broken_link_of_turfs_still_shows_the_map(
    reader: Any, town_page: str, fragment: str
) -> None:
    page = reader.open(town_page, fragment=fragment)
    assert page.inner_text("#tally").startswith("36 tracts")


def test_tracts_stand_briefly_in_a_link(reader: Any, town_page: str) -> None:
    page = reader.open(town_page)
    geoids = ["17031010100", "17031010201", "17031843900", "17043846607", "01001020100"]
    packed = page.evaluate("(geoids) => packTracts(geoids)", geoids)
    assert len(packed) < 40
    assert page.evaluate("(text) => unpackTracts(text)", packed) == sorted(geoids)
