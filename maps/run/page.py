"""Build the map page of a run: one HTML file that works offline."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from maps.context.geocoder import read_geocoder
from maps.layer import FigureUnit, Layer, LayerShape
from maps.legend import describe_layer, word_layer
from maps.offline import OfflineMap, Page, dump_json, find_origin
from maps.run import popup
from maps.run.columns import gather_columns
from maps.run.dictionary import describe_columns
from maps.run.districts import describe_districts
from maps.run.encode import encode_band, encode_classes, encode_column, encode_history
from maps.run.inputs import MapView
from maps.run.layer_choice import choose_layers, is_rate_expected, list_figures
from maps.run.people import list_people
from maps.run.reasons import encode_reasons
from maps.run.sites import describe_sites, word_sites
from maps.run.units import MapUnits, describe_units, gather_units, name_units
from maps.topology import encode_topology
from outreach import palette
from outreach.catalog import Texts, Words
from outreach.errors import DataError
from outreach.files import make_slug

#: What a reader can filter by, if the column is there.
_FILTERS = (
    popup.PopupLine("cumulative_share", FigureUnit.SHARE),
    popup.PopupLine("missing_households_count", FigureUnit.COUNT),
    popup.PopupLine("rank", FigureUnit.COUNT),
    popup.PopupLine("change_7_points", FigureUnit.POINTS),
    popup.PopupLine("final_share", FigureUnit.SHARE),
    popup.PopupLine("internet_share", FigureUnit.SHARE),
    popup.PopupLine("digital_reach_score", FigureUnit.SHARE),
    popup.PopupLine("limited_english_share", FigureUnit.SHARE),
    popup.PopupLine("households_count", FigureUnit.COUNT),
)

_NUMBERS = (
    "cumulative_share",
    "missing_households_count",
    "households_count",
    "housing_units_count",
    "rank",
    "rank_low",
    "rank_high",
)
_FORECAST = ("final_share", "final_low80_share", "final_high80_share")
_WITHOUT_DISTRICTS = frozenset(LayerShape) - {LayerShape.DISTRICTS}
_TEXTS = ("name", "status", "arm", "reasons", "languages", "next_step")


def build_map(view: MapView) -> str:
    """Build the map page.

    Parameters
    ----------
    view
        The tables of a run and the words around them.

    Returns
    -------
    str
        A complete HTML page; the same view gives the same text.

    Raises
    ------
    DataError
        The tables do not belong together, or there is no tract.
    """
    page: str = draw_map(view).get_root().render()
    return page


def draw_map(view: MapView) -> OfflineMap:
    """Return the map inside its page, as a Folium map to which elements can be added."""
    drawing = OfflineMap(view.title, dump_json(describe_view(view)))
    tiles = find_origin(view.basemap.address) if view.basemap else ""
    Page(view.title, tiles).add_child(drawing)
    return drawing


def describe_view(view: MapView) -> dict[str, Any]:
    """Describe a view for the page's scripts, as plain values for JSON.

    Polygons and numbers appear once; layers, popup lines, and filters refer to columns.

    Raises
    ------
    DataError
        As :func:`build_map`.
    """
    rows, units = _gather_rows(view)
    shapes = [*LayerShape] if view.districts is not None else [*_WITHOUT_DISTRICTS]
    shown = choose_layers(rows, units, shapes, view.layers)
    if not shown:
        raise DataError(
            f"The map of '{view.title}' has no figure to show.",
            "No tract has a rate or a score; check the areas.",
        )
    own = [popup.PopupLine(layer.column, layer.unit) for layer in view.layers.values()]
    lines = [line for line in (*popup.LINES, *own) if line.column in rows]
    filters = _choose_filters(rows, own)
    classed = {layer.column: layer.names for layer in shown.values() if layer.names}
    people = list_people(rows)
    numbers = _list_numbers(rows, shown, [*lines, *filters], people)
    texts = [*(name for name in _TEXTS if name in rows), *classed]

    # Encode each column once, and the district of each tract as one more.
    districts = []
    if view.districts is not None:
        districts = describe_districts(view.districts, view.tracts, view.parts, view.pages)
    encoded = {name: encode_column(rows[name]) for name in (*numbers, *texts)}
    encoded |= {name: encode_classes(rows[name], names) for name, names in classed.items()}
    if "reasons" in rows:
        encoded["reasons"] = encode_reasons(rows["reasons"])
    for kind in districts:
        encoded[f"district {kind['kind']}"] = encode_column(kind.pop("homes"))

    exports = {
        "numbers": numbers,
        "texts": [name for name in texts if name not in {"name", "status"}],
    }
    figures = {name: list_figures(view, rows, layer, units) for name, layer in shown.items()}
    kinds, columns = [kind["kind"] for kind in districts], [*numbers, *texts]
    sites = describe_sites(view.sites, rows.index, districts) if view.sites else None
    alike = None
    if view.comparable is not None:
        alike = popup.encode_alike(view.comparable, rows.index)
    return {
        "dataDate": view.data_date.isoformat(),
        "home": view.home,
        "isPart": view.is_part,
        "deadline": view.deadline.isoformat() if view.deadline else None,
        "goal": view.goal_share,
        "geoids": rows.index.tolist(),
        "topology": view.topology or encode_topology(view.tracts.geometry),
        "columns": encoded,
        "history": encode_history(view) if view.history is not None else None,
        "band": encode_band(view),
        "layers": [
            describe_layer(name, layer, figures[name], rows.get(layer.second))
            for name, layer in shown.items()
        ],
        "languages": [
            {
                **_describe_language(view, words, shown, figures, units),
                "kinds": {kind: words.kind(kind) for kind in kinds},
                "sites": word_sites(sites, words) if sites else None,
                "dictionary": describe_columns(kinds, columns, shown, words),
            }
            for words in view.languages
        ],
        "facts": [_describe_line(line) for line in lines],
        "filters": [_describe_line(line) for line in filters],
        "people": people,
        "exports": exports,
        "districts": districts,
        "alike": alike,
        "context": view.context,
        "sites": sites,
        "basemap": asdict(view.basemap) if view.basemap else None,
        "geocoder": read_geocoder(view.census_year),
        "units": describe_units(units) if units is not None else None,
        "missing": {
            "fill": palette.MISSING_COLOR,
            "line": palette.HATCH_COLOR,
        },
    }


def _gather_rows(view: MapView) -> tuple[pd.DataFrame, MapUnits | None]:
    """Return the columns of the map and its units, with arm and next step of each tract."""
    rows = gather_columns(view)
    units = gather_units(view.targets, view.tracts)
    if units is not None:
        rows["arm"] = rows["arm"].fillna(units.arms)
    if view.targets is not None:
        rows = rows.assign(next_step=popup.choose_next_step(rows, view.goal_share))
    return rows, units


def _choose_filters(rows: pd.DataFrame, own: list[popup.PopupLine]) -> list[popup.PopupLine]:
    """Return what a reader can filter by, ``own`` last; a plan does not offer its rate twice."""
    repeated = {"final_share"} if is_rate_expected(rows) else set()
    return [
        line
        for line in (*_FILTERS, *own)
        if line.column in rows and line.column not in repeated and rows[line.column].notna().any()
    ]


def _list_numbers(
    rows: pd.DataFrame,
    shown: dict[str, Layer],
    lines: list[popup.PopupLine],
    people: list[dict[str, Any]],
) -> list[str]:
    """List the numeric columns that the page uses, each once."""
    names = [
        *_NUMBERS,
        *_FORECAST,
        *(layer.column for layer in shown.values()),
        *(line.column for line in lines),
        *(name for row in people for name in (row["column"], row["margin"])),
    ]
    return [
        name
        for name in dict.fromkeys(names)
        if name in rows and pd.api.types.is_numeric_dtype(rows[name])
    ]


def _describe_language(
    view: MapView,
    words: Words,
    shown: dict[str, Layer],
    figures: "dict[str, pd.Series[float]]",
    units: MapUnits | None,
) -> dict[str, Any]:
    """Say in one language what the page shows; ``suffix`` is that of a site's file names."""
    source = words.source(view.census_year)
    layers = {
        name: word_layer(name, layer, figures[name], source, words) for name, layer in shown.items()
    }
    named = name_units(units, words) if units is not None else ""
    for name, layer in shown.items():
        if layer.shape is LayerShape.UNITS:
            layers[name]["title"] = words.say("map.units.by_budget", units=named)
    return {
        "code": words.code,
        "name": words.say("language.name"),
        "locale": words.tag,
        "direction": words.direction,
        "suffix": "" if words is view.languages[0] else f".{words.code}",
        "source": source,
        "texts": words.pick("map") | _pick_reasons(words),
        "layers": layers,
        "units": named,
        "events": [
            {
                "date": event.first.isoformat(),
                "label": words.find(f"event.{make_slug(event.name)}", event.name),
            }
            for event in view.events
        ],
    }


def _pick_reasons(words: Words) -> Texts:
    """Return the texts of reasons and of the words in them, by ``reason`` and ``term``."""
    return {
        f"{section}.{key}": text
        for section in ("reason", "term")
        for key, text in words.pick(f"sentence.{section}").items()
    }


def _describe_line(line: popup.PopupLine) -> dict[str, str | None]:
    """Describe one line of the popup or the filters."""
    return {"column": line.column, "unit": line.unit.value if line.unit else None}
