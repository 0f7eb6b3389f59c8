"""Builds the pages of an atlas: an overview of counties and a small page for each, static files that need no server and no network.

Every figure stands once, as text in a table that reads without scripts; scripts add the map,
sorting and search. What all pages share (Leaflet, scripts, style, the classes of the colors)
stands once in ``assets``.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from maps import offline
from maps.atlas.charts import draw_spread, draw_trend
from maps.atlas.counties import FIGURES, rank_figures
from maps.atlas.ground import encode_ground, join_dateline
from maps.atlas.insets import lay_sheet
from maps.atlas.places import State
from maps.layer import Layer
from maps.layers import change_month, change_week, internet, rate
from maps.legend import describe_layer
from outreach import palette
from outreach.phrasing import write_date

#: What a reader can color by, in the order of :data:`maps.atlas.counties.FIGURES`.
_LAYERS: dict[str, Layer] = {
    "rate": rate.LAYER,
    "internet": internet.LAYER,
    "change_week": change_week.LAYER,
    "change_month": change_month.LAYER,
}

_SCRIPTS = ("words", "tables", "ground", "legend", "list", "search", "atlas")

#: So many names are spelled out in a sentence; the rest is counted.
_SPELLED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """What all pages of an atlas share.

    Parameters
    ----------
    data_date
        The last data date of any county.
    source
        Who published the rates, in one sentence.
    counties
        Index five digits: ``name``, ``state`` (code), ``data_date``, ``tracts_count``, averages of
        :data:`maps.atlas.counties.FIGURES`, ``rank`` and ``state_rank`` (1 is the highest rate).
    states
        By code.
    averages
        Average rate of the tracts, by state code.
    average
        Average rate of all tracts.
    scales
        From :func:`describe_scales`.
    notes
        Sentences on what is missing or was mended.
    """

    data_date: dt.date
    source: str
    counties: pd.DataFrame
    states: dict[str, State]
    averages: dict[str, float]
    average: float
    scales: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """One county's page.

    Parameters
    ----------
    code
        Five digits.
    tracts
        Index ``geoid``: ``name``, ``status`` (``rated``, ``lapsed``, ``rateless``, ``water``),
        ``last_date``, :data:`maps.atlas.counties.FIGURES`.
    shapes
        Their polygons by ``geoid``, EPSG:4326; ``None`` where there are none.
    own, whole
        Average rate of the county and of its state over the season, index data dates in order.
    notes
        Sentences on what is missing or was mended.
    """

    code: str
    tracts: pd.DataFrame
    shapes: gpd.GeoSeries | None
    own: "pd.Series[float]"
    whole: "pd.Series[float]"
    notes: tuple[str, ...] = ()


def describe_scales(tracts: pd.DataFrame, source: str) -> tuple[dict[str, Any], ...]:
    """Choose the classes of each layer from all tracts of the atlas, so that a color means the same from the nation to the street."""
    return tuple(
        describe_layer(name, layer, tracts[layer.column], source)
        for name, layer in _LAYERS.items()
        if tracts[layer.column].notna().any()
    )


def write_assets(atlas: Atlas) -> dict[str, str]:
    """Return the style and the script that all pages share, by file name; a name changes with its content, so that no old copy is used."""
    shared: dict[str, Any] = {
        "scales": atlas.scales,
        "missing": {"fill": palette.MISSING_COLOR, "line": palette.HATCH_COLOR},
        "water": palette.WATER_COLOR,
    }
    script = "\n".join(
        [offline.read_leaflet_script(), *(offline.read_asset(f"{name}.js") for name in _SCRIPTS)]
    )
    script = f"const ATLAS = {offline.dump_json(shared)};\n{script}"
    style = (
        offline.read_leaflet_style()
        + offline.read_asset("map.css")
        + offline.read_asset("atlas.css")
    )
    return {_name_asset("css", style): style, _name_asset("js", script): script}


def _name_asset(kind: str, content: str) -> str:
    return f"assets/atlas-{hashlib.sha256(content.encode()).hexdigest()[:10]}.{kind}"


def write_overview(atlas: Atlas, outlines: gpd.GeoDataFrame | None, assets: dict[str, str]) -> str:
    """Return the overview: a map of counties and a table that opens their pages.

    Parameters
    ----------
    atlas
        What all pages share.
    outlines
        Index five digits, EPSG:4326; counties that are not there are in the table only. ``None``
        for none at all.
    assets
        From :func:`write_assets`.
    """
    table = atlas.counties.sort_values(["cumulative_share", "name"], kind="stable")
    drawn = outlines[outlines.index.isin(table.index)] if outlines is not None else None
    ground, apart = None, ""
    if drawn is not None and len(drawn):
        sheet, apart = lay_sheet(drawn)
        ground = {"flat": True, **encode_ground(sheet.reindex(table.index))}
    shorts = table["state"].map({code: state.short for code, state in atlas.states.items()})
    names = table["name"].astype(str) + ", " + shorts
    undrawn = names[~table.index.isin(drawn.index)].tolist() if drawn is not None else []
    return _render(
        "atlas_overview",
        assets,
        "",
        atlas=atlas,
        rows=_list_rows(table),
        states=sorted(
            {atlas.states[code] for code in table["state"]}, key=lambda state: state.name
        ),
        ground=offline.dump_json(ground) if ground else "",
        older={
            code: write_date(day)
            for code, day in table["data_date"].items()
            if day.date() != atlas.data_date
        },
        undrawn=f"Not on the map, for want of a boundary: {spell_names(undrawn, 'county', 'counties')}."
        if undrawn
        else "",
        apart=apart,
        tracts_count=int(table["tracts_count"].sum()),
    )


def write_county(atlas: Atlas, county: County, assets: dict[str, str]) -> str:
    """Return the page of one county: its map, figures, trend, spread and tracts."""
    row = atlas.counties.loc[county.code]
    state = atlas.states[county.code[:2]]
    tracts = county.tracts.assign(rank=rank_figures(county.tracts["cumulative_share"]))
    tracts = tracts.sort_index().sort_values("cumulative_share", kind="stable")
    shapes = county.shapes
    ground = None
    if shapes is not None and not shapes.empty:
        ground = {"flat": False, **encode_ground(join_dateline(shapes.reindex(tracts.index)))}
    peers = atlas.counties[atlas.counties["state"] == row["state"]]
    return _render(
        "atlas_county",
        assets,
        "../",
        atlas=atlas,
        county=county,
        row=row,
        state=state,
        state_average=atlas.averages[state.code],
        ranked=(len(atlas.counties), len(peers)),
        rows=_list_rows(tracts),
        ground=offline.dump_json(ground) if ground else "",
        trend=draw_trend(str(row["name"]), state.name, county.own, county.whole),
        spread=draw_spread(tracts["cumulative_share"], atlas.scales[0]),
        quartiles=tracts["cumulative_share"].quantile([0.25, 0.5, 0.75]).tolist(),
        missing=_list_missing(tracts),
    )


def _list_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Write the figures of a table as its page shows them, a row each."""
    written = table.assign(
        **{name: _write_figures(table[name], signed=name.endswith("_points")) for name in FIGURES},
        rank=[f"{rank:,.0f}" if rank == rank else "" for rank in table["rank"].tolist()],  # noqa: PLR0124  not NaN
    )
    return [
        dict(zip(("code", *written.columns), row, strict=True))
        for row in written.itertuples(name=None)
    ]


