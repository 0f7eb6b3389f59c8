"""Draw the map of a kept run again, with what partners have logged since."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flows.steps.results.map_view import make_map_view, read_campaign_words
from flows.steps.sites.show import read_sites_of, show_sites
from flows.steps.sources.context import CONTEXT_FILE
from flows.steps.sources.districts import MapDistricts, join_districts, name_folder
from maps.run.county_maps import build_maps
from outreach.reports.data.inputs import ReportView
from outreach.reports.pages.report_set import name_files
from outreach.store import Run, Store

_COMPARABLE = "comparable"


def read_context(store: Store, run: Run, view: ReportView) -> dict[str, Any] | None:
    """Read the context of the run's own map, if it has one and shows the same tracts."""
    if not store.has_output(run.id, CONTEXT_FILE):
        return None
    if not view.tracts.index.equals(store.read_table(run.id, "tracts").index):
        return None
    context: dict[str, Any] | None = json.loads(store.read_output(run.id, CONTEXT_FILE))
    return context


def link_districts(views: Sequence[ReportView], home: str, above: str = "") -> MapDistricts:
    """Return every kind of district for one map, with the addresses of their pages.

    Parameters
    ----------
    views
        The views of a run, at least one.
    home
        The page that the map leads back to.
    above
        What stands before the folder of each kind of district in an address.
    """
    districts = join_districts([(view.kind, view.districts, view.crosswalk) for view in views])
    pages = {
        view.kind: {
            str(view.districts.loc[district, "name"]): f"{above}{name_folder(view.kind)}/{file}"
            for district, file in name_files(view).items()
        }
        for view in views
    }
    return replace(districts, pages=pages, home=home)


def draw_kept_maps(
    store: Store, run: Run, views: Sequence[ReportView], languages: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Return file name and content of a run's map with today's logs of partners.

    It has all of the run's own map but the range that a tract's own start leads to, which runs do
    not keep.

    Parameters
    ----------
    store, run
        The run and where it is.
    views
        What its reports show, at least one.
    languages
        Codes of catalogs; the map opens in the first.
    """
    first = views[0]
    linked = link_districts(views, f"../{name_folder(first.kind)}/index.html", "../")
    has_comparable = store.has_output(run.id, f"tables/{_COMPARABLE}.parquet")
    view = make_map_view(
        first.tracts,
        first.scores,
        first.targets,
        run.campaign,
        first.history,
        districts=linked,
        comparable=store.read_table(run.id, _COMPARABLE) if has_comparable else None,
    )
    return build_maps(
        replace(
            view,
            activity=first.activity,
            context=read_context(store, run, first),
            languages=read_campaign_words(run.campaign, languages),
            sites=show_sites(read_sites_of(store, run), linked),
        )
    )
