"""A view is shared as a link, a sentence, a picture, and a page of paper."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from PIL import Image, ImageColor, ImageOps

from maps.run.inputs import MapView
from maps.run.page import build_map
from outreach import palette
from tests.browser import wait_until
from tests.maps.conftest import score_tracts
from tests.maps.run.paper import RESOLUTION, count_pages, find_box, print_picture, read_paper
from tests.maps.run.screen import divide_town, show

pytestmark = pytest.mark.browser


def keep_copies(page: Any) -> None:
    """Let the page copy into a variable: a headless browser has no clipboard to read."""
    page.evaluate(
        """() => Object.defineProperty(navigator, "clipboard", {
        value: { writeText: async (text) => { window.copied = text; } } })"""
    )


def test_a_file_on_a_disk_copies_the_view_and_no_path(
    reader: Any, town: MapView, town_page: str
) -> None:
    page = reader.open(town_page, fragment="#layer=priority&in.Ward=Ward 2")
    keep_copies(page)
    page.click("#copy-link")
    wait_until(page, lambda: page.evaluate("window.copied !== undefined"))
    copied = page.evaluate("window.copied")
    assert "file:" not in copied
    assert "/tmp" not in copied
    assert f"{town.title}, data of June 12, 2020. Open the map" in copied

    # The sentence opens the view in the search field of another copy.
    other = reader.open(town_page)
    other.evaluate(
        """(text) => { const data = new DataTransfer();
        data.setData("text/plain", text);
        document.getElementById("find").dispatchEvent(
          new ClipboardEvent("paste", { clipboardData: data, cancelable: true })); }""",
        copied,
    )
    wait_until(other, lambda: other.is_checked("[name=layer][value=priority]"))
    assert "Ward 2" in other.inner_text("#popup")


def test_a_phone_opens_its_share_sheet(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, width=390, height=844, has_touch=True, is_mobile=True)
    assert page.is_hidden("#share")
    page.add_init_script("navigator.share = async (shared) => { window.shared = shared; };")
    page.reload()
    page.click("#share")
    wait_until(page, lambda: page.evaluate("window.shared !== undefined"))
    shared = page.evaluate("window.shared")
    assert "url" not in shared
    assert "June 12, 2020" in shared["text"]


def test_a_phone_that_takes_pictures_shares_the_map_as_one(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, width=390, height=844, has_touch=True, is_mobile=True)
    page.add_init_script(
        """navigator.canShare = ({ files }) => files[0].type === "image/png";
        navigator.share = async (shared) => { window.shared = shared; };"""
    )
    page.reload()
    page.click("#share")
    wait_until(page, lambda: page.evaluate("window.shared !== undefined"))
    name, size = page.evaluate("(({ name, size }) => [name, size])(shared.files[0])")
    assert name == "map-rate-2020-06-12.png"
    assert size > 10_000
    assert "June 12, 2020" in page.evaluate("shared.text")


def test_a_district_has_a_light_and_a_dark_edge_and_no_fill(reader: Any, town_page: str) -> None:
    page = reader.open(town_page, fragment="#in.Ward=Ward 2")
    white = """(() => { const canvas = document.querySelector(".leaflet-aloft-pane canvas");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4)
          if (data[at] > 250 && data[at + 1] > 250 && data[at + 3] > 100) count += 1;
        return count; })()"""
    assert page.evaluate(white) > 1000
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    edges = page.eval_on_selector_all(
        ".sheet-of g:last-of-type path",
        "all => all.map(path => [path.getAttribute('stroke'), path.getAttribute('fill')])",
    )
    assert {fill for _, fill in edges} == {"none"}
    assert edges[-2:] == [["#fff", "none"], ["#16242f", "none"]]


@pytest.mark.parametrize("fragment", ["#show=Ward", "#than=2020-04-03", "#layer=low_and_many"])
def test_a_picture_has_map_and_legend_in_their_colors(
    reader: Any, town_page: str, tmp_path: Path, fragment: str
) -> None:
    page = reader.open(town_page, fragment=fragment, color_scheme="dark")
    with page.expect_download() as download:
        page.click("#save-image")
    assert download.value.suggested_filename.endswith("-2020-06-12.png")
    file = tmp_path / "picture.png"
    download.value.save_as(file)
    with Image.open(file) as saved:
        assert saved.width > 1500
        counts = {color: count for count, color in saved.convert("RGB").getcolors(2**24)}
    shown = palette.PAIR_COLORS if "pair" in fragment or "many" in fragment else None
    for color in (shown or palette.RATE_CLASSES.colors)[1:6]:
        assert counts.get(ImageColor.getrgb(color), 0) > 100
    assert counts[255, 255, 255] > sum(counts.values()) / 10


def test_a_district_prints_one_page_with_tract_numbers(
    reader: Any, town: MapView, tmp_path: Path
) -> None:
    page = reader.open(build_map(divide_town(town)), fragment="#in.Ward=Ward 2")
    page.evaluate("globalThis.print = () => {}")
    page.click("#print-sheet")
    print_picture(page, tmp_path)
    assert count_pages(tmp_path) == 1
    text = read_paper(tmp_path)
    for words in ("Ward 2", "24 tracts", "June 12, 2020", "self-response rates", "50%", "Rank"):
        assert words in text
    # Each tract stands in the table and on the map.
    assert text.split().count("24") >= 2

    # The screen is as before.
    assert page.locator(".number").count() == 0
    show(page, "filter")
    assert page.is_hidden("#sheet")


def spread_town(town: MapView) -> MapView:
    """Put three towns side by side, as one district with a long name."""
    copies = [
        town.tracts.assign(
            name=[f"{at}{number:02d}.01" for number in range(36)],
            geometry=town.tracts.geometry.translate(0.06 * at),
        ).set_axis([f"9900{at}{number:04d}00" for number in range(1, 37)])
        for at in (1, 2, 3)
    ]
    tracts = gpd.GeoDataFrame(pd.concat(copies).rename_axis("geoid"), crs=4326)
    name = "Board of Commissioners, District of the Northern and Northwestern Suburbs"
    board = gpd.GeoDataFrame(
        {"name": [name], "kind": "Board"}, geometry=[tracts.union_all()], crs=4326
    )
    scores = score_tracts(tracts)
    return dataclasses.replace(
        town, tracts=tracts, scores=scores, targets=None, history=None, districts=board
    )


def test_a_large_district_prints_one_page_in_both_directions(
    reader: Any, town: MapView, tmp_path: Path
) -> None:
    view = spread_town(town)
    page = reader.open(build_map(view), fragment=f"#in.Board={view.districts['name'].iloc[0]}")
    page.evaluate("globalThis.print = () => {}")
    for is_wide in (False, True):
        page.click("#print-sheet")
        paper = print_picture(page, tmp_path, landscape=is_wide)
        assert count_pages(tmp_path) == 1
        words = read_paper(tmp_path)
        assert "36 more tracts" in words
        assert len(re.findall(r"\d\d\.\d%", words)) == 1 + 72

        # Nothing is cut off at the right edge, and numbers stand on the map.
        ink = find_box(ImageOps.invert(paper).point(lambda value: 255 * (value > 0)), ["#ffffff"])
        assert ink[2] <= paper.width - 12 / 25.4 * RESOLUTION + 1
        assert len(re.findall(r"\d\d\d\.01", words)) > 72 + 40
