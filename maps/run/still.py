"""Still pictures of a layer, PNG or SVG, for slides and mails: the map page's palette, classes and legend, drawn by Matplotlib."""

import io
from textwrap import wrap
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from maps import layers
from maps.layer import Layer, Season, Shape
from maps.legend import describe_layer
from maps.run import columns
from maps.run.inputs import MapView
from outreach import palette
from outreach.errors import DataError
from outreach.registry import discover
from outreach.spatial import simplify_coverage
from outreach.units import TractStatus

#: Matplotlib draws with 72 points to the inch; pictures are laid out for this many pixels to the
#: inch.
_DPI = 100
_INK, _SOFT, _GROUND = "#16242f", "#4a5a67", "#eef2f4"
#: Area of the largest circle of a count, in square points, on a picture 1,000 pixels wide.
_LARGEST_CIRCLE = 160.0
_LONGEST_TITLE = 60
#: Comes with Matplotlib, so that a picture is the same on every machine.
_FONT = "DejaVu Sans"


def list_layers(view: MapView) -> dict[str, Layer]:
    """Return the layers that a view has figures for, by name, in their order."""
    rows = columns.gather_columns(view)
    found = discover(layers, "LAYER", Layer)
    there = {
        name: layer
        for name, layer in found.items()
        if layer.column in rows and rows[layer.column].notna().any()
    }
    return dict(sorted(there.items(), key=lambda item: item[1].order))


def draw_still(
    view: MapView,
    layer: str,
    form: Literal["png", "svg"] = "png",
    *,
    width: int = 1200,
    height: int = 900,
) -> bytes:
    """Draw one layer as a picture; the same view gives the same bytes.

    Parameters
    ----------
    view
        What the map page shows; outlines of districts are drawn on top.
    layer
        A layer's name: a file of ``maps/layers``.
    form
        ``png`` or ``svg``.
    width, height
        Pixels.

    Raises
    ------
    DataError
        There is no such layer, or the view has no figure for it.
    """
    known = list_layers(view)
    if layer not in known:
        raise DataError(
            f"There is no layer '{layer}' to draw for '{view.title}'.",
            f"It has {', '.join(known)}.",
        )
    shown, rows = known[layer], columns.gather_columns(view)
    words = describe_layer(layer, shown, _classified(view, rows, shown), view.source)
    with rc_context(
        {
            "svg.hashsalt": "census-outreach",
            "font.family": _FONT,
            "font.size": 11,
            "svg.fonttype": "none",
            "text.parse_math": False,
        }
    ):
        figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor="white")
        FigureCanvasAgg(figure)
        ground = figure.add_axes((0.02, 0.02, 0.7, 0.86))
        _draw_tracts(ground, view, rows, shown, words, width)
        _write_words(figure, view, words, _swatches(words))
        out = io.BytesIO()
        about = (
            {"Title": f"{view.title}: {shown.title}", "Description": shown.note, "Date": None}
            if form == "svg"
            else {"Title": shown.title, "Software": None}
        )
        figure.savefig(out, format=form, metadata=about)
    return out.getvalue()


def _classified(view: MapView, rows: pd.DataFrame, layer: Layer) -> "pd.Series[float]":
    """Return what the classes are chosen from, as on the page: the whole season for the rate."""
    if layer.season is Season.RATE and view.history is not None:
        return columns.tabulate_history(view).melt()["value"]
    return rows[layer.column]


