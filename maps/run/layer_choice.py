"""Choose the layers a view can show and the figures of their classes."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

import pandas as pd

from maps import layers
from maps.layer import Layer, LayerShape, SliderRule
from maps.run.columns import tabulate_history
from maps.run.inputs import MapView
from maps.run.units import MapUnits
from outreach.registry import discover
from outreach.units import Arm

#: What a picture shows; the page also has layers that need a reader's hand.
PICTURED = frozenset({LayerShape.FILL, LayerShape.CIRCLES, LayerShape.TARGETS})


def choose_layers(
    rows: pd.DataFrame,
    units: MapUnits | None = None,
    shapes: Collection[LayerShape] = PICTURED,
    further: Mapping[str, Layer] = MappingProxyType({}),
) -> dict[str, Layer]:
    """Return the layers that have a figure, by name, in their order.

    Parameters
    ----------
    rows
        From :func:`maps.run.columns.gather_columns`.
    units
        ZIPs, pins, and polygons to show, if any.
    shapes
        How layers can be drawn.
    further
        Layers besides those that ship.
    """
    available = {
        name: layer
        for name, layer in {**discover(layers, "LAYER", Layer), **further}.items()
        if layer.shape in shapes and (_has_figures(rows, layer) or _has_units(layer, units))
    }
    # A plan's forecast is its rate: the same figures are not offered twice.
    if {"rate", "forecast"} <= set(available) and is_rate_expected(rows):
        del available["forecast"]
    return dict(sorted(available.items(), key=lambda item: item[1].order))


def is_rate_expected(rows: pd.DataFrame) -> bool:
    """Return whether the rate is what is expected, as in a plan: the forecast would repeat it."""
    return "final_share" in rows and rows["final_share"].equals(
        rows["cumulative_share"].rename("final_share")
    )


def list_figures(
    view: MapView, rows: pd.DataFrame, layer: Layer, units: MapUnits | None = None
) -> "pd.Series[float]":
    """Return the figures that a layer's classes come from.

    For the rate these are the figures of the whole season, for words their places in the names of
    the layer.
    """
    if layer.names:
        return place_words(rows[layer.column], layer.names)
    if layer.shape is LayerShape.UNITS and units is not None:
        return units.table.loc[units.table["arm"] == Arm.TREAT, "budget_usd"]
    has_season = layer.season is SliderRule.RATE and layer.shape is not LayerShape.PAIR
    if has_season and view.history is not None:
        return tabulate_history(view).melt()["value"]
    return rows[layer.column]


def place_words(words: "pd.Series[str]", names: tuple[str, ...]) -> "pd.Series[float]":
    """Return the place of each word among names, from 0; missing is NaN."""
    return words.map({name: float(place) for place, name in enumerate(names)}).astype(float)


def _has_figures(rows: pd.DataFrame, layer: Layer) -> bool:
    """Return whether some tract has the figure of a layer, or both of its figures."""
    columns = [name for name in (layer.column, layer.second) if name]
    return all(name in rows and rows[name].notna().any() for name in columns)


def _has_units(layer: Layer, units: MapUnits | None) -> bool:
    return layer.shape is LayerShape.UNITS and units is not None
