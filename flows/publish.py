"""The publishing flow: from a finished run to a folder that may be put on the web as it is.

Small counts are hidden, priorities and reasons left out, and while a test with a comparison group
runs nothing tells who is in it: no arm, no budget, no target, neither in a page nor in the map or
the data. Layout::

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
from flows.steps.reports.views import check_named, find_earlier, gather_view, tells_test
from outreach.campaign import Campaign
from outreach.errors import StoreError
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.open_data.package import write_open_data
from outreach.reports.open_data.redact import make_public
from outreach.reports.open_data.terms import PublicationTerms
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.site import write_fronts
from outreach.settings import read_settings
from outreach.store import Run, Store

#: The record of a publication; a folder with one is ours to replace.
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
        The folder; by default ``public/<run id>`` of the service's folder. One that holds something
        else is not touched.
    languages
        Codes of catalogs; the first has the plain file names.
    test_over
        The test of this run is over and read out, so that arms and money may be told.

    Raises
    ------
    StoreError
        The folder holds something else.
    OutreachError
        Anything else that went wrong, in one sentence; an earlier publication is then untouched.
    """
    settings, steps = read_settings(), Steps()
    store = Store(settings.runs_folder)
    run, found = store.find(run_name)
    check_named(run, run.campaign.districts)
    final = (into or settings.home / "public" / run.id).absolute()
    _check_ours(final)
    shown: list[tuple[ReportView, Figures]] = []
    running = False
    with build_folder(final) as building:
        for one in run.campaign.districts:
            with steps.step(f"Write {one.name}"):
                view = gather_view(store, run, one, settings)
                running = tells_test(view) and not test_over
                folder = building / name_folder(one.name)
                folder.mkdir()
                _write_open_data(folder / "open-data", view, running=running)
                public, figures = make_public(
                    view, find_earlier(store, run, view), test_running=running
                )
                spend = replace(sum_spend(run), withheld=running)
                effect = None if running else find_readout(settings.home, found)
                write_pages(
                    folder,
                    public,
                    figures,
                    run,
                    languages,
                    spend=spend,
                    effect=effect,
                    home="../index.html",
                )
                shown.append((public, figures))
        with steps.step("Draw the map"):
            page = _draw_public_map([view for view, _ in shown], run.campaign)
            (building / "map.html").write_text(page, encoding="utf-8")
        folders = {one.name: name_folder(one.name) for one in run.campaign.districts}
        public, figures = shown[0]
        made = dt.datetime.now(dt.UTC).date()
        fronts = write_fronts(
            figures, public, folders, languages, test_running=running, origin=Origin(made, run.id)
        )
        for name, content in fronts:
            (building / name).write_text(content, encoding="utf-8")
        _write_record(building, run, public, made, running=running)
    return final


def _check_ours(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier publication: it would be replaced as a whole."""
    if folder.exists() and not (
        folder.is_dir() and ((folder / RECORD).is_file() or not any(folder.iterdir()))
    ):
        raise StoreError(
            f"{folder} is there already and is no publication.",
            "Name a new or empty folder with --into.",
        )


def _draw_public_map(views: list[ReportView], campaign: Campaign) -> str:
    """Draw the map of what may be published, with the outlines of every kind of district."""
    first = views[0]
    drawn = [view.districts.assign(kind=view.kind)[["name", "kind", "geometry"]] for view in views]
    outlines = gpd.GeoDataFrame(pd.concat(drawn, ignore_index=True), crs=4326)
    return draw_map(
        first.tracts, first.scores, first.targets, campaign, first.history, None, outlines
    )


def _write_open_data(folder: Path, view: ReportView, *, running: bool) -> None:
    """Write the open-data folder; it hides small counts by itself, and says where."""
    terms = PublicationTerms(
        version=str(view.data_date), made=dt.datetime.now(dt.UTC).date(), test_running=running
    )
    folder.mkdir()
    for name, content in write_open_data(view, measure_districts(view), terms).items():
        (folder / name).write_bytes(content)


def _write_record(
    folder: Path, run: Run, view: ReportView, made: dt.date, *, running: bool
) -> None:
    """Write what was published: of which run, what is held back, every file with its hash."""
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    record = {
        "run": run.id,
        "campaign": run.campaign.name,
        "data_date": str(run.data_date),
        "made": str(made),
        "arms_and_money": "withheld, a test is running" if running else "published",
        "tracts_with_hidden_counts": view.hidden_count,
        "sha256": files,
    }
    (folder / RECORD).write_text(
        json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
