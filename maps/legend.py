"""Describe layers for legends: classes, colors, and words."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from maps.layer import FigureUnit, Layer, LayerShape
from outreach.catalog import Words
from outreach.palette import ARM_COLORS, FIXED_EDGES, PAIR_COLORS, choose_edges

_UNIT_KEYS = {
    FigureUnit.SHARE: "classes.share",
    FigureUnit.POINTS: "classes.points",
    FigureUnit.COUNT: "classes.households",
    FigureUnit.USD: "classes.usd",
    FigureUnit.SCORE: "classes.score",
    FigureUnit.CLASS: "classes.class",
}


#: Missing households that one dot stands for.
DOT_HOUSEHOLDS = 50
#: Steps in which the thirds of a pair are rounded: rates, and counts of households.
_RATE_STEP, _COUNT_STEP = 0.01, 10
#: These have no classes.
_SCALED = frozenset({LayerShape.CIRCLES, LayerShape.DOTS, LayerShape.DISTRICTS})


def describe_layer(
    name: str,
    layer: Layer,
    figures: "pd.Series[float]",
    second: "pd.Series[float] | None" = None,
) -> dict[str, Any]:
    """Describe how a layer is drawn: its classes, or the scale of its circles.

    Parameters
    ----------
    name
        The layer's module name.
    layer
        The layer.
    figures
        The figures to classify: the column at the data date, or the whole season for a layer that
        follows the slider. For a layer of words they are the places of the words in its ``names``.
    second
        The other figures of :attr:`~maps.layer.LayerShape.PAIR`, at the data date.

    Returns
    -------
    dict
        Plain values for JSON; ``assets/legend.js`` reads them.
    """
    figures = figures.dropna()
    shape = {
        "name": name,
        "column": layer.column,
        "unit": layer.unit.value,
        "shape": layer.shape.value,
        "season": layer.season.value,
        "dated": layer.dated,
    }

    if layer.shape in _SCALED:
        top = max(float(figures.max()), 1.0) if len(figures) else 1.0
        return {**shape, "color": layer.palette.anchors[-2], "top": top, "dots": DOT_HOUSEHOLDS}
    if layer.shape is LayerShape.PAIR and second is not None:
        return {
            **shape,
            "second": layer.second,
            "edges": _find_thirds(figures, _RATE_STEP),
            "secondEdges": _find_thirds(second, _COUNT_STEP),
            "colors": PAIR_COLORS,
        }

    edges = list(map(float, range(len(layer.names))))
    if not layer.names:
        edges, _ = choose_edges(figures, layer.method, layer.classes, layer.center)
    return {
        **shape,
        "edges": edges,
        "colors": layer.palette.sample(len(edges)),
        "arms": ARM_COLORS if layer.shape in {LayerShape.TARGETS, LayerShape.UNITS} else {},
    }


def word_layer(
    name: str, layer: Layer, figures: "pd.Series[float]", source: str, words: Words
) -> dict[str, Any]:
    """Put a layer in words: its title, how to read it, and what its classes are.

    Parameters
    ----------
    name, layer, figures
        As in :func:`describe_layer`.
    source
        The source of the rates, for layers that name none.
    words
        The language.

    Returns
    -------
    dict
        Plain values for JSON, by the names that ``assets/legend.js`` reads.
    """
    key, figures = f"layer.{name}", figures.dropna()
    title = words.say(f"{key}.title")
    texts = {
        "title": title,
        "short": words.find(f"{key}.short", title),
        "note": words.say(f"{key}.note"),
        "group": words.say(f"group.{layer.group}"),
        "unitWords": words.find(f"{key}.unit", words.say(_UNIT_KEYS[layer.unit])),
        "source": words.find(f"{key}.source", source),
    }
    if layer.shape in _SCALED or layer.shape is LayerShape.PAIR:
        method = words.say(f"classes.{layer.shape.value}", count=DOT_HOUSEHOLDS)
        if layer.shape is LayerShape.PAIR:
            texts["unitWords"] = words.say("classes.pair_unit")
        return {**texts, "method": method}
    if layer.names:
        return {**texts, "labels": list(layer.names), "method": words.say("classes.names")}

    edges, method = choose_edges(figures, layer.method, layer.classes, layer.center)
    steps = words.say(f"classes.{method}")
    return {
        **texts,
        "labels": label_classes(
            edges, layer.unit, figures, words, fixed=layer.method in FIXED_EDGES
        ),
        "method": (
            words.say("classes.count", count=len(edges), method=steps)
            if len(edges) > 1
            else words.say("classes.alone")
        ),
    }


def _find_thirds(figures: "pd.Series[float]", step: float) -> list[float]:
    """Return the two edges that divide tracts into about equal thirds, in round steps."""
    return [round(round(edge / step) * step, 9) for edge in figures.quantile([1 / 3, 2 / 3])]


def label_classes(
    edges: list[float],
    unit: FigureUnit,
    figures: "pd.Series[float]",
    words: Words,
    *,
    fixed: bool = False,
) -> list[str]:
    """Write each class as a range in the unit's numbers, such as ``40 to 50``.

    Reports use the same words (``classes`` in the catalogs).

    Parameters
    ----------
    edges
        Upper edges, rising.
    unit
        How figures are written.
    figures
        If some lie more than a step below the first edge, or beyond the last, that class is written
        as open.
    words
        The language.
    fixed
        Whether the edges do not depend on the figures. The first and the last class are then always
        open, so that the same classes have the same words everywhere.
    """
    texts = [_write_edge(edge, unit, edges, words) for edge in edges]
    if len(edges) == 1:
        return texts

    start = round(edges[0] - (edges[1] - edges[0]), 9)
    labels = [
        words.say("classes.between", low=low, high=high)
        for low, high in pairwise([_write_edge(start, unit, edges, words), *texts])
    ]
    if fixed or figures.min() < start or (unit is not FigureUnit.POINTS and start < 0):
        labels[0] = words.say("classes.below", high=texts[0])
    if fixed or figures.max() > edges[-1]:
        labels[-1] = words.say("classes.above", low=texts[-2])
    return labels


def _write_edge(value: float, unit: FigureUnit, edges: list[float], words: Words) -> str:
    """Write an edge with the fewest decimals that write all edges within 1/20 of a class."""
    factor = 100 if unit in {FigureUnit.SHARE, FigureUnit.POINTS} else 1
    scaled = np.array(edges) * factor
    slack = np.diff(scaled).min() / 20 if len(edges) > 1 else 0.05
    decimals = next(
        (places for places in range(3) if np.abs(scaled.round(places) - scaled).max() <= slack), 3
    )
    if unit is FigureUnit.USD and decimals == 0:
        return words.money(value)
    text = words.number(abs(value) * factor, decimals)
    sign = "\N{MINUS SIGN}" if value < 0 else "+" if unit is FigureUnit.POINTS and value > 0 else ""
    return f"{sign}{text}"
