"""Describe the places where people get help for the page: marks, hours, and the nearest ones."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from maps.context.numbers import write_numbers
from outreach.catalog import Words
from outreach.tables import DataFrame, SiteDistances, Sites, as_table

#: So many kinds have a mark of their own, those with most places; the others share the last one.
MARKS = 7
#: What a place's card shows, where the file says it.
_DETAILS = ("hours", "address", "phone", "languages", "link")
#: Degrees are written to about a meter, miles in hundredths.
_DECIMALS, _MILE_STEPS = 5, 100


@dataclass(frozen=True, slots=True)
class MapSites:
    """The places of a map.

    Parameters
    ----------
    table
        The places.
    distances
        The nearest place of each layer to each tract.
    districts
        ``site``, ``kind``, and ``name`` of the districts that places lie in.
    """

    table: DataFrame[Sites]
    distances: DataFrame[SiteDistances]
    districts: pd.DataFrame


def take_sites(sites: MapSites, geoids: Collection[str]) -> MapSites:
    """Return the places of some tracts: those that lie in them, and those nearest to them."""
    own = sites.distances[sites.distances["geoid"].isin(geoids)]
    table = sites.table
    kept = table[table["geoid"].isin(geoids) | table.index.isin(own["site"])]
    return MapSites(as_table(kept, Sites), as_table(own, SiteDistances), sites.districts)


def describe_sites(
    sites: MapSites, geoids: "pd.Index[str]", districts: list[dict[str, Any]]
) -> dict[str, Any]:
    """Describe places for the page's scripts, each text once.

    Parameters
    ----------
    sites
        The places.
    geoids
        The tracts of the map in their order.
    districts
        As :func:`maps.run.districts.describe_districts` gives them.

    Returns
    -------
    dict
        ``layers`` and ``kinds``, their names, kinds with most places first; for each place
        ``names``, ``points`` (latitude, longitude), ``layer``, ``kind``, ``tracts``, and by kind
        of district ``districts`` (positions, -1 for none); ``details``, texts by name; ``near``,
        for each tract the position of its nearest place, -1 for none, and ``miles``, hundredths
        (both as :func:`maps.context.numbers.write_numbers`).
    """
    table = sites.table
    layers = list(dict.fromkeys(table["layer"]))
    counts = table["kind"].value_counts().sort_index(kind="stable")
    kinds = pd.Index(counts.sort_values(ascending=False, kind="stable").index)
    near, miles = _find_nearest(sites, geoids)
    return {
        "layers": layers,
        "kinds": kinds.tolist(),
        "names": table["name"].tolist(),
        "points": table[["latitude", "longitude"]].round(_DECIMALS).to_numpy().tolist(),
        "layer": [layers.index(name) for name in table["layer"]],
        "kind": kinds.get_indexer(pd.Index(table["kind"])).tolist(),
        "tracts": geoids.get_indexer(pd.Index(table["geoid"])).tolist(),
        "districts": {
            each["kind"]: _find_districts(sites, each["kind"], each["names"]) for each in districts
        },
        "details": {name: table[name].tolist() for name in _DETAILS if (table[name] != "").any()},
        "near": write_numbers(near),
        "miles": write_numbers(miles),
    }


def word_sites(described: dict[str, Any], words: Words) -> dict[str, list[str]]:
    """Return the names of layers and kinds in one language, where its catalog knows them."""
    return {
        part: [words.site_kind(name) for name in described[part]] for part in ("layers", "kinds")
    }


def _find_nearest(sites: MapSites, geoids: "pd.Index[str]") -> tuple[list[int], list[int]]:
    """Find the nearest place of each tract, of any layer, and its distance."""
    nearest = sites.distances.sort_values("distance_m", kind="stable").drop_duplicates("geoid")
    by_tract = nearest.set_index("geoid").reindex(geoids)
    places = sites.table.index.get_indexer(pd.Index(by_tract["site"].fillna(-1).astype(int)))
    steps = np.rint(by_tract["distance_miles"].fillna(0) * _MILE_STEPS).astype(int)
    return places.tolist(), steps.tolist()


def _find_districts(sites: MapSites, kind: str, names: list[str]) -> list[int]:
    """Find the position of the district of one kind that each place lies in."""
    own = sites.districts[sites.districts["kind"] == kind]
    named = own.drop_duplicates("site").set_index("site")["name"].reindex(sites.table.index)
    places: list[int] = pd.Index(names).get_indexer(pd.Index(named)).tolist()
    return places