def _write_figures(values: "pd.Series[float]", *, signed: bool) -> list[str]:
    """Write shares in percent with one decimal and without the sign of it; a dash where there is none."""
    return [
        "\N{EN DASH}" if value != value else write_percent(value, signed=signed)  # noqa: PLR0124  NaN
        for value in values.tolist()
    ]


def write_percent(value: float, *, signed: bool = False) -> str:
    """Write a share in percent with one decimal, bare; ``signed`` for differences."""
    text = f"{abs(value) * 100:.1f}"
    if text == "0.0":
        return text
    sign = "\N{MINUS SIGN}" if value < 0 else "+" if signed else ""
    return sign + text


def spell_names(names: Sequence[str], one: str, many: str) -> str:
    """Count names and write them down, the first few where they are many."""
    more = f" and {len(names) - _SPELLED:,} more" if len(names) > _SPELLED else ""
    return (
        f"{len(names):,} {one if len(names) == 1 else many} ({', '.join(names[:_SPELLED])}{more})"
    )


def _list_missing(tracts: pd.DataFrame) -> list[str]:
    """Name the tracts without a rate on the data date, and why, a sentence a kind."""
    kinds = {
        "rateless": "No rate is published for",
        "water": "Only water:",
        "lapsed": "A rate was published earlier, but not on the data date, for",
    }
    said = []
    for status, words in kinds.items():
        there = tracts[tracts["status"] == status]
        names = there["name"].astype(str).tolist()
        if status == "lapsed":
            names = [
                f"{name} (last on {write_date(day)})"
                for name, day in zip(names, there["last_date"], strict=True)
            ]
        if names:
            said.append(
                f"{words} {len(names):,} tract{'' if len(names) == 1 else 's'}: {', '.join(names)}."
            )
    return said


def _render(template: str, assets: dict[str, str], root: str, **shown: Any) -> str:
    style, script = (
        next(name for name in assets if name.endswith(kind)) for kind in (".css", ".js")
    )
    page = _environment().get_template(f"{template}.html.j2")
    return page.render(style=root + style, script=root + script, **shown)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("maps", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": write_percent, "day": write_date}
    return environment
