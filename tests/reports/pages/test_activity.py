"""A district's page shows what partners did there by week, with date and source."""

import dataclasses
import datetime as dt
import re

import pytest

from outreach.catalog import read_words
from outreach.reports.charts.activity import draw_activity
from outreach.reports.data.activity import sum_activity
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.open_data.redact import make_public
from outreach.reports.pages.activity import list_activity
from tests.reports.town import Tags

ENGLISH = read_words("en")


def test_contacts_are_summed_by_week_and_divided_with_their_tract(view: ReportView) -> None:
    first = sum_activity(view, "1")
    assert first is not None
    weeks = {str(week.date()): row for week, row in first.weeks.to_dict("index").items()}
    assert weeks == {
        "2020-06-01": {"calls": 0.0, "doors": 42.0},
        "2020-06-08": {"calls": pytest.approx(70), "doors": 8.0},
    }
    assert first.organizations == ("Library <b>", "Union")
    assert (first.first, first.last) == (dt.date(2020, 6, 2), dt.date(2020, 6, 9))
    second = sum_activity(view, "../2")
    assert second is not None
    assert second.weeks["calls"].sum() == pytest.approx(30)
    assert sum_activity(view, "<3>") is None


def test_bars_stand_on_one_another_below_the_dates_of_the_season(
    view: ReportView, figures: Figures
) -> None:
    shown = draw_activity(figures, view, read_words("en"), "1")
    assert shown is not None
    assert shown.chart is not None
    bars = [tag for name, tag in Tags(shown.chart.__html__()).tags if name == "rect"]
    assert len(bars) == 3
    # The second week: doors begin where calls end, and as many contacts are as many pixels.
    calls, doors = bars[1:]
    (calls_y, calls_height), (doors_y, doors_height) = (
        (float(bar["y"] or 0), float(bar["height"] or 0)) for bar in (calls, doors)
    )
    assert doors_y + doors_height == pytest.approx(calls_y, abs=0.2)
    assert calls_height / doors_height == pytest.approx(70 / 8, rel=0.05)
    assert [text for _, text in shown.keys] == ["Calls: 70 contacts", "Doors: 50 contacts"]


def test_a_page_says_who_logged_it_and_by_when_or_that_nobody_did(pages: dict[str, str]) -> None:
    text = re.sub("[\u2066-\u2069]", "", " ".join(Tags(pages["ward-1.html"]).text.split()))
    assert "from the logs of Library <b> and Union; the last is of June 9, 2020" in text
    assert (
        "By June 12, 2020, no partner has logged anything here." in Tags(pages["ward-3.html"]).text
    )
    assert "Llamadas: 70 contactos" in Tags(pages["ward-1.es.html"]).text


def test_without_a_log_a_page_says_nothing_of_partners_and_none_is_public(
    view: ReportView, figures: Figures
) -> None:
    bare = dataclasses.replace(view, activity=None)
    assert draw_activity(figures, bare, read_words("en"), "1") is None
    assert view.activity is not None
    assert make_public(view, test_running=False).view.activity is None


def test_a_public_page_names_no_organization_and_leaves_small_weeks_out(
    view: ReportView, figures: Figures
) -> None:
    public = dataclasses.replace(view, hidden_count=0)
    first = sum_activity(public, "1")
    assert first is not None
    # The 8 contacts at doors of the second week are too few.
    assert first.weeks["doors"].tolist() == [42.0, 0.0]
    shown = draw_activity(figures, public, read_words("en"), "1")
    assert shown is not None
    assert "Library" not in shown.note
    assert "from the logs of 2 organizations until June 12, 2020" in shown.note

    files = {str(district): f"{place}.html" for place, district in enumerate(figures.table.index)}
    table = list_activity(figures, public, read_words("en"), files)
    assert table is not None
    assert table.heads == ("Calls", "Doors", "Weeks with any")
    rows = {href: cells for href, _, cells in table.rows}
    renamed = figures.table.assign(name=["Ward 10", "Ward 2", "Ward 1"])
    ordered = list_activity(dataclasses.replace(figures, table=renamed), public, ENGLISH, files)
    assert ordered is not None
    assert [name for _, name, _ in ordered.rows] == ["Ward 1", "Ward 2", "Ward 10"]
    assert rows[files["1"]] == ("70", "42", "2")
    assert rows[files["<3>"]] == ("\N{EN DASH}", "\N{EN DASH}", "0")
    assert list_activity(figures, view, read_words("en"), files) is None
