"""Write the pages of one kind of district in every language."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.data.spend import PlannedSpend
from outreach.reports.pages.frame import Origin
from outreach.reports.pages.report_set import write_reports, write_seasons
from outreach.reports.text.test_result import Readout
from outreach.store import Run


def write_pages(
    folder: Path,
    view: ReportView,
    figures: Figures,
    run: Run,
    languages: Sequence[str],
    *,
    spend: PlannedSpend | None = None,
    effect: Readout | None = None,
    home: str = "",
) -> None:
    """Write district pages, index, and season summary in every language."""
    origin = Origin(dt.datetime.now(dt.UTC).date(), run.id)
    pages = [
        *write_reports(view, languages, origin=origin, figures=figures, home=home),
        *write_seasons(
            view,
            figures,
            spend or sum_spend(run),
            languages,
            origin=origin,
            effect=effect,
            home=home or "index.html",
        ),
    ]
    for name, content in pages:
        (folder / name).write_text(content, encoding="utf-8")


def sum_spend(run: Run) -> PlannedSpend:
    """Return what a run planned to spend."""
    return PlannedSpend(
        budget_usd=run.campaign.budget_usd,
        planned_usd=float(run.figures.get("planned_usd", 0.0)),
        targets_count=int(run.counts.get("funded", run.counts.get("targets", 0))),
        cpm_usd=1000 * run.campaign.impression_usd,
        kind=run.campaign.units.kind,
    )
