"""Districts that a campaign reports by (wards, community areas, ZIPs, ...) and which of them, or which place, a tract belongs to."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.boundaries import read_polygons, repair_polygons
from geo.crosswalk.overlay import overlay_areas
from geo.download import fetch_file
from outreach.campaign import Districts
from outreach.errors import GeographyError
from outreach.transport import Transport

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class DistrictReport:
    """What was done to read districts.

    Parameters
    ----------
    file
        Path or address.
    rows
        Rows in the file.
    dissolved
        Districts that stood in several rows and were put together.
    repaired
        Districts with an invalid geometry that was repaired.
    without_polygon
        Districts left out because nothing polygonal was there.
    without_id
        Number of rows left out because they name no district.
    note
        Set if the server failed and a copy was used.
    """

    file: str
    rows: int
    dissolved: tuple[str, ...]
    repaired: tuple[str, ...]
    without_polygon: tuple[str, ...]
    without_id: int
    note: str = ""

    def lines(self) -> list[str]:
        """Say it to people, one sentence a line."""
        said = [f"{self.rows:,} rows from {self.file}."]
        said += [self.note] if self.note else []
        said += (
            [f"{self.without_id:,} rows name no district and were left out."]
            if self.without_id
            else []
        )
        for codes, what in (
            (self.dissolved, "put together from several rows"),
            (self.repaired, "repaired"),
            (self.without_polygon, "left out, without a polygon"),
        ):
            said += [f"{len(codes):,} {what}: {', '.join(codes)}."] if codes else []
        return said


def read_districts(
    asked: Districts, transport: Transport | None = None, cache_folder: Path | None = None
) -> tuple[gpd.GeoDataFrame, DistrictReport]:
    """Read the districts that a campaign names.

    Parameters
    ----------
    asked
        File (a path, or an address under the file server), column of the id and of the name.
    transport, cache_folder
        Needed for an address only.

    Returns
    -------
    GeoDataFrame, DistrictReport
        Index ``district_id`` (text), columns ``name`` and ``geometry`` (EPSG:4326, valid, one row a
        district), in order of id.

    Raises
    ------
    GeographyError
        The file cannot be read, lacks a column or has no district with a polygon.
    ServiceError
        An address gave no usable answer and there is no copy.
    """
    path, note = Path(asked.file), ""
    if asked.file.startswith(("http://", "https://")):
        if transport is None or cache_folder is None:
            raise GeographyError(
                f"The districts '{asked.name}' are at an address.",
                "Give a transport and a cache folder.",
            )
        download = fetch_file(transport, asked.file, cache_folder)
        path, note = download.path, download.note
    raw = read_polygons(path, asked.file)
    name_column = asked.name_column or asked.id_column
    for column in (asked.id_column, name_column):
        if column not in raw.columns:
            names = ", ".join(str(name) for name in raw.columns if name != "geometry")
            raise GeographyError(
                f"{asked.file} has no column '{column}' for the districts '{asked.name}'; it has {names}.",
                "Mend id_column or name_column in the campaign.",
            )
    ids = _as_text(raw[asked.id_column])
    parts = gpd.GeoDataFrame(
        {"name": _as_text(raw[name_column]).fillna("").to_numpy()},
        index=pd.Index(ids, name="district_id"),
        geometry=raw.geometry.to_numpy(),
        crs=raw.crs,
    )[ids.notna().to_numpy()]
    drawn, repaired, empty = repair_polygons(parts)
    if drawn.empty:
        raise GeographyError(
            f"{asked.file} has no district with a polygon.", "Name a file of polygons."
        )
    districts = drawn.dissolve(by="district_id", aggfunc={"name": _join_names})
    districts["name"] = districts["name"].where(districts["name"] != "", districts.index)
    report = DistrictReport(
        file=asked.file,
        rows=len(raw),
        dissolved=tuple(drawn.index[drawn.index.duplicated()].unique().sort_values()),
        repaired=repaired,
        without_polygon=tuple(sorted(set(empty) - set(drawn.index))),
        without_id=len(raw) - len(parts),
        note=note,
    )
    return districts[["name", "geometry"]], report


def assign_districts(
    tracts: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, kind: str, tract_year: int = 2020
) -> pd.DataFrame:
    """Return how much of each tract's land lies in which district.

    A tract may lie in several districts (:func:`geo.crosswalk.table.find_main_targets` names the
    first). The weight is area on land, not people: :func:`geo.crosswalk.overlay.overlay_areas` says
    how the part of a lakefront tract that lies in the water is kept out.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` or Boundaries; those without a geometry are not in the
        result.
    districts
        From :func:`read_districts`.
    kind
        What they are, for ``target_kind``: ``ward``, ``community area``, ...
    tract_year
        Census year of the tracts, for ``source_kind``.

    Returns
    -------
    DataFrame
        A :class:`outreach.tables.Crosswalk`; the part of a tract in no district has the empty
        target.
    """
    return overlay_areas(tracts, districts, (f"tract{tract_year}", kind))


def tracts_in_place(tracts: gpd.GeoDataFrame, place: gpd.GeoDataFrame) -> pd.Index:
    """Return the tracts more than half of whose land lies in a place (its polygons taken together).

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts` or Boundaries.
    place
        The row or rows of the place, in EPSG:4326.
    """
    whole = gpd.GeoDataFrame(
        index=pd.Index(["place"]), geometry=[place.geometry.union_all()], crs=place.crs
    )
    shares = overlay_areas(tracts, whole, ("tract", "place"))
    inside = shares[(shares["target"] == "place") & (shares["weight"] > _HALF)]
    geoids: pd.Index = pd.Index(sorted(inside["source"]), name="geoid")
    return geoids


def _as_text(values: pd.Series) -> "pd.Series[str]":
    """Return ids as text, without the decimals that a numeric column adds; missing stays missing."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("string").str.strip()
    return text.where(text != "").astype("str")


def _join_names(names: "pd.Series[str]") -> str:
    """Return the different names of one district's rows."""
    return ", ".join(dict.fromkeys(name for name in names if name))
