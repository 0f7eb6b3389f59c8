"""Draw a layer as a picture, PNG or SVG, for slides and mails.

Palette, classes, and legend are those of the map page; Matplotlib draws.
"""

import io
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from maps.layer import FigureUnit, Layer, LayerShape
from maps.legend import describe_layer, word_layer
from maps.run.columns import gather_columns
from maps.run.inputs import MapView
from maps.run.layer_choice import choose_layers, list_figures
from outreach import palette
from outreach.catalog import Words
from outreach.errors import DataError
from outreach.palette import find_classes
from outreach.spatial import simplify_coverage
from outreach.units import TractStatus

#: Matplotlib draws 72 points to the inch; pictures are laid out at this many pixels to the inch.
_DPI = 100
_INK, _SOFT, _GROUND, _EDGE = "#16242f", "#4a5a67", "#eef2f4", "#b8c2c9"
#: Area of the largest circle of a count, in square points, on a picture 1,000 pixels wide.
_LARGEST_CIRCLE = 160.0
_LONGEST_TITLE = 60
_LINE_CHARACTERS = 34
#: Comes with Matplotlib, so that a picture is the same on every machine.
_FONT = "DejaVu Sans"

Form = Literal["png", "svg"]


def draw_picture(
    view: MapView, layer: str, form: Form = "png", *, width: int = 1200, height: int = 900
) -> bytes:
    """Draw one layer as a picture; the same view gives the same bytes.

    Parameters
    ----------
    view
        What the map page shows; outlines of the first kind of districts are drawn on top.
    layer
        A layer's name: a file in ``maps/layers``.
    form
        ``png`` or ``svg``.
    width, height
        Pixels.

    Raises
    ------
    DataError
        There is no such layer, or the view has no figure for it.
    """
    rows = gather_columns(view)
    available = choose_layers(rows, further=view.layers)
    if layer not in available:
        raise DataError(
            f"There is no layer '{layer}' to draw for '{view.title}'.",
            f"Its layers are {', '.join(available)}.",
        )
    shown = available[layer]
    words, figures = view.languages[0], list_figures(view, rows, shown)
    source = words.source(view.census_year)
    legend = {
        **describe_layer(layer, shown, figures),
        **word_layer(layer, shown, figures, source, words),
    }

    metadata: dict[str, Any] = {"Title": legend["title"], "Software": None}
    if form == "svg":
        title = f"{view.title}: {legend['title']}"
        metadata = {"Title": title, "Description": legend["note"], "Date": None}
    style: dict[Any, Any] = {
        "svg.hashsalt": "census-outreach",
        "font.family": _FONT,
        "font.size": 11,
        "svg.fonttype": "none",
        "text.parse_math": False,
    }
    with rc_context(style):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.02, 0.02, 0.7, 0.86))
        _draw_tracts(
            axes, view, figures if shown.names else rows[shown.column], shown, legend, width
        )
        _write_title(figure, view, legend, words)
        _draw_legend(figure, legend)
        content = io.BytesIO()
        figure.savefig(content, format=form, metadata=metadata)
    return content.getvalue()


def _draw_tracts(
    axes: Axes,
    view: MapView,
    column: "pd.Series[float]",
    layer: Layer,
    legend: dict[str, Any],
    width: int,
) -> None:
    """Draw the tracts by class or as circles, and the outlines of districts."""
    tracts = view.tracts[view.tracts.geometry.notna()]
    shapes = _simplify_shapes(tracts.geometry, width)
    figures = column.loc[tracts.index].astype(float)
    blank = figures.isna()
    water = (tracts["status"] == TractStatus.WATER) & blank
    line = {"edgecolor": "white", "linewidth": 0.25, "ax": axes, "aspect": None}

    axes.set_facecolor("white")
    axes.set_axis_off()
    if layer.shape is LayerShape.CIRCLES:
        shapes.plot(color=_GROUND, **line)
        _draw_circles(axes, shapes[~blank], figures[~blank], legend, width)
    else:
        classes = find_classes(figures[~blank].to_numpy(), legend["edges"])
        shapes[~blank].plot(color=[legend["colors"][place] for place in classes], **line)
        hatch = {**line, "edgecolor": palette.HATCH_COLOR, "hatch": "////"}
        _plot_shapes(shapes[blank & ~water], color=palette.MISSING_COLOR, **hatch)
    _plot_shapes(shapes[water], color=palette.WATER_COLOR, **line)

    if view.districts is not None:
        first = view.districts[view.districts["kind"] == view.districts["kind"].iloc[0]]
        first.boundary.plot(ax=axes, color=_INK, linewidth=0.5, aspect=None)
    _fit_axes(axes, shapes[~water] if (~water).any() else shapes)


