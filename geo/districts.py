"""Read district files and find the districts and places that tracts belong to."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crosswalk.overlay import overlay_areas
from geo.download import fetch_file
from geo.polygons import read_polygons, repair_polygons
from outreach.errors import GeographyError, InputError
from outreach.phrasing import list_names, write_count, write_percent
from outreach.tables import Crosswalk, DataFrame, DistrictShapes, GeoDataFrame, Tracts, as_geo_table
from outreach.transport import Transport

_HALF = 0.5
#: Two districts may share at most this much of the smaller one; borders drawn by hand cross a bit.
MOST_SHARED = 0.01
#: A smaller share is a border that was rounded.
_ROUNDED = 1e-4
_TENTH = 0.1
_FEW = 3


@dataclass(frozen=True, slots=True)
class DistrictReport:
    """What happened while a district file was read.

    Parameters
    ----------
    file
        Path or address.
    rows
        Rows in the file.
    dissolved
        Districts that had several rows and were merged.
    repaired
        Districts whose invalid geometry was repaired.
    without_polygon
        Districts left out because they have no polygon.
    without_id
        Number of rows left out because they name no district.
    overlaps
        Sentences about districts that share a little ground.
    note
        Set if the server failed and a cached copy was used.
    """

    file: str
    rows: int
    dissolved: tuple[str, ...]
    repaired: tuple[str, ...]
    without_polygon: tuple[str, ...]
    without_id: int
    overlaps: tuple[str, ...] = ()
    note: str = ""

    def lines(self) -> list[str]:
        """Describe the report for people, one sentence per line."""
        lines = [f"Read {write_count(self.rows, 'row')} from {self.file}."]
        if self.note:
            lines.append(self.note)
        if self.without_id:
            lines.append(f"Left out {write_count(self.without_id, 'row')} without a district id.")

        for codes, action in (
            (self.dissolved, "Merged several rows into one for"),
            (self.repaired, "Repaired the geometry of"),
            (self.without_polygon, "Left out for lack of a polygon:"),
        ):
            if codes:
                lines.append(f"{action} {write_count(len(codes), 'district')}: {', '.join(codes)}.")
        return lines + list(self.overlaps)


def read_districts(
    kind: str,
    file: str,
    id_column: str,
    name_column: str | None = None,
    transport: Transport | None = None,
    cache_folder: Path | None = None,
    layer: str | None = None,
) -> tuple[GeoDataFrame[DistrictShapes], DistrictReport]:
    """Read one kind of district from a file, one row per district.

    Parameters
    ----------
    kind
        What the districts are, for messages, such as ``Ward``.
    file
        A path, or an address on the file server.
    id_column
        Column of the file with the district's id.
    name_column
        Column with the district's name; the id by default.
    transport, cache_folder
        Needed only for an address.
    layer
        The layer, where the file has several.

    Returns
    -------
    GeoDataFrame, DistrictReport
        Districts in order of their ids, with valid polygons.

    Raises
    ------
    GeographyError
        The file cannot be read, lacks a column, has several layers and none was named, or has no
        district with a polygon.
    InputError
        Two districts share more than :data:`MOST_SHARED` of the smaller one.
    ServiceError
        The address gave no usable answer and there is no cached copy.
    """
    path, note = _locate_file(kind, file, transport, cache_folder)
    raw = read_polygons(path, file, layer)
    name_column = name_column or id_column
    _check_columns(raw, (id_column, name_column), kind, file)

    # Drop rows that name no district, and repair the rest.
    ids = _write_ids(raw[id_column])
    parts = gpd.GeoDataFrame(
        {"name": _write_ids(raw[name_column]).fillna("").to_numpy()},
        index=pd.Index(ids, name="district_id"),
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )[ids.notna().to_numpy()]
    polygons, repaired, empty = repair_polygons(parts)
    if polygons.empty:
        raise GeographyError(f"{file} has no district with a polygon.", "Name a file of polygons.")

    # Merge the rows of each district; a district without a name takes its id.
    districts = polygons.dissolve(by="district_id", aggfunc={"name": _join_names})
    districts["name"] = districts["name"].where(districts["name"] != "", districts.index)
    report = DistrictReport(
        file=file,
        rows=len(raw),
        dissolved=tuple(polygons.index[polygons.index.duplicated()].unique().sort_values()),
        repaired=repaired,
        without_polygon=tuple(sorted(set(empty) - set(polygons.index))),
        without_id=len(raw) - len(parts),
        overlaps=_compare_overlaps(districts, file),
        note=note,
    )
    return as_geo_table(districts[["name", "geometry"]], DistrictShapes), report


def assign_districts(
    tracts: GeoDataFrame[Tracts],
    districts: GeoDataFrame[DistrictShapes],
    kind: str,
    tract_year: int = 2020,
) -> DataFrame[Crosswalk]:
    """Measure how much of each tract's land lies in each district.

    A tract may lie in several districts; :func:`geo.crosswalk.table.find_main_targets` names the
    largest. The weight is land area, not people. :func:`geo.crosswalk.overlay.overlay_areas`
    explains how the lake part of a shore tract is kept out.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` or :class:`outreach.tables.Boundaries`. Tracts without a
        geometry are not in the result.
    districts
        From :func:`read_districts`.
    kind
        What the districts are, for ``target_kind``: ``ward``, ``community area``, ...
    tract_year
        Census year of the tracts, for ``source_kind``.

    Returns
    -------
    DataFrame
        The part of a tract outside every district has an empty target.
    """
    return overlay_areas(tracts, districts, (f"tract{tract_year}", kind))


def find_tracts_in_place(tracts: GeoDataFrame[Tracts], place: gpd.GeoDataFrame) -> pd.Index:
    """Find the tracts that have more than half of their land in a place.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` or :class:`outreach.tables.Boundaries`.
    place
        The polygons of the place, EPSG:4326; several rows count as one place.

    Returns
    -------
    Index
        The ``geoid`` of each tract, in order.
    """
    whole = gpd.GeoDataFrame(
        index=pd.Index(["place"]), geometry=[place.geometry.union_all()], crs=place.crs
    )
    shares = overlay_areas(tracts, whole, ("tract", "place"))
    inside = shares[(shares["target"] == "place") & (shares["weight"] > _HALF)]
    geoids: pd.Index = pd.Index(sorted(inside["source"]), name="geoid")
    return geoids


def _locate_file(
    kind: str, file: str, transport: Transport | None, cache_folder: Path | None
) -> tuple[Path, str]:
    """Return the local path of a file, downloaded if needed, and a note on the download."""
    if not file.startswith(("http://", "https://")):
        return Path(file), ""
    if transport is None or cache_folder is None:
        raise GeographyError(
            f"The districts '{kind}' are at a web address.", "Give a transport and a cache folder."
        )
    download = fetch_file(transport, file, cache_folder)
    return download.path, download.note


def _compare_overlaps(districts: gpd.GeoDataFrame, file: str) -> tuple[str, ...]:
    """Describe districts that share a little ground, and refuse ones that share more."""
    # A share needs no projection: the two areas compared lie on the same ground.
    shapes = districts.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    smaller = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    share = shapely.area(shapely.intersection(shapes[first], shapes[second])) / smaller

    # The worst pairs first; of equal ones the order of the file.
    order = [pair for pair in np.argsort(-share, kind="stable") if share[pair] > _ROUNDED]
    ids = districts.index
    pairs = [
        f"{ids[first[pair]]} and {ids[second[pair]]} share"
        f" {write_percent(share[pair], 0 if share[pair] > _TENTH else 2)}"
        for pair in order[:_FEW]
    ]
    if not pairs:
        return ()
    more = f", and {len(order) - _FEW} more pairs do" if len(order) > _FEW else ""
    sentence = f"Districts overlap: {', '.join(pairs)} of the smaller one{more}."
    if share[order[0]] > MOST_SHARED:
        raise InputError(
            f"{file}: {sentence[0].lower()}{sentence[1:]}",
            "Leave out what is no district of its own, such as an outline of the city, or correct"
            " the borders.",
        )
    return (sentence,)


def _check_columns(raw: gpd.GeoDataFrame, columns: tuple[str, str], kind: str, file: str) -> None:
    """Refuse a file that lacks the id or name column."""
    for column in columns:
        if column not in raw.columns:
            others = [str(name) for name in raw.columns if name != "geometry"]
            names = list_names(others, len(others))
            raise GeographyError(
                f"{file} has no column '{column}' for the districts '{kind}'; it has {names}.",
                "Correct id_column or name_column in the campaign.",
            )


def _write_ids(values: pd.Series) -> "pd.Series[str]":
    """Write ids as text, without the decimals of a numeric column; missing stays missing."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("string").str.strip()
    return text.where(text != "").astype("str")


def _join_names(names: "pd.Series[str]") -> str:
    """Join the distinct names of one district's rows."""
    return ", ".join(dict.fromkeys(name for name in names if name))
