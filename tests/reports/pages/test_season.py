"""Season summaries: effects, tests and money are stated only as far as they are known."""

import dataclasses
import datetime as dt

import pytest

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.report_set import write_seasons
from tests.reports.town import SPEND, Tags, make_readout


def test_the_effect_is_unknown_until_there_is_a_result(view: ReportView, figures: Figures) -> None:
    unmeasured = Tags(dict(write_seasons(view, figures, SPEND))["season.html"]).text
    measured = Tags(
        dict(write_seasons(view, figures, SPEND, effect=make_readout(0.003)))["season.html"]
    ).text
    assert "Unknown. No test" in unmeasured
    assert (
        "from May 1, 2020 to June 11, 2020 estimates +1.20 points (+120 households), "
        "95% range +0.30 points to"
    ) in measured
    assert "the ads raised the rate" in measured
    assert "What the ads did" in unmeasured
    assert "What the ads did" not in measured


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (dt.date(2020, 7, 1), "runs until July 1, 2020"),
        (dt.date(2020, 6, 1), "ran until June 1, 2020"),
    ],
)
def test_the_season_says_how_long_a_test_runs(
    view: ReportView, figures: Figures, until: dt.date, sentence: str
) -> None:
    view_in_test = dataclasses.replace(view, test_until=until)
    text = Tags(dict(write_seasons(view_in_test, figures, SPEND))["season.html"]).text
    assert f"Unknown so far. A test with a comparison group {sentence}" in text
    assert "without a comparison group" not in text


def test_spend_on_places_across_boundaries_is_not_split_by_area(
    view: ReportView, figures: Figures
) -> None:
    spend = dataclasses.replace(SPEND, kind="zips")
    text = Tags(dict(write_seasons(view, figures, spend))["season.html"]).text
    assert "planned for 6 ZIPs" in text
    assert "Outside these areas" not in text