def _draw_circles(
    axes: Axes,
    shapes: gpd.GeoSeries,
    figures: "pd.Series[float]",
    legend: dict[str, Any],
    width: int,
) -> None:
    """Draw a circle in each tract, its area in proportion to the figure."""
    points = shapes.representative_point()
    axes.scatter(
        points.x,
        points.y,
        s=figures / legend["top"] * _LARGEST_CIRCLE * width / 1000,
        c=legend["color"],
        alpha=0.6,
        linewidths=0.4,
        edgecolors="white",
    )


def _fit_axes(axes: Axes, shapes: gpd.GeoSeries) -> None:
    """Show all shapes, with a degree of longitude as long as it is on the ground."""
    west, south, east, north = shapes.total_bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    axes.set_anchor("C")


def _simplify_shapes(shapes: gpd.GeoSeries, width: int) -> gpd.GeoSeries:
    """Leave out details smaller than half a pixel."""
    west, south, east, north = shapes.total_bounds
    return simplify_coverage(shapes, max(east - west, north - south) / width / 2)


def _plot_shapes(shapes: gpd.GeoSeries, **style: Any) -> None:
    """Plot shapes if there are any."""
    if len(shapes):
        shapes.plot(**style)


def _write_title(figure: Figure, view: MapView, legend: dict[str, Any], words: Words) -> None:
    """Write the layer's title, and below it the campaign and the date of the data or plan."""
    title = view.title
    if len(title) > _LONGEST_TITLE:
        title = title[: _LONGEST_TITLE - 1] + "\N{HORIZONTAL ELLIPSIS}"
    day = words.say("page.data_of", date=words.date(view.data_date)).rstrip(".")
    below = f"{title} \N{MIDDLE DOT} {day}"
    figure.text(
        0.03, 0.945, legend["title"], fontsize=20, fontweight="bold", color=_INK, va="center"
    )
    figure.text(0.03, 0.905, below, fontsize=12, color=_SOFT, va="center")


def _draw_legend(figure: Figure, legend: dict[str, Any]) -> None:
    """Draw the legend, and below it the method and the source."""
    unit = legend["unitWords"]
    box = figure.legend(
        handles=_list_swatches(legend),
        loc="upper left",
        bbox_to_anchor=(0.735, 0.86),
        frameon=False,
        title=unit[:1].upper() + unit[1:],
        fontsize=11,
        handlelength=1.8,
        labelcolor=_INK,
    )
    box.get_title().set(fontsize=11, fontweight="bold", color=_INK)
    box.set_alignment("left")

    sentences = (legend["method"], f"Source: {legend['source']}")
    lines = [line for sentence in sentences for line in wrap(sentence, _LINE_CHARACTERS)]
    for place, line in enumerate(reversed(lines)):
        figure.text(0.745, 0.04 + 0.024 * place, line, fontsize=9, color=_SOFT)


def _list_swatches(legend: dict[str, Any]) -> Sequence[Patch | Line2D]:
    """List the legend's entries, the highest class first as on the page."""
    if "colors" not in legend:
        dot = Line2D(
            [],
            [],
            marker="o",
            linestyle="",
            color=legend["color"],
            alpha=0.6,
            markersize=_LARGEST_CIRCLE**0.5,
            label=f"{legend['top']:,.0f}",
        )
        return [dot]
    classes = list(zip(legend["colors"], legend["labels"], strict=True))
    shown = classes if legend["unit"] == FigureUnit.CLASS else reversed(classes)
    swatches = [Patch(facecolor=color, edgecolor=_EDGE, label=label) for color, label in shown]
    missing = Patch(
        facecolor=palette.MISSING_COLOR,
        edgecolor=palette.HATCH_COLOR,
        hatch="////",
        label="no figure",
    )
    return [*swatches, missing]
