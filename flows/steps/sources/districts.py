"""Read districts with names that stand alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from flows.steps.notes import Notes
from flows.steps.sources.division import divide_tracts, prefer_homes
from geo.districts import assign_districts, read_districts
from outreach.campaign import Districts
from outreach.errors import OutreachError
from outreach.files import make_slug
from outreach.settings import Settings
from outreach.tables import Crosswalk, DataFrame, DistrictShapes, GeoDataFrame, Tracts
from outreach.transport import Transport

#: The table of a run that keeps how its tracts are divided among districts.
DIVISIONS = "divisions"


def read_named(
    requested: Districts, transport: Transport, settings: Settings
) -> tuple[GeoDataFrame[DistrictShapes], tuple[str, ...]]:
    """Read one kind of district; a bare number becomes a name, such as ``Ward 5``.

    Returns
    -------
    districts : GeoDataFrame
        The districts.
    notes : tuple of str
        What was done to the file.
    """
    districts, report = read_districts(
        requested.name,
        requested.file,
        requested.id_column,
        requested.name_column,
        transport,
        settings.files_cache,
        requested.layer,
    )
    is_number = districts["name"].str.fullmatch(r"\d+")
    districts["name"] = districts["name"].mask(is_number, f"{requested.name} " + districts["name"])
    return districts, tuple(report.lines()[1:])


@dataclass(frozen=True)
class MapDistricts:
    """The districts of a map: their outlines, and their parts of tracts.

    Parameters
    ----------
    outlines
        Columns ``name``, ``kind``, and ``geometry`` (EPSG:4326).
    parts
        ``kind``, ``name``, ``geoid``, ``weight``, the share of the tract, and ``unit``, what the
        weight counts.
    pages
        By kind and name: the address of a district's page, where there is one.
    home
        The address of the site that the map belongs to, if any.
    divisions
        :class:`outreach.tables.Crosswalk` with a column ``kind``: how the tracts were divided,
        which the run keeps for its reports. A kind that could only be drawn is not in it.
    """

    outlines: gpd.GeoDataFrame
    parts: pd.DataFrame
    pages: dict[str, dict[str, str]] = field(default_factory=dict)
    home: str = ""
    divisions: pd.DataFrame | None = None


@dataclass(frozen=True)
class DividedKind:
    """One kind of district, and how the tracts of a run are divided among it.

    Parameters
    ----------
    districts
        The districts, with names that stand alone.
    crosswalk
        From the tracts to the districts.
    is_kept
        Whether reports may count by it, which refuse one that the campaign did not ask for.
    notes
        What was done to the file, and how the tracts are divided if that is not plain.
    """

    districts: GeoDataFrame[DistrictShapes]
    crosswalk: DataFrame[Crosswalk]
    is_kept: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class DividedKinds:
    """The districts of one run, each kind read and divided once, for floors, map, and reports.

    Homes divide the tracts where they can be had. Where the division of the campaign is not
    possible, a note says why, land area divides them, and a report refuses.

    Parameters
    ----------
    tracts
        Tracts with geometry and ``households_count``.
    tract_year
        Census year of the tracts.
    transport, settings
        The HTTP session, and where its file cache is.
    """

    tracts: GeoDataFrame[Tracts]
    tract_year: int
    transport: Transport
    settings: Settings
    _known: dict[str, DividedKind] = field(default_factory=dict)

    def divide(self, requested: Districts) -> DividedKind:
        """Read a kind of district and divide the tracts among it, unless that is done.

        Raises
        ------
        GeographyError
            The file of the districts cannot be used.
        DataError
            The file cannot be read.
        """
        key = requested.model_dump_json()
        if key not in self._known:
            self._known[key] = self._divide(requested)
        return self._known[key]

    def _divide(self, requested: Districts) -> DividedKind:
        tracts, year, kind = self.tracts, self.tract_year, requested.name
        districts, notes = read_named(requested, self.transport, self.settings)
        preferred = prefer_homes(requested, tracts.index, self.settings)
        try:
            division = divide_tracts(
                tracts, districts, preferred, year, self.settings, self.transport
            )
        except OutreachError as error:
            by_land = assign_districts(tracts, districts, kind, year)
            note = f"the map divides tracts by land area. {error}"
            return DividedKind(districts, by_land, is_kept=False, notes=(*notes, note))
        return DividedKind(
            districts, division.crosswalk, is_kept=True, notes=(*notes, *division.notes)
        )


def gather_outlines(
    kinds: tuple[Districts, ...], divided: DividedKinds, notes: Notes
) -> MapDistricts | None:
    """Gather every kind of district for a map, and how the whole run divides its tracts.

    Returns
    -------
    MapDistricts or None
        ``None`` without any kind.
    """
    shown, divisions = [], []
    for requested in kinds:
        made = divided.divide(requested)
        notes.extend(f"{requested.name}: {note}" for note in made.notes)
        if made.is_kept:
            divisions.append(made.crosswalk.assign(kind=requested.name))
        shown.append((requested.name, made.districts, made.crosswalk))
    if not shown:
        return None
    kept = pd.concat(divisions, ignore_index=True) if divisions else None
    return replace(join_districts(shown), divisions=kept)


def join_districts(
    kinds: Sequence[tuple[str, GeoDataFrame[DistrictShapes], DataFrame[Crosswalk]]],
) -> MapDistricts:
    """Join several kinds of district for one map.

    Parameters
    ----------
    kinds
        Name, districts, and crosswalk from the tracts of each kind, at least one.
    """
    outlines, parts = [], []
    for kind, districts, crosswalk in kinds:
        outlines.append(districts.assign(kind=kind)[["name", "kind", "geometry"]])
        inside = crosswalk[crosswalk["target"].isin(districts.index) & (crosswalk["weight"] > 0)]
        names = inside["target"].map(districts["name"])
        columns = {"kind": kind, "name": names, "geoid": inside["source"]}
        parts.append(pd.DataFrame({**columns, "weight": inside["weight"], "unit": inside["unit"]}))
    return MapDistricts(
        gpd.GeoDataFrame(pd.concat(outlines, ignore_index=True), crs=4326),
        pd.concat(parts, ignore_index=True),
    )


def name_folder(kind: str) -> str:
    """Return a kind of district as a folder name."""
    return make_slug(kind) or "districts"
