"""Builds the map page of a run: one HTML file that holds everything, opens from a file and needs no network."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from maps import layers
from maps.layer import Layer, Season, Shape, Unit
from maps.legend import describe_layer
from maps.offline import OfflineMap, Page, dump_json
from maps.run import columns, popup
from maps.run.inputs import MapView
from maps.run.units import Units, describe_units, gather_units, name_units
from maps.topology import encode_topology
from outreach import palette
from outreach.errors import DataError
from outreach.registry import discover
from outreach.units import Arm

__all__ = ["MapView", "build_map", "draw_map"]

#: A district is a tract's district from this share of the tract's area on; less is a border that
#: was drawn twice.
_LEAST_PART = 0.1

#: Districts are simplified to about this, in degrees (about 20 m): they are drawn as outlines only.
_DISTRICT_TOLERANCE = 2e-4

#: What a reader can set thresholds for, where the column is there.
_FILTERS = (
    popup.Fact("cumulative_share", "Response rate", Unit.SHARE),
    popup.Fact("missing_households_count", "Households missing", Unit.COUNT),
    popup.Fact("rank", "Priority rank", Unit.COUNT),
    popup.Fact("change_7_points", "Change, 7 days", Unit.POINTS),
    popup.Fact("final_share", "Forecast", Unit.SHARE),
    popup.Fact("internet_share", "Answered online", Unit.SHARE),
    popup.Fact("digital_reach_score", "Digital reach", Unit.SHARE),
    popup.Fact("limited_english_share", "Limited English", Unit.SHARE),
    popup.Fact("households_count", "Households", Unit.COUNT),
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
        A whole HTML page; the same view gives the same text.

    Raises
    ------
    DataError
        The tables do not belong together, or there is no tract.
    """
    page: str = draw_map(view).get_root().render()
    return page


def draw_map(view: MapView) -> OfflineMap:
    """Return the map as a Folium map, so that Folium elements can be added; ``.get_root().render()`` makes the page."""
    page = Page(view.title, view.basemap.url if view.basemap else "")
    drawn = OfflineMap(view.title, dump_json(describe_view(view)))
    page.add_child(drawn)
    return drawn


def describe_view(view: MapView) -> dict[str, Any]:
    """Describe a view for the page's scripts: polygons once, numbers once as columns, layers as rules over them."""
    rows = columns.gather_columns(view)
    units = gather_units(view.targets, view.tracts)
    if units is not None:
        rows["arm"] = rows["arm"].fillna(units.arms)
    if view.targets is not None:
        rows = rows.assign(next_step=popup.choose_next_step(rows, view.goal_share))
    shown = _choose_layers(rows, units)
    if not shown:
        raise DataError(
            f"The map of '{view.title}' has no figure to show.",
            "No tract has a rate or a score; check the areas.",
        )
    facts = [fact for fact in popup.FACTS if fact.column in rows]
    filters = [fact for fact in _FILTERS if fact.column in rows and rows[fact.column].notna().any()]
    named = [
        *_NUMBERS,
        *_FORECAST,
        *(layer.column for layer in shown.values()),
        *(fact.column for fact in (*facts, *filters)),
    ]
    numbers = [
        name
        for name in dict.fromkeys(named)
        if name in rows and pd.api.types.is_numeric_dtype(rows[name])
    ]
    texts = [name for name in _TEXTS if name in rows]
    if "reasons" in rows:
        rows["reasons"] = rows["reasons"].str.replace(
            r"(?<=\d) %", "%", regex=True
        )  # as the page writes per cent
    districts = _describe_districts(view)
    packed = {name: columns.encode_column(rows[name]) for name in (*numbers, *texts)}
    packed |= {
        f"district {kind['kind']}": columns.encode_column(kind.pop("homes")) for kind in districts
    }
    told = [
        describe_layer(name, layer, _list_figures(view, rows, units, layer), view.source)
        | (
            {"title": f"{name_units(units)} by budget"}
            if layer.shape is Shape.UNITS and units is not None
            else {}
        )
        for name, layer in shown.items()
    ]
    return {
        "dataDate": view.data_date.isoformat(),
        "source": view.source,
        "deadline": view.deadline.isoformat() if view.deadline else None,
        "goal": view.goal_share,
        "geoids": rows.index.tolist(),
        "topology": encode_topology(view.tracts.geometry),
        "columns": packed,
        "history": columns.encode_history(view) if view.history is not None else None,
        "expectation": columns.encode_expectation(view),
        "layers": told,
        "facts": [_describe_fact(fact) for fact in facts],
        "filters": [_describe_fact(fact) for fact in filters],
        "exports": {
            "numbers": numbers,
            "texts": [name for name in texts if name not in {"name", "status"}],
        },
        "districts": districts,
        "alike": popup.encode_alike(view.comparable, rows.index)
        if view.comparable is not None
        else None,
        "units": describe_units(units) if units is not None else None,
        "events": [{"date": event.first.isoformat(), "label": event.name} for event in view.events],
        "missing": {
            "fill": palette.MISSING_COLOR,
            "line": palette.HATCH_COLOR,
            "water": palette.WATER_COLOR,
        },
        "basemap": {"url": view.basemap.url, "attribution": view.basemap.attribution}
        if view.basemap
        else None,
    }


