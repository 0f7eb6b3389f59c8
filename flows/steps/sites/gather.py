"""Put the places of a campaign on its tracts, and keep them with the run."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from flows.steps.notes import Notes
from flows.steps.sites.read import LayerPull
from geo.sites import find_districts, find_tracts, measure_distances
from outreach.errors import InputError
from outreach.phrasing import list_names, write_count
from outreach.spreadsheet import write_csv
from outreach.store import Input, RunFolder
from outreach.tables import (
    DataFrame,
    DistrictShapes,
    GeoDataFrame,
    SiteDistances,
    Sites,
    Tracts,
    as_geo_table,
    as_table,
    check,
)

#: Tables of a run.
SITES, DISTANCES = "places", "place_distances"
#: So many places are named in a note.
_NAMED = 3
_MILE_DECIMALS, _DEGREE_DECIMALS = 2, 6


@dataclass(frozen=True)
class GatheredSites:
    """The places of a campaign on its tracts.

    Attributes
    ----------
    table
        The places, those of the first layer first.
    distances
        The nearest place of each layer to each tract.
    sources
        The manifest's record of each file.
    """

    table: DataFrame[Sites]
    distances: DataFrame[SiteDistances]
    sources: tuple[Input, ...] = ()


def place_layers(
    pulls: Sequence[LayerPull], tracts: GeoDataFrame[Tracts], notes: Notes
) -> GatheredSites | None:
    """Find the tract of each place, and the nearest places of each tract.

    A place outside the campaign's area stays if it is the nearest one of a tract; all others are
    left out, and a note names them.

    Parameters
    ----------
    pulls
        The layers as their files have them.
    tracts
        The campaign's tracts, EPSG:4326.
    notes
        Takes what was left out.

    Returns
    -------
    GatheredSites or None
        ``None`` without any layer.

    Raises
    ------
    InputError
        No place of a layer lies in the campaign's area.
    """
    if not pulls:
        return None
    parts = []
    for pull in pulls:
        notes.add(pull.source.note)
        codes = find_tracts(pull.sites, tracts)
        if (codes == "").all():
            raise _explain_elsewhere(pull, tracts)
        parts.append(
            pull.sites.assign(layer=pull.layer.name, geoid=codes, is_public=pull.layer.public)
        )
    table = pd.concat(parts, ignore_index=True).rename_axis("site")
    far = {pull.layer.name: pull.layer.far_miles for pull in pulls}
    distances = measure_distances(as_table(table, Sites), tracts, far)

    # What lies outside stays only where it is of use.
    is_near = pd.Series(table.index.isin(distances["site"]), table.index)
    for pull in pulls:
        own = table["layer"] == pull.layer.name
        _note_outside(pull.layer.name, table[own & (table["geoid"] == "")], is_near, notes)
    kept = table[is_near | (table["geoid"] != "")]
    return GatheredSites(
        check(kept, Sites, "the places of the campaign"),
        check(distances, SiteDistances, "the distances to places"),
        tuple(pull.source for pull in pulls),
    )


def name_districts(sites: DataFrame[Sites], outlines: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Return which districts places lie in: ``site``, ``kind``, and ``name`` of the district.

    Parameters
    ----------
    sites
        The places.
    outlines
        Districts of one or more kinds: ``kind``, ``name``, geometry, EPSG:4326; ``None`` for none.
    """
    parts = [pd.DataFrame(columns=["site", "kind", "name"])]
    groups: Iterable[tuple[object, gpd.GeoDataFrame]]
    groups = () if outlines is None else outlines.groupby("kind", sort=False)
    for kind, own in groups:
        inside = find_districts(sites, as_geo_table(own, DistrictShapes)).dropna()
        names = inside.map(own["name"].astype(str))
        columns = {"site": inside.index, "kind": str(kind), "name": names.to_numpy()}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def write_sites(
    run: RunFolder, sites: GatheredSites, districts: pd.DataFrame, targets: pd.Index
) -> None:
    """Write the places of a run as tables, and as CSV files for people.

    Parameters
    ----------
    run
        The open run.
    sites
        Its places.
    districts
        As :func:`name_districts` gives them.
    targets
        The tracts that are targeted.
    """
    run.write_table(SITES, sites.table)
    run.write_table(DISTANCES, sites.distances)

    listed = pd.DataFrame(sites.table.drop(columns="is_public"))
    listed["is_target_tract"] = listed["geoid"].isin(targets)
    for kind, own in districts.groupby("kind", sort=False):
        listed[str(kind)] = own.set_index("site")["name"].reindex(listed.index).fillna("")
    run.write_file("places.csv", write_csv(listed.round(_DEGREE_DECIMALS), index=False))

    near = sites.distances.assign(name=sites.distances["site"].map(sites.table["name"]))
    near["is_target_tract"] = near["geoid"].isin(targets)
    near["distance_m"] = near["distance_m"].round()
    near["distance_miles"] = near["distance_miles"].round(_MILE_DECIMALS)
    columns = ["geoid", "layer", "name", "distance_m", "distance_miles", "is_far"]
    run.write_file(
        "place_distances.csv", write_csv(near[[*columns, "is_target_tract"]], index=False)
    )


def _explain_elsewhere(pull: LayerPull, tracts: GeoDataFrame[Tracts]) -> InputError:
    """Say that no place of a layer lies in the campaign's area, and where the first one is."""
    first = pull.sites.iloc[0]
    west, south, east, north = tracts.total_bounds
    return InputError(
        f"{pull.layer.file}: none of the {write_count(len(pull.sites), 'place')} of"
        f" '{pull.layer.name}' lies in the campaign's area, which reaches from {south:.2f} to"
        f" {north:.2f} north and from {west:.2f} to {east:.2f} east; the first one,"
        f" {list_names([first['name']], 1)}, is at {first['latitude']:.4f},"
        f" {first['longitude']:.4f}.",
        "Name the file of this area, or correct its coordinates.",
    )


def _note_outside(
    layer: str, outside: pd.DataFrame, is_near: "pd.Series[bool]", notes: Notes
) -> None:
    """Say which places outside the area are left out, and which stay."""
    stays = outside.index[outside.index.isin(is_near.index[is_near])]
    for rows, end in (
        (outside.drop(stays), "left out"),
        (outside.loc[stays], "kept as the nearest to a tract"),
    ):
        if len(rows):
            count = write_count(len(rows), "place")
            names = list_names([f"'{name}'" for name in rows["name"]], _NAMED)
            notes.add(f"{layer}: {count} outside the campaign's area, {end}: {names}.")
