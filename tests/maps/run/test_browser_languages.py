"""The map page speaks another language without losing the view."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from maps.run.inputs import MapView
from maps.run.page import build_map
from outreach.catalog import read_words
from tests.browser import read_fragment, wait_until
from tests.maps.run.screen import show
from tests.rtl import read_right_to_left

pytestmark = pytest.mark.browser


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
