"""Rates alone still give reports: all tracts weigh alike, and no household is counted."""

import dataclasses
import datetime as dt
import re

import numpy as np
import pytest

from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.report_set import write_reports, write_seasons
from outreach.reports.pages.site import write_fronts
from outreach.tables import Scores, Tracts, as_geo_table, as_table
from tests.reports.town import SPEND, Tags, make_view


def drop_counts(view: ReportView) -> ReportView:
    """Return a view of which only the rates are known."""
    tracts, scores = view.tracts.copy(), view.scores.copy()
    for table in (tracts, scores):
        table[[name for name in table if name.endswith("_count")]] = np.nan
    scores["priority"] = np.nan
    return dataclasses.replace(
        view,
        tracts=as_geo_table(tracts, Tracts),
        scores=as_table(scores, Scores),
        targets=None,
    )


@pytest.fixture
def alone(view: ReportView) -> ReportView:
    before = drop_counts(make_view(dt.date(2020, 6, 5)))
    earlier = EarlierReport(before.data_date, measure_districts(before).table)
    return dataclasses.replace(drop_counts(view), earlier=earlier)


def test_tracts_weigh_alike_by_their_part(alone: ReportView) -> None:
    figures = measure_districts(alone)
    assert not figures.has_households
    rate = alone.tracts["cumulative_share"]
    inside = alone.crosswalk[alone.crosswalk["target"] == "1"].set_index("source")["weight"]
    known = inside[rate.reindex(inside.index).notna()]
    expected = float((known * rate[known.index]).sum() / known.sum())
    assert figures.row("1")["cumulative_share"] == pytest.approx(expected)
    for name in ("households_count", "missing_count", "needed_daily_count", "rank_missing"):
        assert figures.table[name].isna().all(), name
    assert figures.parts["households_count"].isna().all()
    assert figures.table["rank"].notna().all()


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_page_shows_a_number_of_households(alone: ReportView, language: str) -> None:
    figures = measure_districts(alone)
    public = make_public(alone, test_running=False)
    pages = dict(write_reports(alone, (language,)))
    pages |= write_seasons(alone, figures, SPEND, (language,))
    fronts = write_fronts(
        public.figures, public.view, {"Ward": "ward"}, languages=(language,), test_running=False
    )
    pages |= {f"site-{name}": text for name, text in fronts}
    counted = re.compile(r"\d (missing )?households? (in|are)|\bnan\b|\d hogares? (en|faltan)")
    for name, page in pages.items():
        assert counted.search(Tags(page).text) is None, name
    alike = {"en": "counted alike, because no source", "es": "cuentan todos igual, porque ninguna"}
    assert alike[language] in Tags(pages["index.html"]).text
