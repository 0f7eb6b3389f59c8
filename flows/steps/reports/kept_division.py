"""Read how a run divided its tracts among districts."""

import geopandas as gpd

from flows.steps.sources.districts import DIVISIONS
from flows.steps.sources.division import Division
from flows.steps.sources.inputs import has_districts
from geo.districts import assign_districts
from outreach.campaign import Districts
from outreach.store import Run, Store
from outreach.tables import Crosswalk, DistrictShapes, GeoDataFrame, as_table

_BY_LAND = "overlay"


def read_division(
    store: Store,
    run: Run,
    requested: Districts,
    tracts: gpd.GeoDataFrame,
    shapes: GeoDataFrame[DistrictShapes],
) -> Division | None:
    """Read how a run divided its tracts, so that every later page counts as its map does.

    Parameters
    ----------
    store, run
        The run and where it is.
    requested
        The kind of district.
    tracts, shapes
        Tracts and districts, with geometry.

    Returns
    -------
    Division or None
        ``None`` where there is none: for districts that are not the run's own, for a run of an
        older version, and where the map had to be divided in another way than the campaign says.
    """
    if not store.has_output(run.id, f"tables/{DIVISIONS}.parquet"):
        return None
    if not has_districts(store, run, requested):
        return None

    kind, table = requested.name, store.read_table(run.id, DIVISIONS)
    rows = table[table["kind"] == kind].drop(columns="kind").reset_index(drop=True)
    if rows.empty:
        return None

    crosswalk, prefix = as_table(rows, Crosswalk), f"{kind}: "
    notes = tuple(note.removeprefix(prefix) for note in run.notes if note.startswith(prefix))
    if (rows["method"] == _BY_LAND).all():
        return Division(crosswalk, crosswalk, notes)
    year = int(run.join_report.get("tract_year", 2020))
    return Division(crosswalk, assign_districts(tracts, shapes, kind, year), notes)