def _draw_tracts(
    ground: Any, view: MapView, rows: pd.DataFrame, layer: Layer, words: dict[str, Any], width: int
) -> None:
    """Draw the tracts by class, or as circles, and the outlines of the first kind of districts."""
    drawn = view.tracts[view.tracts.geometry.notna()]
    west, south, east, north = drawn.total_bounds
    half_pixel = max(east - west, north - south) / width / 2
    shapes = simplify_coverage(drawn.geometry, half_pixel)
    ground.set_facecolor("white")
    ground.set_axis_off()
    figures = rows.loc[drawn.index, layer.column].astype(float)
    blank = figures.isna()
    water = (drawn["status"] == TractStatus.WATER) & blank
    line = {"edgecolor": "white", "linewidth": 0.25, "ax": ground, "aspect": None}
    if layer.shape is Shape.CIRCLES:
        shapes.plot(color=_GROUND, **line)
        points = shapes[~blank].representative_point()
        sizes = figures[~blank] / words["top"] * _LARGEST_CIRCLE * width / 1000
        ground.scatter(
            points.x,
            points.y,
            s=sizes,
            c=words["colour"],
            alpha=0.6,
            linewidths=0.4,
            edgecolors="white",
        )
    else:
        places = palette.find_classes(figures[~blank].to_numpy(), words["edges"])
        shapes[~blank].plot(color=[words["colours"][place] for place in places], **line)
        _plot_some(
            shapes[blank & ~water],
            color=palette.MISSING_COLOR,
            hatch="////",
            **{**line, "edgecolor": palette.HATCH_COLOR},
        )
    _plot_some(shapes[water], color=palette.WATER_COLOR, **line)
    if view.districts is not None:
        first = view.districts[view.districts["kind"] == view.districts["kind"].iloc[0]]
        first.boundary.plot(ax=ground, color=_INK, linewidth=0.5, aspect=None)
    rated = shapes[~water] if (~water).any() else shapes
    west, south, east, north = rated.total_bounds
    ground.set_xlim(west, east)
    ground.set_ylim(south, north)
    ground.set_aspect(1 / np.cos(np.radians((south + north) / 2)))
    ground.set_anchor("C")


def _plot_some(shapes: gpd.GeoSeries, **style: Any) -> None:
    """Plot shapes if there are any."""
    if len(shapes):
        shapes.plot(**style)


def _swatches(words: dict[str, Any]) -> list[Patch | Line2D]:
    """Return the legend's entries, the highest class first as on the page."""
    classes = list(zip(words.get("colours", []), words.get("labels", []), strict=True))
    listed = [
        Patch(facecolor=colour, edgecolor="#b8c2c9", label=label)
        for colour, label in reversed(classes)
    ]
    if not classes:
        dot = {
            "marker": "o",
            "linestyle": "",
            "color": words["colour"],
            "alpha": 0.6,
            "markersize": _LARGEST_CIRCLE**0.5,
        }
        return [Line2D([], [], label=f"{words['top']:,.0f}", **dot)]
    missing = Patch(
        facecolor=palette.MISSING_COLOR,
        edgecolor=palette.HATCH_COLOR,
        hatch="////",
        label="no figure",
    )
    return [*listed, missing]


def _write_words(
    figure: Figure, view: MapView, words: dict[str, Any], swatches: list[Patch | Line2D]
) -> None:
    """Write title, legend, data date and source."""
    date = f"{view.data_date:%B} {view.data_date.day}, {view.data_date.year}"
    title = (
        view.title
        if len(view.title) <= _LONGEST_TITLE
        else view.title[: _LONGEST_TITLE - 1] + "\N{HORIZONTAL ELLIPSIS}"
    )
    figure.text(
        0.03, 0.945, words["title"], fontsize=20, fontweight="bold", color=_INK, va="center"
    )
    figure.text(
        0.03, 0.905, f"{title} \N{MIDDLE DOT} data of {date}", fontsize=12, color=_SOFT, va="center"
    )
    unit = words["unitWords"][:1].upper() + words["unitWords"][1:]
    box = figure.legend(
        handles=swatches,
        loc="upper left",
        bbox_to_anchor=(0.735, 0.86),
        frameon=False,
        title=unit,
        fontsize=11,
        handlelength=1.8,
        labelcolor=_INK,
    )
    box.get_title().set(fontsize=11, fontweight="bold", color=_INK)
    box.set_alignment("left")
    for place, line in enumerate(
        [*wrap(words["method"], 34), *wrap(f"Source: {words['source']}", 34)][::-1]
    ):
        figure.text(0.745, 0.04 + 0.024 * place, line, fontsize=9, color=_SOFT)
