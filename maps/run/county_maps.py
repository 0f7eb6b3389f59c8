"""Divide a map of too many tracts into one map for each county, with an overview."""

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from jinja2 import Environment, PackageLoader, StrictUndefined

from maps import offline
from maps.run.county_picture import draw_counties, list_classes, unite_counties
from maps.run.inputs import MapView
from maps.run.page import build_map
from maps.run.sites import take_sites
from outreach.catalog import Words
from outreach.counties import name_area
from outreach.phrasing import strip_overrides
from outreach.rates import average_rate
from outreach.tables import (
    DataFrame,
    ResponseRates,
    Scores,
    Targets,
    Tracts,
    as_geo_table,
    as_table,
)
from outreach.units import UnitKind

#: More tracts than this make one map slow on an ordinary machine.
MOST_TRACTS = 3_000

_COUNTY_DIGITS = 5


def build_maps(view: MapView, most: int = MOST_TRACTS) -> Iterator[tuple[str, str]]:
    """Yield file name and content of a run's map, or of its overview and a map for each county.

    Parameters
    ----------
    view
        What a single map would show.
    most
        A view with more tracts is divided.
    """
    if len(view.tracts) <= most:
        yield "map.html", build_map(view)
        return
    table, shapes = _measure_counties(view), unite_counties(view.tracts)
    for words in view.languages:
        yield _name_overview(words, view), _write_overview(view, words, table, shapes)
    for code in _list_counties(view):
        yield f"map-{code}.html", build_map(_take_county(view, code))


def _list_counties(view: MapView) -> list[str]:
    """List the counties whose tracts have a rate; others have nothing to draw."""
    rated = view.tracts.index[view.tracts["cumulative_share"].notna()]
    return sorted(set(rated.str[:_COUNTY_DIGITS]))


def _name_overview(words: Words, view: MapView) -> str:
    """Name the overview; the first language has the plain name."""
    return "map.html" if words is view.languages[0] else f"map.{words.code}.html"


def _take_county(view: MapView, code: str) -> MapView:
    """Return what the map of one county shows."""
    tracts = view.tracts[view.tracts.index.str[:_COUNTY_DIGITS] == code]
    ground = shapely.box(*tracts.total_bounds)

    districts, parts = view.districts, view.parts
    if districts is not None:
        districts = districts[districts.intersects(ground)]
    if parts is not None:
        parts = parts[parts["geoid"].isin(tracts.index)]
    history = _keep_tracts(view.history, tracts)
    return replace(
        view,
        title=f"{view.title}: {name_area(code[:2], code[2:])}",
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(view.scores[view.scores.index.isin(tracts.index)], Scores),
        targets=_take_targets(view.targets, tracts, ground),
        history=None if history is None else as_table(history, ResponseRates),
        band=_keep_tracts(view.band, tracts),
        districts=districts,
        parts=parts,
        comparable=_keep_tracts(view.comparable, tracts),
        context=(view.context or {}).get("counties", {}).get(code),
        sites=view.sites and take_sites(view.sites, tracts.index),
        topology=None,
        home="map.html",
        is_part=True,
    )


def _keep_tracts(table: pd.DataFrame | None, tracts: pd.DataFrame) -> pd.DataFrame | None:
    """Return the rows of some tracts; ``None`` stays."""
    return None if table is None else table[table.index.isin(tracts.index)]


def _take_targets(
    targets: DataFrame[Targets] | None, tracts: gpd.GeoDataFrame, ground: shapely.Polygon
) -> DataFrame[Targets] | None:
    """Return the targets of a county: its tracts, and the other units on its ground."""
    if targets is None:
        return None
    own = (targets["kind"] == UnitKind.TRACT) & targets["place"].isin(tracts.index)
    outlines = targets["wkt"] if "wkt" in targets else pd.Series(None, index=targets.index)
    known = outlines.astype(object).where(outlines.notna(), None).to_numpy()
    shapes = shapely.from_wkt(known)
    points = shapely.points(targets[["longitude", "latitude"]].astype(float).to_numpy())
    near = shapely.intersects(shapes, ground) | shapely.intersects(points, ground)
    return as_table(targets[own | ((targets["kind"] != UnitKind.TRACT) & near)], Targets)


def _write_overview(view: MapView, words: Words, table: pd.DataFrame, shapes: gpd.GeoSeries) -> str:
    """Return the overview of the counties, most missing households first."""
    environment = Environment(
        loader=PackageLoader("maps", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    suffix = "" if words is view.languages[0] else f"#lang={words.code}"
    links = {str(code): f"map-{code}.html{suffix}" for code in table.index}
    rows = [
        (
            links[str(code)],
            name_area(str(code)[:2], str(code)[2:]),
            words.count(row["tracts_count"]),
            words.share(row["rate_share"]),
            words.count(row["missing_count"]),
        )
        for code, row in table.iterrows()
    ]
    return environment.get_template("county_maps.html.j2").render(
        words=words,
        say=words.say,
        style=offline.read_asset("map.css") + offline.read_asset("atlas.css"),
        title=strip_overrides(view.title),
        date=words.date(view.data_date),
        source=words.source(view.census_year),
        rows=rows,
        picture=draw_counties(shapes, table["rate_share"], links, words),
        classes=list_classes(words),
        tracts_count=len(view.tracts),
        most=MOST_TRACTS,
        home=view.home,
        twins=[(one, _name_overview(one, view)) for one in view.languages if one is not words],
    )


def _measure_counties(view: MapView) -> pd.DataFrame:
    """Return tracts, rate, and missing households of each county, most missing first.

    Rates are weighted by households, or by housing units where the tracts have no households.
    """
    tracts = pd.DataFrame(view.tracts.drop(columns=view.tracts.geometry.name))
    weight = "households_count" if "households_count" in tracts else "housing_units_count"
    weights = tracts[weight] if weight in tracts else pd.Series(np.nan, index=tracts.index)
    missing = view.scores.get("missing_households_count", pd.Series(dtype=float))
    rows = {}
    for code in _list_counties(view):
        own = tracts.index[tracts.index.str[:_COUNTY_DIGITS] == code]
        rows[code] = {
            "tracts_count": len(own),
            "rate_share": average_rate(tracts.loc[own, "cumulative_share"], weights[own]),
            "missing_count": missing.reindex(own).sum(min_count=1),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.sort_values(["missing_count", "rate_share"], ascending=[False, True])
