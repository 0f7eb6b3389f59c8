"""Build the map page of a run: one HTML file that works offline."""

from typing import Any

import pandas as pd

from maps.layer import FigureUnit, Layer, LayerShape
from maps.legend import describe_layer
from maps.offline import OfflineMap, Page, dump_json
from maps.run import popup
from maps.run.columns import gather_columns
from maps.run.dictionary import describe_columns
from maps.run.districts import describe_districts
from maps.run.encode import encode_band, encode_column, encode_history
from maps.run.inputs import MapView
from maps.run.layer_choice import choose_layers, list_figures
from maps.run.units import MapUnits, describe_units, gather_units, name_units
from maps.topology import encode_topology
from outreach import palette
from outreach.errors import DataError

#: What a reader can filter by, if the column is there.
_FILTERS = (
    popup.PopupLine("cumulative_share", "Response rate", FigureUnit.SHARE),
    popup.PopupLine("missing_households_count", "Households missing", FigureUnit.COUNT),
    popup.PopupLine("rank", "Priority rank", FigureUnit.COUNT),
    popup.PopupLine("change_7_points", "Change, 7 days", FigureUnit.POINTS),
    popup.PopupLine("final_share", "Forecast", FigureUnit.SHARE),
    popup.PopupLine("internet_share", "Answered online", FigureUnit.SHARE),
    popup.PopupLine("digital_reach_score", "Digital reach", FigureUnit.SHARE),
    popup.PopupLine("limited_english_share", "Limited English", FigureUnit.SHARE),
    popup.PopupLine("households_count", "Households", FigureUnit.COUNT),
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
    Page(view.title).add_child(drawing)
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
    shown = choose_layers(rows, units)
    if not shown:
        raise DataError(
            f"The map of '{view.title}' has no figure to show.",
            "No tract has a rate or a score; check the areas.",
        )
    lines = [line for line in popup.LINES if line.column in rows]
    filters = [line for line in _FILTERS if line.column in rows and rows[line.column].notna().any()]
    numbers = _list_numbers(rows, shown, [*lines, *filters])
    texts = [name for name in _TEXTS if name in rows]

    # Encode each column once, and the district of each tract as one more.
    districts = []
    if view.districts is not None:
        districts = describe_districts(view.districts, view.tracts, view.parts, view.pages)
    encoded = {name: encode_column(rows[name]) for name in (*numbers, *texts)}
    for kind in districts:
        encoded[f"district {kind['kind']}"] = encode_column(kind.pop("homes"))

    exports = {
        "numbers": numbers,
        "texts": [name for name in texts if name not in {"name", "status"}],
        "dictionary": describe_columns(
            [kind["kind"] for kind in districts], [*numbers, *texts], shown, [*lines, *filters]
        ),
    }
    alike = None
    if view.comparable is not None:
        alike = popup.encode_alike(view.comparable, rows.index)
    return {
        "dataDate": view.data_date.isoformat(),
        "source": view.source,
        "home": view.home,
        "deadline": view.deadline.isoformat() if view.deadline else None,
        "goal": view.goal_share,
        "geoids": rows.index.tolist(),
        "topology": encode_topology(view.tracts.geometry),
        "columns": encoded,
        "history": encode_history(view) if view.history is not None else None,
        "band": encode_band(view),
        "layers": [
            _describe_layer(view, rows, units, name, layer) for name, layer in shown.items()
        ],
        "facts": [_describe_line(line) for line in lines],
        "filters": [_describe_line(line) for line in filters],
        "exports": exports,
        "districts": districts,
        "alike": alike,
        "units": describe_units(units) if units is not None else None,
        "events": [{"date": event.first.isoformat(), "label": event.name} for event in view.events],
        "missing": {
            "fill": palette.MISSING_COLOR,
            "line": palette.HATCH_COLOR,
            "water": palette.WATER_COLOR,
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
    if "reasons" in rows:
        # The page writes percentages without a blank.
        rows["reasons"] = rows["reasons"].str.replace(r"(?<=\d) %", "%", regex=True)
    return rows, units


def _list_numbers(
    rows: pd.DataFrame, shown: dict[str, Layer], lines: list[popup.PopupLine]
) -> list[str]:
    """List the numeric columns that the page uses, each once."""
    names = [
        *_NUMBERS,
        *_FORECAST,
        *(layer.column for layer in shown.values()),
        *(line.column for line in lines),
    ]
    return [
        name
        for name in dict.fromkeys(names)
        if name in rows and pd.api.types.is_numeric_dtype(rows[name])
    ]


def _describe_layer(
    view: MapView, rows: pd.DataFrame, units: MapUnits | None, name: str, layer: Layer
) -> dict[str, Any]:
    """Describe one layer; the layer of units is named for what they are."""
    description = describe_layer(name, layer, list_figures(view, rows, layer, units), view.source)
    if layer.shape is LayerShape.UNITS and units is not None:
        description["title"] = f"{name_units(units)} by budget"
    return description


def _describe_line(line: popup.PopupLine) -> dict[str, str | None]:
    """Describe one line of the popup or the filters."""
    unit = line.unit.value if line.unit else None
    return {"column": line.column, "label": line.label, "unit": unit}
