"""Describe layers for legends: classes, colors, and words."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from maps.layer import FigureUnit, Layer, LayerShape
from outreach.palette import ARM_COLORS, Method, choose_edges

_UNIT_WORDS = {
    FigureUnit.SHARE: "percent",
    FigureUnit.POINTS: "percentage points",
    FigureUnit.COUNT: "households",
    FigureUnit.USD: "US dollars",
    FigureUnit.SCORE: "index",
}


def describe_layer(
    name: str, layer: Layer, figures: "pd.Series[float]", source: str
) -> dict[str, Any]:
    """Describe a layer for the page: its words, and its classes or the scale of its circles.

    Parameters
    ----------
    name
        The layer's module name.
    layer
        The layer.
    figures
        The figures to classify: the column at the data date, or the whole season for a layer that
        follows the slider.
    source
        The source of the rates, for layers that name none.

    Returns
    -------
    dict
        Plain values for JSON; ``assets/legend.js`` reads them.
    """
    figures = figures.dropna()
    words = {
        "name": name,
        "title": layer.title,
        "short": layer.short or layer.title,
        "note": layer.note,
        "group": layer.group,
        "column": layer.column,
        "unit": layer.unit.value,
        "unitWords": _UNIT_WORDS[layer.unit],
        "shape": layer.shape.value,
        "season": layer.season.value,
        "dated": layer.dated,
        "source": layer.source or source,
    }

    if layer.shape is LayerShape.CIRCLES:
        top = max(float(figures.max()), 1.0) if len(figures) else 1.0
        return {
            **words,
            "color": layer.palette.anchors[-2],
            "top": top,
            "method": "circle area in proportion",
        }

    edges, method = choose_edges(figures, layer.method, layer.classes, layer.center)
    return {
        **words,
        "edges": edges,
        "colors": layer.palette.sample(len(edges)),
        "labels": label_classes(edges, layer.unit, figures, fixed=layer.method is Method.RATES),
        "method": (
            f"{len(edges)} classes in {method.words}" if len(edges) > 1 else "one figure everywhere"
        ),
        "arms": ARM_COLORS if layer.shape in {LayerShape.TARGETS, LayerShape.UNITS} else {},
    }


def label_classes(
    edges: list[float], unit: FigureUnit, figures: "pd.Series[float]", *, fixed: bool = False
) -> list[str]:
    """Write each class as a range in the unit's numbers, such as ``40 to 50``.

    Reports use the same words (``map`` in the catalogs).

    Parameters
    ----------
    edges
        Upper edges, rising.
    unit
        How figures are written.
    figures
        If some lie more than a step below the first edge, or beyond the last, that class is written
        as open.
    fixed
        Whether the edges do not depend on the figures. The first and the last class are then always
        open, so that the same classes have the same words everywhere.
    """
    texts = [_write_edge(edge, unit, edges) for edge in edges]
    if len(edges) == 1:
        return texts

    start = round(edges[0] - (edges[1] - edges[0]), 9)
    labels = [
        f"{first} to {last}" for first, last in pairwise([_write_edge(start, unit, edges), *texts])
    ]
    if fixed or figures.min() < start or (unit is not FigureUnit.POINTS and start < 0):
        labels[0] = f"{texts[0]} or less"
    if fixed or figures.max() > edges[-1]:
        labels[-1] = f"over {texts[-2]}"
    return labels


def _write_edge(value: float, unit: FigureUnit, edges: list[float]) -> str:
    """Write an edge with the fewest decimals that write all edges within 1/20 of a class."""
    factor = 100 if unit in {FigureUnit.SHARE, FigureUnit.POINTS} else 1
    scaled = np.array(edges) * factor
    slack = np.diff(scaled).min() / 20 if len(edges) > 1 else 0.05
    decimals = next(
        (places for places in range(3) if np.abs(scaled.round(places) - scaled).max() <= slack), 3
    )
    text = f"{abs(value) * factor:,.{decimals}f}"
    sign = "\N{MINUS SIGN}" if value < 0 else "+" if unit is FigureUnit.POINTS and value > 0 else ""
    return f"{sign}${text}" if unit is FigureUnit.USD else f"{sign}{text}"
