"""Public views: small counts, ranks and money are hidden."""

import pytest

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.report_set import write_reports
from outreach.reports.pages.tract_table import list_tracts
from outreach.reports.text.catalog import read_words
from tests.reports.town import Tags


def test_public_pages_hide_small_counts_ranks_and_money(view: ReportView) -> None:
    public, figures = make_public(view, test_running=True)
    assert public.targets is None
    assert public.hidden_count == 1
    assert figures.table["planned_usd"].sum() == 0
    whole = measure_districts(view).whole["households_count"]
    assert figures.whole["households_count"] == pytest.approx(
        whole - view.tracts["households_count"].iloc[5]
    )
    rows = list_tracts(
        figures.parts.assign(households_count=4.0), figures, read_words("en"), hide_small=True
    )
    assert {row["households"] for row in rows} == {"< 10"}
    assert {row["rank"] for row in rows} == {""}
    assert (
        "1 tract with fewer than 10 households"
        in Tags(dict(write_reports(public, figures=figures))["ward-1.html"]).text
    )
