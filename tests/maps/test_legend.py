"""Legends have classes and words that fit the figures."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape, SliderRule
from maps.legend import describe_layer, label_classes, word_layer
from outreach import palette
from outreach.catalog import read_words
from outreach.palette import Method, choose_edges
from outreach.reports.charts.legend import list_classes

LAYER = Layer(
    column="rate",
    unit=FigureUnit.SHARE,
    palette=palette.BLUE,
    group=LayerGroup.RESPONSE,
    order=0,
    classes=8,
)


WORDS = read_words("en")


def describe_both(layer: Layer, shares: "pd.Series[float]") -> dict[str, Any]:
    """Describe a layer and its words together, as a legend shows them."""
    return {
        **describe_layer("rate", layer, shares),
        **word_layer("rate", layer, shares, "Somebody.", WORDS),
    }


def figures(low: float, high: float, count: int = 500) -> "pd.Series[float]":
    return pd.Series(np.linspace(low, high, count))


def test_a_few_outliers_do_not_stretch_the_classes() -> None:
    shares = pd.concat([figures(0.41, 0.89), pd.Series([0.0, 1.0])])
    edges = choose_edges(shares, LAYER.method, LAYER.classes)[0]
    labels = label_classes(edges, FigureUnit.SHARE, shares, WORDS)
    assert labels[0] == "50 or less"
    assert labels[-1] == "over 80"


def test_a_diverging_layer_mirrors_about_its_center() -> None:
    layer = dataclasses.replace(
        LAYER, unit=FigureUnit.POINTS, center=0.0, palette=palette.ORANGE_PURPLE
    )
    shares = figures(-0.04, 0.09)
    edges = choose_edges(shares, layer.method, layer.classes, layer.center)[0]
    assert 0.0 in edges
    assert len(edges) % 2 == 0
    labels = label_classes(edges, FigureUnit.POINTS, shares, WORDS)
    assert labels[3:7] == ["\u22124 to \u22122", "\u22122 to 0", "0 to +2", "+2 to +4"]


@pytest.mark.parametrize(
    "shares", [pd.Series([], dtype=float), pd.Series([0.4, 0.4]), pd.Series([0.4])]
)
def test_few_figures_still_make_a_legend(shares: "pd.Series[float]") -> None:
    legend = describe_both(LAYER, shares)
    assert len(legend["edges"]) == len(legend["colors"]) == len(legend["labels"]) == 1


def test_edges_differ_in_writing() -> None:
    assert label_classes(
        [0.125, 0.15, 0.175], FigureUnit.SHARE, pd.Series([0.11, 0.17]), WORDS
    ) == [
        "10.0 to 12.5",
        "12.5 to 15.0",
        "15.0 to 17.5",
    ]
    assert label_classes([500, 1000], FigureUnit.USD, pd.Series([10.0, 990.0]), WORDS) == [
        "$0 to $500",
        "$500 to $1,000",
    ]


def test_circles_have_a_scale_and_no_classes() -> None:
    legend = describe_layer(
        "missing",
        dataclasses.replace(LAYER, shape=LayerShape.CIRCLES, season=SliderRule.MISSING),
        pd.Series([3.0, 800.0]),
    )
    assert legend["top"] == 800
    assert "edges" not in legend


def test_a_day_without_missing_households_still_has_a_scale() -> None:
    assert (
        describe_layer(
            "missing",
            dataclasses.replace(LAYER, shape=LayerShape.CIRCLES),
            pd.Series([0.0, 0.0]),
        )["top"]
        == 1
    )


def test_fixed_classes_have_the_same_words_on_every_date() -> None:
    layer = dataclasses.replace(LAYER, method=Method.RATES)
    early, late = (
        describe_both(layer, figures(low, high)) for low, high in ((0.01, 0.25), (0.35, 0.95))
    )
    assert early == late
    assert early["labels"][0] == "30 or less"
    assert early["labels"][-1] == "over 90"


def test_maps_and_reports_say_the_classes_of_a_rate_in_the_same_words() -> None:
    layer = dataclasses.replace(LAYER, method=Method.RATES, palette=palette.RATE)
    legend = describe_both(layer, figures(0.2, 0.9))
    on_map = list(zip(legend["colors"], legend["labels"], strict=True))
    assert on_map == list_classes(WORDS)


def test_a_legend_speaks_the_language_of_its_page() -> None:
    spanish = word_layer("rate", LAYER, figures(0.2, 0.9), "Alguien.", read_words("es"))
    assert spanish["title"] == "Tasa de respuesta"
    assert spanish["source"] == "Alguien."
    assert spanish["labels"][0] == "20 a 30"
    assert spanish["method"].startswith("7 clases en pasos redondos")
