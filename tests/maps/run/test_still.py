"""Still pictures: the page's colours and legend, the same bytes each time, nothing run."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread

from maps.run.inputs import MapView
from maps.run.page import describe_view
from maps.run.still import draw_still, list_layers
from outreach.errors import DataError


def test_every_layer_of_the_page_can_be_drawn(town: MapView) -> None:
    assert list(list_layers(town)) == [layer["name"] for layer in describe_view(town)["layers"]]
    for layer in list_layers(town):
        assert draw_still(town, layer, width=300, height=240).startswith(b"\x89PNG")


def test_a_picture_has_the_pages_colours_and_the_size_asked_for(town: MapView) -> None:
    picture = imread(io.BytesIO(draw_still(town, "rate", width=640, height=480)))
    assert picture.shape[:2] == (480, 640)
    seen = {tuple(colour) for colour in np.rint(picture[..., :3] * 255).astype(int).reshape(-1, 3)}
    (layer,) = [layer for layer in describe_view(town)["layers"] if layer["name"] == "rate"]
    for colour in layer["colours"]:
        assert tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5)) in seen


def test_an_svg_has_the_pages_legend_date_and_source_and_hostile_names_stay_text(
    town: MapView,
) -> None:
    svg = draw_still(town, "rate", "svg").decode()
    root = ET.fromstring(svg)
    said = " ".join(text for text in root.itertext())
    (layer,) = [layer for layer in describe_view(town)["layers"] if layer["name"] == "rate"]
    assert all(label in said for label in layer["labels"])
    assert "June 12, 2020" in said
    assert "An invented town." in said
    assert "<script>window.hacked" in said
    assert not [element for element in root.iter() if element.tag.endswith("script")]


def test_the_same_view_gives_the_same_bytes(town: MapView) -> None:
    for form in ("png", "svg"):
        assert draw_still(town, "missing", form) == draw_still(town, "missing", form)


def test_a_title_in_dollars_is_no_formula(town: MapView) -> None:
    assert draw_still(replace(town, title="$\\frac{1}{0} $ and $x"), "rate", width=300, height=240)


def test_an_unknown_layer_is_named_with_those_there_are(town: MapView) -> None:
    with pytest.raises(DataError, match=r"'weather'.*rate"):
        draw_still(town, "weather")
