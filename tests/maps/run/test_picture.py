"""Pictures have the page's colors and legend, and the same bytes each time."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from maps.run.columns import gather_columns
from maps.run.inputs import MapView
from maps.run.layer_choice import choose_layers
from maps.run.page import describe_view
from maps.run.picture import draw_picture
from outreach.errors import DataError


@pytest.mark.slow
def test_every_layer_of_the_page_can_be_drawn(town: MapView) -> None:
    names = list(choose_layers(gather_columns(town)))
    needs_hands = {"low_and_many", "dots", "by_district"}
    listed = [layer["name"] for layer in describe_view(town)["layers"]]
    assert names == [name for name in listed if name not in needs_hands]
    for name in names:
        assert draw_picture(town, name, width=300, height=240).startswith(b"\x89PNG")


def test_a_picture_has_the_pages_colors_and_the_requested_size(town: MapView) -> None:
    picture = imread(io.BytesIO(draw_picture(town, "rate", width=640, height=480)))
    assert picture.shape[:2] == (480, 640)
    pixels = np.rint(picture[..., :3] * 255).astype(int).reshape(-1, 3)
    colors = {tuple(pixel) for pixel in pixels}
    (layer,) = [layer for layer in describe_view(town)["layers"] if layer["name"] == "rate"]
    for color in layer["colors"]:
        assert tuple(int(color[place : place + 2], 16) for place in (1, 3, 5)) in colors


def test_an_svg_has_legend_date_and_source_and_hostile_names_stay_text(town: MapView) -> None:
    root = ET.fromstring(draw_picture(town, "rate", "svg").decode())
    text = " ".join(root.itertext())
    layer = describe_view(town)["languages"][0]["layers"]["rate"]
    assert all(label in text for label in layer["labels"])
    assert "June 12, 2020" in text
    assert "Source: U.S. Census Bureau, 2020" in text
    assert "<script>window.hacked" in text
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_a_picture_of_a_plan_says_so_and_has_no_data_of_its_day(town: MapView) -> None:
    words = tuple(each.plan(2030, 2020) for each in town.languages)
    picture = draw_picture(replace(town, languages=words), "rate", "svg").decode()
    text = " ".join(ET.fromstring(picture).itertext())
    assert "Plan of June 12, 2020" in text
    assert "Data as of" not in text


@pytest.mark.slow
def test_the_same_view_gives_the_same_bytes(town: MapView) -> None:
    for form in ("png", "svg"):
        assert draw_picture(town, "missing", form) == draw_picture(town, "missing", form)


def test_a_title_with_dollar_signs_is_not_a_formula(town: MapView) -> None:
    title = "$\\frac{1}{0} $ and $x"
    assert draw_picture(replace(town, title=title), "rate", width=300, height=240)


def test_an_unknown_layer_is_named_with_the_existing_ones(town: MapView) -> None:
    with pytest.raises(DataError, match=r"'weather'.*rate"):
        draw_picture(town, "weather")