def _choose_layers(rows: pd.DataFrame, units: Units | None) -> dict[str, Layer]:
    """Return the layers that have a figure, in their order."""
    found = discover(layers, "LAYER", Layer)
    there = {
        name: layer
        for name, layer in found.items()
        if (layer.column in rows and rows[layer.column].notna().any())
        or (layer.shape is Shape.UNITS and units is not None)
    }
    return dict(sorted(there.items(), key=lambda item: item[1].order))


def _list_figures(
    view: MapView, rows: pd.DataFrame, units: Units | None, layer: Layer
) -> "pd.Series[float]":
    """Return what a layer's classes are chosen from: the whole season for the rate, so that a colour means the same on every date."""
    if layer.shape is Shape.UNITS and units is not None:
        return units.table.loc[units.table["arm"] == Arm.TREAT, "budget_usd"]
    if layer.season is Season.RATE and view.history is not None:
        return columns.tabulate_history(view).melt()["value"]
    return rows[layer.column]


def _describe_fact(fact: popup.Fact) -> dict[str, str | None]:
    return {
        "column": fact.column,
        "label": fact.label,
        "unit": fact.unit.value if fact.unit else None,
    }


def _describe_districts(view: MapView) -> list[dict[str, Any]]:
    """Describe the outlines, kind by kind, with the district (``homes``) that holds most of each tract's area."""
    if view.districts is None:
        return []
    described = []
    for kind, part in view.districts.groupby("kind", sort=False):
        outlines = part.assign(geometry=part.geometry.make_valid()).dissolve("name", as_index=False)
        described.append(
            {
                "kind": str(kind),
                "names": outlines["name"].astype(str).tolist(),
                "topology": encode_topology(outlines.geometry, _DISTRICT_TOLERANCE),
                "homes": _find_districts(view.tracts, outlines),
            }
        )
    return described


def _find_districts(tracts: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return for each tract the name of the district that holds most of its area, missing where that is less than a tenth."""
    areas = shapely.simplify(tracts.geometry.to_numpy(), _DISTRICT_TOLERANCE)
    tract, district = outlines.sindex.query(areas, predicate="intersects")
    shapes = shapely.simplify(outlines.geometry.to_numpy(), _DISTRICT_TOLERANCE)
    shared = shapely.area(shapely.intersection(areas[tract], shapes[district]))
    pairs = pd.DataFrame(
        {
            "tract": tract,
            "name": outlines["name"].to_numpy()[district],
            "part": shared / shapely.area(areas[tract]),
        }
    )
    most = (
        pairs[pairs["part"] >= _LEAST_PART]
        .sort_values("part")
        .drop_duplicates("tract", keep="last")
        .set_index("tract")["name"]
    )
    return most.reindex(range(len(tracts))).astype("string")
