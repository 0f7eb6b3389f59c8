"""Write the reports of a run for the team: district pages and a season summary.

The run's folder is never changed. Reports are in ``reports/<run id>/`` of the service's folder,
with a folder for each kind of district and, where partners have logged anything, one for the map
with today's logs. A set is built under a hidden name and renamed when it is
complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prefect import flow

from flows.engine.progress import Steps
from flows.steps.folders import build_folder
from flows.steps.measuring.readout import find_readout
from flows.steps.reports.kept_map import draw_kept_maps
from flows.steps.reports.pages import write_pages
from flows.steps.reports.views import check_districts, gather_view
from flows.steps.sources.districts import name_folder
from flows.steps.sources.inputs import restore_inputs
from outreach.campaign import Districts
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.pages.report_set import name_files
from outreach.settings import read_settings
from outreach.store import Store

#: The folder of the map with today's logs of partners, beside those of the districts.
ACTIVITY_MAP = "partner-activity-map"


@dataclass(frozen=True)
class ReportSet:
    """What was written for one kind of district.

    Parameters
    ----------
    folder
        Its pages: ``index.html``, a page for each district, and ``season.html``.
    view, figures
        What the pages show, for mails.
    files
        District to the file name of its page.
    """

    folder: Path
    view: ReportView
    figures: Figures
    files: dict[str, str]


@flow(name="reports", flow_run_name="reports of {run_name}", validate_parameters=False)
def run_reports(
    run_name: str = "latest",
    districts: Sequence[Districts] | None = None,
    languages: Sequence[str] = ("en", "es"),
) -> list[ReportSet]:
    """Write the reports of a finished run for each kind of district that its campaign names.

    Parameters
    ----------
    run_name
        A run's id, part of one, or ``latest``.
    districts
        Boundaries to use in place of the campaign's.
    languages
        Codes of catalogs; the first has the plain file names.

    Returns
    -------
    list of ReportSet
        One for each kind of district.

    Raises
    ------
    CampaignError
        No districts are named.
    OutreachError
        Anything else that went wrong, in one sentence; earlier reports are then unchanged.
    """
    settings, steps = read_settings(), Steps()
    store = Store(settings.runs_folder)
    run, _ = store.find(run_name)
    kinds = tuple(districts) if districts is not None else restore_inputs(store, run)
    check_districts(run, kinds)
    effect = find_readout(settings.home, store, run.id)

    report_sets = []
    for kind in kinds:
        with steps.step(f"Read {kind.name}"):
            view = gather_view(store, run, kind, settings)
        with steps.step(f"Measure {kind.name}"):
            figures = measure_districts(view)
        with steps.step(f"Write {kind.name}"):
            folder = settings.home / "reports" / run.id / name_folder(kind.name)
            with build_folder(folder, _is_page) as building:
                write_pages(building, view, figures, run, languages, effect=effect)
        report_sets.append(ReportSet(folder, view, figures, name_files(view)))

    # The run's own map stays as it is; partners may have logged more since it was drawn.
    if report_sets[0].view.activity is not None:
        with steps.step("Draw the map with today's logs"):
            views = [each.view for each in report_sets]
            with build_folder(settings.home / "reports" / run.id / ACTIVITY_MAP, _is_page) as map_:
                for name, page in draw_kept_maps(store, run, views, languages):
                    (map_ / name).write_text(page, encoding="utf-8")
    return report_sets


def _is_page(name: str) -> bool:
    """Return whether a file of a report set is one that a set consists of."""
    return "/" not in name and name.endswith(".html")
