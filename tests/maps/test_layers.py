"""Every layer follows the same rules."""

import dataclasses

import pandas as pd
import pytest

from maps import layers
from maps.layer import FigureUnit, Layer, LayerShape
from maps.run.inputs import MapView
from maps.run.page import describe_view
from outreach.catalog import Words, read_all, read_words
from outreach.registry import discover

LAYERS = discover(layers, "LAYER", Layer)


def test_the_layers_of_the_first_map_are_there() -> None:
    assert {"rate", "internet", "missing", "priority", "targets"} <= set(LAYERS)


@pytest.mark.parametrize("words", read_all(), ids=lambda words: words.code)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_says_what_it_shows_in_every_language(name: str, words: Words) -> None:
    assert 3 <= len(words.say(f"layer.{name}.title")) <= 30
    assert words.say(f"layer.{name}.note").endswith(".")
    assert not any(key.startswith(f"layer.{name}.") for key in words.untranslated)


def test_no_layer_is_named_that_is_not_there() -> None:
    named = {key.split(".")[1] for key in read_words("en").texts if key.startswith("layer.")}
    assert named == set(LAYERS)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_classes_and_a_column_of_its_unit(name: str) -> None:
    layer = LAYERS[name]
    assert 2 <= layer.classes <= 9
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
    assert LAYERS[name].shape in {LayerShape.CIRCLES, LayerShape.DOTS, LayerShape.DISTRICTS}


@pytest.mark.parametrize("words", read_all(), ids=lambda words: words.code)
def test_orders_and_titles_differ(words: Words) -> None:
    titles = {words.say(f"layer.{name}.title") for name in LAYERS}
    assert len({layer.order for layer in LAYERS.values()}) == len(titles) == len(LAYERS)


def test_a_plan_offers_what_it_expects_once_as_a_layer_and_as_a_filter(town: MapView) -> None:
    rate = town.tracts["cumulative_share"].reindex(town.scores.index)
    plan = describe_view(dataclasses.replace(town, scores=town.scores.assign(final_share=rate)))
    layers_shown = {layer["name"] for layer in plan["layers"]}
    assert {"rate", "hard_to_count"} <= layers_shown
    assert "forecast" not in layers_shown
    filtered, usual = (
        {line["column"] for line in page["filters"]} for page in (plan, describe_view(town))
    )
    assert filtered == usual - {"final_share"}


def test_a_layer_without_its_column_is_left_out(town: MapView) -> None:
    assert {layer["name"] for layer in describe_view(town)["layers"]} == set(LAYERS) - {"units"}
    less = dataclasses.replace(
        town, scores=town.scores.drop(columns=["final_share", "peer_share"]), history=None
    )
    names = {layer["name"] for layer in describe_view(less)["layers"]}
    assert names == set(LAYERS) - {
        "units",
        "forecast",
        "hard_to_count",
        "ahead",
        "change_week",
        "change_month",
    }


def test_every_figure_has_a_class(town: MapView) -> None:
    description = describe_view(town)
    english = description["languages"][0]["layers"]
    for layer in description["layers"]:
        if layer["shape"] in {"circles", "dots", "districts", "pair"}:
            continue
        column = description["columns"][layer["column"]]
        figures = pd.Series(column["values"]).dropna() * column["scale"]
        assert len(layer["edges"]) == len(layer["colors"])
        assert len(layer["edges"]) == len(english[layer["name"]]["labels"])
        assert layer["edges"] == sorted(layer["edges"])
        assert len(figures)


def test_two_figures_at_once_have_nine_colors_and_about_equal_thirds(town: MapView) -> None:
    layers_shown = {layer["name"]: layer for layer in describe_view(town)["layers"]}
    pair = layers_shown["low_and_many"]
    assert len(set(pair["colors"])) == 9
    for edges, figures in (
        (pair["edges"], town.tracts["cumulative_share"]),
        (pair["secondEdges"], town.scores["missing_households_count"]),
    ):
        counts = pd.cut(figures.dropna(), [-1, *edges, 1e9]).value_counts()
        assert counts.min() >= 0.8 * len(figures.dropna()) / 3


def test_a_map_without_districts_counts_none(town: MapView) -> None:
    view = dataclasses.replace(town, districts=None)
    names = {layer["name"] for layer in describe_view(view)["layers"]}
    assert "by_district" not in names
    assert {"dots", "low_and_many"} <= names
