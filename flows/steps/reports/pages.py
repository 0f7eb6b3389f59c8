"""Write the pages of one kind of district in every language."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.report_set import write_reports, write_seasons
from outreach.reports.pages.season import Money
from outreach.reports.text.test_result import Readout
from outreach.store import Run


def write_pages(
    folder: Path,
    view: ReportView,
    figures: Figures,
    run: Run,
    languages: Sequence[str],
    *,
    money: Money | None = None,
    effect: Readout | None = None,
    home: str = "",
) -> None:
    """Write the pages of every district, the index and the season summary in every language."""
    made = dt.datetime.now(dt.UTC).date()
    pages = [
        *write_reports(view, languages, made=made, run=run.id, figures=figures, home=home),
        *write_seasons(
            view,
            figures,
            money or sum_money(run),
            languages,
            made=made,
            run=run.id,
            effect=effect,
            home=home or "index.html",
        ),
    ]
    for name, content in pages:
        (folder / name).write_text(content, encoding="utf-8")


def sum_money(run: Run) -> Money:
    """Return what a run planned to spend."""
    return Money(
        budget_usd=run.campaign.budget_usd,
        planned_usd=float(run.figures.get("planned_usd", 0.0)),
        targets_count=int(run.counts.get("targets", 0)),
        cpm_usd=1000 * run.campaign.impression_usd,
        kind=run.campaign.units.kind,
    )
