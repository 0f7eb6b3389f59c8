"""Every layer follows the same rules."""

import dataclasses

import pandas as pd
import pytest

from maps import layers
from maps.layer import FigureUnit, Layer, LayerShape
from maps.run.inputs import MapView
from maps.run.page import describe_view
from outreach.registry import discover

LAYERS = discover(layers, "LAYER", Layer)


def test_the_layers_of_the_first_map_are_there() -> None:
    assert {"rate", "internet", "missing", "priority", "targets"} <= set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_says_what_it_shows(name: str) -> None:
    layer = LAYERS[name]
    assert 3 <= len(layer.title) <= 30
    assert layer.note.endswith(".")
    assert 2 <= layer.classes <= 9
    assert layer.group in {"Response", "Plan", "Who lives here"}
    endings = {
        FigureUnit.SHARE: ("_share", "_score"),
        FigureUnit.POINTS: ("_points",),
        FigureUnit.COUNT: ("_count",),
        FigureUnit.USD: ("_usd",),
    }
    assert layer.column.endswith(endings.get(layer.unit, ("",)))


@pytest.mark.parametrize("name", LAYERS)
def test_diverging_colors_and_a_center_go_together(name: str) -> None:
    assert LAYERS[name].palette.diverging == (LAYERS[name].center is not None)


@pytest.mark.parametrize(
    "name", [name for name, layer in LAYERS.items() if layer.unit is FigureUnit.COUNT]
)
def test_counts_are_circles_and_not_fills(name: str) -> None:
    assert LAYERS[name].shape is LayerShape.CIRCLES


def test_orders_and_titles_differ() -> None:
    assert (
        len({layer.order for layer in LAYERS.values()})
        == len({layer.title for layer in LAYERS.values()})
        == len(LAYERS)
    )


def test_a_layer_without_its_column_is_left_out(town: MapView) -> None:
    assert {layer["name"] for layer in describe_view(town)["layers"]} == set(LAYERS) - {"units"}
    less = dataclasses.replace(
        town, scores=town.scores.drop(columns=["final_share", "peer_share"]), history=None
    )
    names = {layer["name"] for layer in describe_view(less)["layers"]}
    assert names == set(LAYERS) - {"units", "forecast", "ahead", "change_week", "change_month"}


def test_every_figure_has_a_class(town: MapView) -> None:
    description = describe_view(town)
    for layer in description["layers"]:
        if layer["shape"] == "circles":
            continue
        column = description["columns"][layer["column"]]
        figures = pd.Series(column["values"]).dropna() * column["scale"]
        assert len(layer["edges"]) == len(layer["colors"]) == len(layer["labels"])
        assert layer["edges"] == sorted(layer["edges"])
        assert len(figures)
