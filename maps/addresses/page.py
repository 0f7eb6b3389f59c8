"""Build the map page of an address check: areas and counts, never an address."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import folium
import geopandas as gpd
import numpy as np
from branca.element import Element

from maps.offline import Page, Verbatim, read_asset, read_leaflet_script, read_leaflet_style
from outreach import palette
from outreach.catalog import Words
from outreach.palette import Method, choose_edges
from outreach.spatial import simplify_coverage

#: Most blocks that are drawn, the first by rank; the table has all.
MOST_BLOCKS = 1_500
#: Borders are simplified to about this, in degrees (about 5 m), and written in steps of about 1 m.
_TOLERANCE, _DECIMALS = 5e-5, 5
_CLASSES = 5
_BLOCK_LINE = "#b30000"
_TRACT_LINE = "#8a949c"
#: The fill of a tract in which nothing is surely missing.
_NOTHING = "#ffffff"


@dataclass(frozen=True)
class AddressView:
    """What the map of an address check shows.

    Parameters
    ----------
    county
        Its name.
    tracts
        Polygons, EPSG:4326, with the columns of :func:`geo.addresses.compare.sum_tracts`.
    blocks
        Polygons of the blocks that look undercounted, EPSG:4326, by rank, with the columns of
        :func:`geo.addresses.compare.compare_blocks`.
    listed_count, bureau_count
        Homes of the list and of the Bureau in the tracts that the list covers.
    undercounted_count
        Blocks that look undercounted, drawn or not.
    sure_surplus_count
        The sum of the low ends of their ranges.
    """

    county: str
    tracts: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    listed_count: float
    bureau_count: float
    undercounted_count: int
    sure_surplus_count: float


class _BlockMap(folium.Map):
    """A Folium map whose Leaflet is inside the page."""

    default_js = []  # noqa: RUF012  as in Folium
    default_css = []  # noqa: RUF012


def draw_address_map(view: AddressView, words: Words, notes: Sequence[str] = ()) -> str:
    """Return the page as HTML; the same view gives the same text, and it opens without a network.

    Parameters
    ----------
    view
        Areas with their figures.
    words
        The language.
    notes
        What of the list is not compared and how growth is allowed for, in that language.
    """
    title = words.say("addresses.title", county=view.county)
    page = Page(title)
    page.header.add_child(Verbatim(f"<style>{read_leaflet_style()}</style>"))
    page.header.add_child(Verbatim(f"<style>{read_asset('addresses.css')}</style>"))
    page.header.add_child(Verbatim(f"<script>{read_leaflet_script()}</script>"))

    figures = view.tracts["sure_surplus_count"].astype(float)
    edges, _ = choose_edges(figures, Method.PRETTY, _CLASSES, None)
    colors = palette.ORANGE.sample(len(edges))
    drawing = _BlockMap(tiles=None, attr="", prefer_canvas=True, zoom_snap=0.1)
    drawing.add_child(_draw_tracts(view.tracts, edges, colors, words))
    if len(view.blocks):
        drawing.add_child(_draw_blocks(view.blocks, words))
    west, south, east, north = view.tracts.total_bounds
    drawing.fit_bounds([[south, west], [north, east]], padding=(12, 12))
    page.html.add_child(Verbatim(_write_panel(view, title, edges, colors, words, notes)))
    page.add_child(drawing)
    _number_elements(drawing)
    text: str = page.render()
    return text.replace('<html lang="en">', f'<html lang="{words.code}">', 1)


def _draw_tracts(
    tracts: gpd.GeoDataFrame, edges: list[float], colors: list[str], words: Words
) -> folium.GeoJson:
    """Draw the tracts, filled by what is surely missing in them."""
    shapes = simplify_coverage(tracts.geometry, _TOLERANCE)
    figures = tracts["sure_surplus_count"].to_numpy(float)
    fills = [
        colors[min(at, len(colors) - 1)] if figure else _NOTHING
        for at, figure in zip(np.searchsorted(edges, figures).tolist(), figures, strict=True)
    ]
    texts = [
        words.say(
            "addresses.tract",
            tract=row.Index,
            listed=words.count(row.listed_count),
            bureau=words.count(row.bureau_count),
            count=int(row.undercounted_count),
            sure=words.count(row.sure_surplus_count),
        )
        for row in tracts.itertuples()
    ]
    table = gpd.GeoDataFrame({"text": texts, "fill": fills}, geometry=shapes.to_numpy(), crs=4326)
    return _make_layer(table, {"color": _TRACT_LINE, "weight": 0.6, "fillOpacity": 1})


def _draw_blocks(blocks: gpd.GeoDataFrame, words: Words) -> folium.GeoJson:
    """Draw the blocks that look undercounted, outlined."""
    shown = blocks.iloc[:MOST_BLOCKS]
    texts = [
        words.say(
            "addresses.block",
            block=row.Index,
            rank=words.count(row.rank),
            listed=words.count(row.listed_count),
            bureau=words.count(row.bureau_count),
            surplus=words.count(row.surplus_count),
            low=words.count(row.surplus_low80_count),
            high=words.count(row.surplus_high80_count),
        )
        for row in shown.itertuples()
    ]
    table = gpd.GeoDataFrame(
        {"text": texts, "fill": _BLOCK_LINE},
        geometry=shown.geometry.simplify(_TOLERANCE / 5).to_numpy(),
        crs=4326,
    )
    return _make_layer(table, {"color": _BLOCK_LINE, "weight": 1.6, "fillOpacity": 0.25})


def _make_layer(table: gpd.GeoDataFrame, style: dict[str, Any]) -> folium.GeoJson:
    """Return shapes with their fill, and their text as tooltip and popup."""
    table = table.assign(geometry=table.geometry.set_precision(10**-_DECIMALS, mode="pointwise"))
    content = table.to_json(drop_id=False)
    return folium.GeoJson(
        content,
        style_function=lambda feature: {"fillColor": feature["properties"]["fill"], **style},
        tooltip=folium.GeoJsonTooltip(["text"], labels=False),
        popup=folium.GeoJsonPopup(["text"], labels=False),
        smooth_factor=0,
    )


def _write_panel(
    view: AddressView,
    title: str,
    edges: list[float],
    colors: list[str],
    words: Words,
    notes: Sequence[str],
) -> str:
    """Write heading, figures, and legend."""
    classes = {_NOTHING: words.say("addresses.none")}
    for (low, high), color in zip(pairwise([0.0, *edges]), colors, strict=True):
        classes[color] = words.say("classes.between", low=words.count(low), high=words.count(high))
    rows = "".join(
        f'<li><i style="background:{color}"></i>{html.escape(text)}</li>'
        for color, text in classes.items()
    )
    paragraphs = [
        words.say(
            "addresses.facts",
            listed=words.count(view.listed_count),
            bureau=words.count(view.bureau_count),
            count=view.undercounted_count,
            sure=words.count(view.sure_surplus_count),
        ),
        *notes,
        words.say("addresses.note"),
    ]
    if view.undercounted_count > MOST_BLOCKS:
        paragraphs.append(words.say("addresses.first", count=MOST_BLOCKS))
    text = "".join(f"<p>{html.escape(each)}</p>" for each in paragraphs)
    legend = html.escape(words.say("addresses.legend"))
    block = html.escape(words.say("addresses.block_legend"))
    return (
        f'<section class="panel" dir="{words.direction}"><h1>{html.escape(title)}</h1>{text}'
        f'<h2>{legend}</h2><ul>{rows}<li><i class="line"></i>{block}</li></ul></section>'
    )


def _number_elements(drawing: Element) -> None:
    """Give every element a name by its place, so that the same view makes the same page."""
    queue, number = [drawing], 0
    while queue:
        element = queue.pop(0)
        element._id = f"part{number}"  # noqa: SLF001  Folium draws it at random
        queue += list(element._children.values())  # noqa: SLF001  Branca has no other list of them
        number += 1
