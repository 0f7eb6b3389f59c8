"""Pages say what a rate is the rate of, and show nothing empty after the deadline."""

import dataclasses
import datetime as dt

import pytest

from outreach.catalog import read_words
from outreach.rates import average_rate
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.reports.pages.district import compare_earlier
from outreach.reports.pages.report_set import name_files, write_reports, write_seasons
from outreach.reports.pages.site import write_fronts
from outreach.reports.pages.tract_table import list_tracts
from outreach.reports.pages.trial.effect import write_effect_pages
from outreach.reports.text.method import describe_method
from tests.reports.town import SPEND, Tags, make_readout, make_view

ENGLISH = read_words("en")


def shrink(view: ReportView) -> ReportView:
    """Leave out one district, so that the campaign is larger than its districts."""
    return dataclasses.replace(view, districts=view.districts.iloc[:2])


def test_the_campaigns_own_rate_stands_beside_that_of_the_districts(view: ReportView) -> None:
    smaller = shrink(dataclasses.replace(view, earlier=None))
    figures = measure_districts(smaller)
    rate = average_rate(view.tracts["cumulative_share"], view.tracts["households_count"])
    assert figures.campaign_share == pytest.approx(rate)
    assert abs(figures.campaign_share - figures.whole["cumulative_share"]) > 0.01

    pages = dict(write_reports(smaller, figures=figures))
    pages |= dict(write_seasons(smaller, figures, SPEND))
    public = dataclasses.replace(smaller, hidden_count=0)
    pages |= {
        f"front-{name}": page
        for name, page in write_fronts(figures, public, {"Ward": "ward"}, test_running=False)
    }
    for name in ("index.html", "season.html", "front-index.html"):
        text = " ".join(Tags(pages[name]).text.split())
        assert "of households in 2 districts (\u2068Ward\u2069) together have responded" in text
        assert "Whole campaign" in text
        assert ENGLISH.share(rate) in text
    assert (
        f"of households in \u2068{figures.table['name'].iloc[1]}" in Tags(pages["ward-2.html"]).text
    )


def test_after_the_deadline_a_page_says_how_the_district_did(view: ReportView) -> None:
    over = dataclasses.replace(view, deadline=view.data_date, earlier=None)
    figures = measure_districts(over)
    expected = figures.table["cumulative_share"] - 0.021
    figures = dataclasses.replace(figures, table=figures.table.assign(peer_share=expected))
    district = str(figures.table.index[1])
    page = dict(write_reports(over, figures=figures))[name_files(over)[district]]
    text = Tags(page).text
    row = figures.row(district)
    distance = row["cumulative_share"] - row["peer_share"]
    assert "How the season ended" in text
    assert "This week" not in text
    assert ENGLISH.points(distance) in text
    assert ENGLISH.points(-row["gap_points"]) in text
    for empty in ("the deadline has passed", "unknown", "no earlier report", "Needed per day"):
        assert empty not in text


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [(48, 49, "down 1 place"), (49, 47, "up 2 places"), (5, 5, "same rank")],
)
def test_a_fall_in_rank_is_no_gain(
    view: ReportView, figures: Figures, then: int, now: int, words: str
) -> None:
    earlier = EarlierReport(dt.date(2020, 6, 5), figures.table.assign(rank=float(then)))
    row = figures.table.assign(rank=float(now)).loc["1"]
    since = compare_earlier(row, dataclasses.replace(view, earlier=earlier), ENGLISH, "1")
    assert since is not None
    assert since["lines"][-1][1:] == (str(then), str(now), words)


def test_changes_are_those_of_the_figures_and_not_of_their_rounding(
    view: ReportView, figures: Figures
) -> None:
    row = figures.table.loc["1"].copy()
    then = figures.table.copy()
    row["missing_count"], then.loc["1", "missing_count"] = 100.4, 99.6
    row["cumulative_share"], then.loc["1", "cumulative_share"] = 0.50049, 0.49951
    earlier = EarlierReport(dt.date(2020, 6, 5), then)
    since = compare_earlier(row, dataclasses.replace(view, earlier=earlier), ENGLISH, "1")
    assert since is not None
    rate, missing, _ = since["lines"]
    assert rate[1:] == ("50.0%", "50.0%", "+0.1 points")
    assert missing[1:] == ("100", "100", "+1")


def test_slivers_are_counted_and_not_listed(figures: Figures) -> None:
    parts = figures.parts[figures.parts["district"] == "1"].copy()
    listed = len(list_tracts(parts, figures, ENGLISH))
    parts.loc[parts.index[0], "weight"] = 0.009
    assert len(list_tracts(parts, figures, ENGLISH)) == listed - 1
    # A tract of which no more than a sliver lies elsewhere is here, and no page says 100% of it.
    for weight, part in ((0.995, "all"), (0.98, "98%")):
        parts["weight"] = weight
        assert {row["part"] for row in list_tracts(parts, figures, ENGLISH)} == {part}


def test_an_archive_of_one_day_is_said_as_such() -> None:
    alone = make_view()
    history = alone.history
    assert history is not None
    last = history[history["data_date"] == history["data_date"].max()]
    view = dataclasses.replace(alone, history=last)
    sentences = " ".join(
        line.text for line in describe_method(measure_districts(view), view, ENGLISH, None)
    )
    assert "0 days" not in sentences
    assert "has no day before this report's" in sentences


def test_a_test_result_says_its_verdict_before_its_number() -> None:
    readout = make_readout(0.003)
    text = Tags(dict(write_effect_pages(readout))["effect.html"]).text
    verdict = text.index(readout.lines()[0])
    assert verdict < text.index("points of the response rate")
