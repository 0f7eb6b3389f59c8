"""Legends have classes and words that fit the figures."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maps.layer import FigureUnit, Layer, LayerShape, SliderRule
from maps.legend import describe_layer, label_classes
from outreach import palette
from outreach.palette import Method, choose_edges

LAYER = Layer(
    title="Rate",
    note="Shown.",
    column="rate",
    unit=FigureUnit.SHARE,
    palette=palette.BLUE,
    group="Response",
    order=0,
    classes=8,
)


def figures(low: float, high: float, count: int = 500) -> "pd.Series[float]":
    return pd.Series(np.linspace(low, high, count))


def test_a_few_outliers_do_not_stretch_the_classes() -> None:
    shares = pd.concat([figures(0.41, 0.89), pd.Series([0.0, 1.0])])
    edges = choose_edges(shares, LAYER.method, LAYER.classes)
    labels = label_classes(edges, FigureUnit.SHARE, shares)
    assert labels[0] == "up to 50"
    assert labels[-1] == "over 80"


def test_a_diverging_layer_mirrors_about_its_center() -> None:
    layer = dataclasses.replace(
        LAYER, unit=FigureUnit.POINTS, center=0.0, palette=palette.ORANGE_PURPLE
    )
    shares = figures(-0.04, 0.09)
    edges = choose_edges(shares, layer.method, layer.classes, layer.center)
    assert 0.0 in edges
    assert len(edges) % 2 == 0
    labels = label_classes(edges, FigureUnit.POINTS, shares)
    assert labels == ["\u221210 to \u22125", "\u22125 to 0", "0 to +5", "+5 to +10"]


@pytest.mark.parametrize(
    "shares", [pd.Series([], dtype=float), pd.Series([0.4, 0.4]), pd.Series([0.4])]
)
def test_few_figures_still_make_a_legend(shares: "pd.Series[float]") -> None:
    legend = describe_layer("rate", LAYER, shares, "Somebody.")
    assert len(legend["edges"]) == len(legend["colors"]) == len(legend["labels"]) == 1


def test_edges_differ_in_writing() -> None:
    assert label_classes([0.125, 0.15, 0.175], FigureUnit.SHARE, pd.Series([0.11, 0.17])) == [
        "10.0\u201312.5",
        "12.5\u201315.0",
        "15.0\u201317.5",
    ]
    assert label_classes([500, 1000], FigureUnit.USD, pd.Series([10.0, 990.0])) == [
        "$0\u2013$500",
        "$500\u2013$1,000",
    ]


def test_circles_have_a_scale_and_no_classes() -> None:
    legend = describe_layer(
        "missing",
        dataclasses.replace(LAYER, shape=LayerShape.CIRCLES, season=SliderRule.MISSING),
        pd.Series([3.0, 800.0]),
        "Somebody.",
    )
    assert legend["top"] == 800
    assert "edges" not in legend


def test_a_day_without_missing_households_still_has_a_scale() -> None:
    assert (
        describe_layer(
            "missing",
            dataclasses.replace(LAYER, shape=LayerShape.CIRCLES),
            pd.Series([0.0, 0.0]),
            "Somebody.",
        )["top"]
        == 1
    )


def test_fixed_classes_have_the_same_words_on_every_date() -> None:
    layer = dataclasses.replace(LAYER, method=Method.RATES)
    early, late = (
        describe_layer("rate", layer, figures(low, high), "Somebody.")
        for low, high in ((0.01, 0.25), (0.35, 0.95))
    )
    assert early == late
    assert early["labels"][0] == "up to 30"
    assert early["labels"][-1] == "90\u2013100"
