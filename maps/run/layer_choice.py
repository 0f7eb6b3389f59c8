"""Choose the layers a view can show and the figures of their classes."""

import pandas as pd

from maps import layers
from maps.layer import Layer, LayerShape, SliderRule
from maps.run.columns import tabulate_history
from maps.run.inputs import MapView
from maps.run.units import MapUnits
from outreach.registry import discover
from outreach.units import Arm


def choose_layers(rows: pd.DataFrame, units: MapUnits | None = None) -> dict[str, Layer]:
    """Return the layers that have a figure, by name, in their order.

    Parameters
    ----------
    rows
        From :func:`maps.run.columns.gather_columns`.
    units
        ZIPs, pins, and polygons to show, if any.
    """
    available = {
        name: layer
        for name, layer in discover(layers, "LAYER", Layer).items()
        if (layer.column in rows and rows[layer.column].notna().any())
        or (layer.shape is LayerShape.UNITS and units is not None)
    }
    return dict(sorted(available.items(), key=lambda item: item[1].order))


def list_figures(
    view: MapView, rows: pd.DataFrame, layer: Layer, units: MapUnits | None = None
) -> "pd.Series[float]":
    """Return the figures that a layer's classes come from.

    For the rate these are the figures of the whole season.
    """
    if layer.shape is LayerShape.UNITS and units is not None:
        return units.table.loc[units.table["arm"] == Arm.TREAT, "budget_usd"]
    if layer.season is SliderRule.RATE and view.history is not None:
        return tabulate_history(view).melt()["value"]
    return rows[layer.column]
