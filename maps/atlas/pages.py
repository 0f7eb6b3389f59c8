"""Build the pages of an atlas: an overview and a page per county.

Pages are static files that need no server and no network. Every figure appears once, as text in a
table that works without scripts; scripts add the map, sorting, and search. Everything that pages
share (Leaflet, scripts, style, classes) is stored once in ``assets``.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from maps import offline
from maps.atlas.charts import draw_spread, draw_trend
from maps.atlas.counties import rank_figures
from maps.atlas.finder import encode_finder
from maps.atlas.ground import encode_ground
from maps.atlas.inputs import Atlas, County
from maps.atlas.insets import Inset, lay_sheet
from maps.atlas.places import name_counties
from maps.atlas.weights import Weight
from maps.atlas.words import (
    count_names,
    list_facts,
    list_missing,
    list_rows,
    say_apart,
    say_undrawn,
    say_unmapped,
    say_weighting,
)
from maps.layer import Layer
from maps.legend import describe_layer, word_layer
from maps.topology import join_dateline
from outreach import palette
from outreach.catalog import Words
from outreach.phrasing import strip_overrides

_SCRIPTS = ("words", "tables", "ground", "paper", "legend", "list", "search", "atlas")


def _choose_layers(atlas: Atlas) -> dict[str, Layer]:
    """Return the layers that have a figure, by name."""
    return {
        name: layer
        for name, layer in atlas.subject.layers.items()
        if atlas.tracts[layer.column].notna().any()
    }


def _describe_language(atlas: Atlas, words: Words) -> dict[str, Any]:
    """Return what the script says in a language."""
    source = words.source(atlas.census_year)
    return {
        "code": words.code,
        "locale": words.tag,
        "direction": words.direction,
        "texts": words.pick("map"),
        "layers": {
            name: word_layer(name, layer, atlas.tracts[layer.column], source, words)
            for name, layer in _choose_layers(atlas).items()
        },
    }


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a page stands: its language, the addresses of its assets, and its twins.

    Parameters
    ----------
    words
        The language.
    assets
        Addresses of style and scripts, seen from the page.
    twins
        Each other language, with the address of the same page in it.
    """

    words: Words
    assets: tuple[str, ...]
    twins: tuple[tuple[Words, str], ...] = ()


def write_assets(atlas: Atlas, words: Words) -> dict[str, str]:
    """Return the style and the scripts that all pages of a language share, by file name.

    A name changes with its content, so that browsers use no old copy and languages share what is
    the same. Classes come from all tracts, so that colors agree everywhere.
    """
    shared: dict[str, Any] = {
        "scales": [
            describe_layer(name, layer, atlas.tracts[layer.column])
            for name, layer in _choose_layers(atlas).items()
        ],
        "language": _describe_language(atlas, words),
        "missing": {"fill": palette.MISSING_COLOR, "line": palette.HATCH_COLOR},
        "water": palette.WATER_COLOR,
    }
    script = "\n".join(
        [offline.read_leaflet_script(), *(offline.read_asset(f"{name}.js") for name in _SCRIPTS)]
    )
    style = (
        offline.read_leaflet_style()
        + offline.read_asset("map.css")
        + offline.read_asset("atlas.css")
    )
    texts = f"const ATLAS = {offline.dump_json(shared)};\n"
    return {
        _name_asset("css", style): style,
        _name_asset("js", texts): texts,
        _name_asset("js", script): script,
    }


def _name_asset(kind: str, content: str) -> str:
    """Name a shared file by the hash of its content."""
    return f"assets/atlas-{hashlib.sha256(content.encode()).hexdigest()[:10]}.{kind}"


def write_overview(atlas: Atlas, outlines: gpd.GeoDataFrame | None, shelf: Shelf) -> str:
    """Return the overview: a map of counties and a table that opens their pages.

    Parameters
    ----------
    atlas
        What all pages share.
    outlines
        Index five digits, EPSG:4326; other counties are only in the table. ``None`` if there are no
        outlines at all.
    shelf
        Where the page stands, and its language.
    """
    words = shelf.words
    weight = atlas.counties["weight"].mode().iloc[0]
    table = atlas.counties.sort_values(["cumulative_share", "name"], kind="stable")
    table = _add_rateless(table, atlas, outlines)
    shapes = outlines[outlines.index.isin(table.index)] if outlines is not None else None

    ground = None
    apart: list[Inset] = []
    if shapes is not None and len(shapes):
        sheet, apart = lay_sheet(shapes)
        ground = {"flat": True, **encode_ground(sheet.reindex(table.index))}

    shorts = table["state"].map({code: state.short for code, state in atlas.states.items()})
    names = table["name"].astype(str) + ", " + shorts
    undrawn = names[~table.index.isin(shapes.index)].tolist() if shapes is not None else []
    return _render(
        "atlas_overview",
        shelf,
        atlas=atlas,
        rows=list_rows(table, atlas.subject.counties, words),
        weight=weight,
        weighting=say_weighting(atlas.counties["weight"], words),
        states=sorted(
            {atlas.states[code] for code in table["state"]}, key=lambda state: state.name
        ),
        ground=offline.dump_json(ground) if ground else "",
        older={
            code: words.date(day.date())
            for code, day in table["data_date"].dropna().items()
            if day.date() != atlas.data_date
        },
        undrawn=_describe_undrawn(undrawn, words),
        unmapped=say_unmapped(atlas.unmapped, words),
        apart=say_apart(apart, words),
        finder=_write_finder(atlas, table.index),
        finds=[name for name in ("places", "zips") if len(getattr(atlas.finder, name))],
        tracts_count=int(table["tracts_count"].sum()),
        rated_count=len(atlas.counties),
    )


