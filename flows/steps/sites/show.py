"""Read the places of a run, and put together what maps and reports show of them."""

import pandas as pd

from flows.steps.sites.gather import DISTANCES, SITES, GatheredSites, name_districts
from flows.steps.sources.districts import MapDistricts
from geo.sites import find_districts
from maps.run.sites import MapSites
from outreach.reports.data.sites import ReportSites
from outreach.store import Run, Store
from outreach.tables import DistrictShapes, GeoDataFrame, SiteDistances, Sites, as_table


def read_sites_of(store: Store, run: Run, *, is_public: bool = False) -> GatheredSites | None:
    """Read the places that a run kept.

    Parameters
    ----------
    store, run
        The run and where it is.
    is_public
        Whether to leave out the layers that the campaign does not publish.

    Returns
    -------
    GatheredSites or None
        ``None`` where there is none.
    """
    if not store.has_output(run.id, f"tables/{SITES}.parquet"):
        return None
    table, distances = store.read_table(run.id, SITES), store.read_table(run.id, DISTANCES)
    if is_public:
        table = table[table["is_public"]]
        distances = distances[distances["site"].isin(table.index)]
    if table.empty:
        return None
    return GatheredSites(as_table(table, Sites), as_table(distances, SiteDistances))


def show_sites(sites: GatheredSites | None, districts: MapDistricts | None) -> MapSites | None:
    """Return what a map shows of places; ``None`` for none."""
    if sites is None:
        return None
    outlines = None if districts is None else districts.outlines
    return MapSites(sites.table, sites.distances, name_districts(sites.table, outlines))


def report_sites(
    store: Store, run: Run, districts: GeoDataFrame[DistrictShapes]
) -> ReportSites | None:
    """Return what reports by district show of the places of a run; ``None`` for none."""
    sites = read_sites_of(store, run)
    if sites is None:
        return None
    chosen = store.read_table(run.id, "chosen")
    return ReportSites(
        table=sites.table,
        distances=sites.distances,
        districts=find_districts(sites.table, districts),
        targets=frozenset(pd.Index(chosen["place"])),
        far_miles={layer.name: layer.far_miles for layer in run.campaign.places},
    )
