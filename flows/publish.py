"""Write the public site of a run: a folder that can go on the web.

Small counts are hidden, and priorities and reasons are left out. While a test with a comparison
group runs, no page, map, or table shows an arm, a budget, or a target. Layout::

    index.html  map.html  publication.json  <kind of district>/index.html ... season.html open-data/
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from prefect import flow

from flows.engine.progress import Steps
from flows.steps.districts import name_folder
from flows.steps.folders import build_folder
from flows.steps.measuring.readout import find_readout
from flows.steps.outputs import draw_map
from flows.steps.reports.pages import sum_spend, write_pages
from flows.steps.reports.views import check_districts, find_earlier, gather_view, has_test
from outreach.campaign import Campaign
from outreach.errors import StoreError
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.open_data.package import write_open_data
from outreach.reports.open_data.redact import make_public
from outreach.reports.open_data.terms import PublicationTerms
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.site import write_fronts
from outreach.reports.text.test_result import Readout
from outreach.settings import read_settings
from outreach.store import Run, Store

#: The record of a publication. A folder with one may be replaced.
RECORD = "publication.json"


@flow(name="publish", flow_run_name="publication of {run_name}", validate_parameters=False)
def publish_run(
    run_name: str = "latest",
    into: Path | None = None,
    languages: Sequence[str] = ("en", "es"),
    *,
    test_over: bool = False,
) -> Path:
    """Write the public site of a run.

    Parameters
    ----------
    run_name
        A run's id, part of one, or ``latest``.
    into
        The folder; by default ``public/<run id>`` in the service's folder. A folder with other
        content is refused.
    languages
        Codes of catalogs; the first has the plain file names.
    test_over
        The test of this run is over and read out, so that arms and money may be published.

    Raises
    ------
    StoreError
        The folder has other content.
    OutreachError
        Anything else that went wrong, in one sentence; an earlier publication is then unchanged.
    """
    settings, steps = read_settings(), Steps()
    store = Store(settings.runs_folder)
    run, run_folder = store.find(run_name)
    kinds = run.campaign.districts
    check_districts(run, kinds)
    final = (into or settings.home / "public" / run.id).absolute()
    _check_folder(final)

    views: list[ReportView] = []
    figures_of_kinds: list[Figures] = []
    running = False
    with build_folder(final) as building:
        for districts in kinds:
            with steps.step(f"Write {districts.name}"):
                view = gather_view(store, run, districts, settings)
                running = has_test(view) and not test_over
                effect = None if running else find_readout(settings.home, run_folder)
                folder = building / name_folder(districts.name)
                earlier = find_earlier(store, run, view)
                public, figures = _write_district_pages(
                    folder, view, earlier, run, languages, effect, running=running
                )
                views.append(public)
                figures_of_kinds.append(figures)

        with steps.step("Draw the map"):
            page = _draw_public_map(views, run.campaign)
            (building / "map.html").write_text(page, encoding="utf-8")

        # The front pages show the first kind of district and link to the others.
        origin = Origin(dt.datetime.now(dt.UTC).date(), run.id)
        folders = {districts.name: name_folder(districts.name) for districts in kinds}
        fronts = write_fronts(
            figures_of_kinds[0], views[0], folders, languages, test_running=running, origin=origin
        )
        for name, content in fronts:
            (building / name).write_text(content, encoding="utf-8")
        _write_record(building, run, views[0], running=running)
    return final


def _write_district_pages(
    folder: Path,
    view: ReportView,
    earlier: ReportView | None,
    run: Run,
    languages: Sequence[str],
    effect: Readout | None,
    *,
    running: bool,
) -> tuple[ReportView, Figures]:
    """Write open data and pages of one kind of district; return what may be published of it."""
    folder.mkdir()
    _write_open_data(folder / "open-data", view, running=running)
    public, figures = make_public(view, earlier, test_running=running)
    write_pages(
        folder,
        public,
        figures,
        run,
        languages,
        spend=replace(sum_spend(run), withheld=running),
        effect=effect,
        home="../index.html",
    )
    return public, figures


def _check_folder(folder: Path) -> None:
    """Refuse a folder with anything but an earlier publication, because it would be replaced."""
    if not folder.exists():
        return
    replaceable = folder.is_dir() and ((folder / RECORD).is_file() or not any(folder.iterdir()))
    if not replaceable:
        raise StoreError(
            f"{folder} already exists and is not a publication.",
            "Name a new or empty folder with --into.",
        )


def _draw_public_map(views: list[ReportView], campaign: Campaign) -> str:
    """Draw the public map, with the outlines of every kind of district."""
    first = views[0]
    outlines = [
        view.districts.assign(kind=view.kind)[["name", "kind", "geometry"]] for view in views
    ]
    districts = gpd.GeoDataFrame(pd.concat(outlines, ignore_index=True), crs=4326)
    return draw_map(
        first.tracts, first.scores, first.targets, campaign, first.history, None, districts
    )


def _write_open_data(folder: Path, view: ReportView, *, running: bool) -> None:
    """Write the open-data folder; it hides small counts and says where."""
    terms = PublicationTerms(
        version=str(view.data_date), made=dt.datetime.now(dt.UTC).date(), test_running=running
    )
    folder.mkdir()
    for name, content in write_open_data(view, measure_districts(view), terms).items():
        (folder / name).write_bytes(content)


def _write_record(folder: Path, run: Run, view: ReportView, *, running: bool) -> None:
    """Write what was published: the run, what is withheld, and the hash of every file."""
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    record = {
        "run": run.id,
        "campaign": run.campaign.name,
        "data_date": str(run.data_date),
        "made": str(dt.datetime.now(dt.UTC).date()),
        "arms_and_money": "withheld, a test is running" if running else "published",
        "tracts_with_hidden_counts": view.hidden_count,
        "sha256": files,
    }
    (folder / RECORD).write_text(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