def _write_finder(atlas: Atlas, counties: "pd.Index[str]") -> str:
    """Return the places and ZIPs of the counties as JSON; empty if there are none."""
    finder = atlas.finder
    if finder.places.empty and finder.zips.empty:
        return ""
    return offline.dump_json(encode_finder(finder, counties))


def _add_rateless(
    table: pd.DataFrame, atlas: Atlas, outlines: gpd.GeoDataFrame | None
) -> pd.DataFrame:
    """Add the counties of the atlas's states that have an outline and no rate, after the others."""
    if outlines is None:
        return table
    known = outlines.index[outlines.index.str[:2].isin(list(atlas.states))]
    codes = known.difference(table.index)
    if codes.empty:
        return table
    rateless = pd.DataFrame(
        {
            "name": name_counties(codes, outlines),
            "state": codes.str[:2],
            "tracts_count": 0,
            "weight": Weight.TRACTS.value,
        },
        index=codes,
    )
    return pd.concat([table, rateless])


def _describe_undrawn(names: list[str], words: Words) -> str:
    """Say which counties are not on the map; empty for none."""
    if not names:
        return ""
    counties = count_names(names, "counties", words)
    return words.say("atlas.undrawn_counties", counties=counties)


def draw_ground(county: County) -> str:
    """Encode the polygons of a county as JSON for its page; empty without polygons."""
    shapes = county.shapes
    if shapes is None or shapes.empty:
        return ""
    tracts = _order_tracts(county)
    ground = encode_ground(join_dateline(shapes.reindex(tracts.index)))
    return offline.dump_json({"flat": False, **ground})


def _order_tracts(county: County) -> pd.DataFrame:
    """Return the tracts of a county with their ranks, lowest rate first."""
    tracts = county.tracts.assign(rank=rank_figures(county.tracts["cumulative_share"]))
    return tracts.sort_index().sort_values("cumulative_share", kind="stable")


def write_county(atlas: Atlas, county: County, ground: str, shelf: Shelf) -> str:
    """Return the page of one county: map, figures, trend, spread, and tracts.

    Parameters
    ----------
    atlas
        What all pages share.
    county
        What this one shows.
    ground
        From :func:`draw_ground`; the same in every language.
    shelf
        Where the page stands, and its language.
    """
    words = shelf.words
    row = atlas.counties.loc[county.code]
    state = atlas.states[county.code[:2]]
    tracts = _order_tracts(county)
    peers = atlas.counties[atlas.counties["state"] == row["state"]]
    return _render(
        "atlas_county",
        shelf,
        atlas=atlas,
        county=county,
        row=row,
        state=state,
        state_average=atlas.averages[state.code],
        facts=list_facts(row, atlas.subject, words),
        ranked=(len(atlas.counties), len(peers)),
        rows=list_rows(tracts, atlas.subject.tracts, words),
        ground=ground,
        trend=draw_trend(str(row["name"]), state.name, county.own, county.whole, words),
        spread=draw_spread(tracts["cumulative_share"], words),
        quartiles=tracts["cumulative_share"].quantile([0.25, 0.5, 0.75]).tolist(),
        missing=[*list_missing(tracts, words), *say_undrawn(county.undrawn, words)],
    )


def _render(template: str, shelf: Shelf, **shown: Any) -> str:
    """Render a template in the language of its page."""
    page = _environment().get_template(f"{template}.html.j2")
    words = shelf.words
    return page.render(
        style=next(name for name in shelf.assets if name.endswith(".css")),
        scripts=[name for name in shelf.assets if name.endswith(".js")],
        words=words,
        say=words.say,
        others=shelf.twins,
        **shown,
    )


def _strip(value: Any) -> Any:
    """Take the marks that turn text around out of what a template shows."""
    return type(value)(strip_overrides(value)) if isinstance(value, str) else value


@cache
def _environment() -> Environment:
    """Return the template environment, made once."""
    return Environment(
        loader=PackageLoader("maps", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_strip,
    )
