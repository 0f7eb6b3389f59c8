"""The backtest page: one escaped file, every chart in words, every figure in a table."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outreach.catalog import read_words
from outreach.reports.data.backtest import BacktestTables
from outreach.reports.pages.past.backtest import write_backtest_pages

AREA = "Cook <script>alert(1)</script> & Co"


def invent_tables() -> BacktestTables:
    """Make the tables of a backtest with three rules on three days."""
    rules = (
        ("lowest rate first", "naive", 0.7),
        ("blend", "ex ante", 0.8),
        ("season forecast", "hindsight", 0.9),
    )
    days = pd.DataFrame(
        [
            invent_day(day, rule, tier, found_share)
            for day in (0, 14, 30)
            for rule, tier, found_share in rules
        ]
    )
    forecast = {"day": 14, "tier": "hindsight"}
    level = {
        "fifth": 1,
        "tracts_count": 265,
        "covered50_share": 0.51,
        "covered80_share": 0.77,
        "error_points": 2.5,
        "bias_points": -0.25,
    }
    group = {
        "dimension": "tenure",
        "group": "Renters <b>",
        "bias_points": 1.0,
        "error_points": 2.0,
        "covered80_share": 0.79,
        "bias_against_all_points": 0.5,
    }
    regions = pd.DataFrame(
        {
            "rule": "blend",
            "tier": "ex ante",
            "region": ["part 1 of 6", "part 2 of 6"],
            "tracts_count": 221,
            "day": 14,
            "against_lowest_share": [0.05, -0.0227],
        }
    )
    weights = pd.DataFrame(
        {"day": [14], "blend": ["past response 20%"], "season_forecast": ["trajectory 88%"]}
    )
    return BacktestTables(
        days, pd.DataFrame([forecast | level]), pd.DataFrame([forecast | group]), regions, weights
    )


def invent_day(day: int, rule: str, tier: str, found_share: float) -> dict[str, Any]:
    """Make the row of a rule on a day; nothing is published on day 0."""
    forecast = rule == "season forecast"
    return {
        "day": day,
        "data_date": pd.Timestamp("2020-03-20") + pd.Timedelta(days=day) if day else pd.NaT,
        "rule": rule,
        "tier": tier,
        "method": f"How {rule} works.",
        "worst_found_share": found_share + day / 1000,
        "missing_covered_share": 0.3,
        "reached_per_1000_usd": 750.0 + 100 * found_share,
        "missing_per_household_share": 0.5,
        "error_points": 3.0 - day / 30 if forecast else np.nan,
        "covered50_share": np.nan,
        "covered80_share": 0.8125 if forecast and day else np.nan,
        "width80_points": np.nan,
    }


def write_page(*args: Any, **options: Any) -> str:
    """Return the page in English."""
    return dict(write_backtest_pages(*args, **options))["backtest.html"]


@pytest.fixture(scope="module")
def page() -> str:
    return write_page(
        AREA,
        date(2020, 3, 20),
        date(2020, 10, 16),
        invent_tables(),
        tracts_count=1328,
        left_out_count=2,
        notes=["Mind the <gap>."],
    )


class _Reader(HTMLParser):
    """Count tags, check that each is closed, and list what a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append(tag)
        if tag == "meta":
            return
        self.fetched += [str(known[name]) for name in ("src", "href") if name in known]
        if tag == "svg" and known.get("role") == "img":
            self.labels.append(str(known.get("aria-label")))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    return reader


def test_the_page_is_one_complete_file_that_loads_nothing(read: _Reader) -> None:
    assert read.open == []
    assert read.fetched == []
    assert "script" not in read.tags
    assert "img" not in read.tags


def test_all_text_is_escaped(page: str) -> None:
    assert "<script>" not in page
    assert "Renters &lt;b&gt;" in page
    assert "Mind the &lt;gap&gt;." in page


def test_area_dates_and_tiers_are_named(page: str) -> None:
    assert page.count("Cook &lt;script&gt;") > 5
    assert "March 20, 2020" in page
    assert "October 16, 2020" in page
    assert "day 0: nothing published yet" in page
    assert "day 14: April 3, 2020" in page
    assert "1,328 tracts" in page
    assert page.count("hindsight") > 5


def test_every_chart_has_its_figures_in_words(read: _Reader) -> None:
    assert len(read.labels) == 4
    assert "blend: 80.0% on day 0, 83.0% on day 30" in read.labels[0]
    assert all("table below" in label for label in read.labels)


def test_every_figure_is_in_a_table(page: str) -> None:
    for figure in ("81.4%", "91.4%", "2.53", "81.2%", "+0.50", "\N{MINUS SIGN}2.3"):
        assert f"<td>{figure}</td>" in page


def test_regions_where_the_blend_did_worse_are_named(page: str) -> None:
    assert "part 2 of 6, day 14: \N{MINUS SIGN}2.3 points of 221 tracts" in page
    tables = invent_tables()
    better = BacktestTables(
        tables.days,
        tables.levels,
        tables.groups,
        tables.regions.assign(against_lowest_share=0.0),
        tables.weights,
    )
    assert "In no region on any day" in write_page(
        "Cook", date(2020, 3, 20), date(2020, 10, 16), better, tracts_count=1
    )


def test_a_backtest_without_profiles_or_season_has_a_page() -> None:
    tables = invent_tables()
    bare = BacktestTables(
        tables.days[tables.days["rule"] != "season forecast"].assign(
            missing_covered_share=np.nan,
            reached_per_1000_usd=np.nan,
            missing_per_household_share=np.nan,
        ),
        levels=pd.DataFrame(),
        groups=pd.DataFrame(),
        regions=pd.DataFrame(),
        weights=tables.weights,
    )
    page = write_page("Cook", date(2020, 3, 20), date(2020, 10, 16), bare, tracts_count=3)
    assert page.count('<svg class="chart"') == 1
    assert "by group of people" not in page


def test_the_page_has_a_spanish_twin_with_the_same_figures() -> None:
    pages = dict(
        write_backtest_pages(
            "Cook",
            date(2020, 3, 20),
            date(2020, 10, 16),
            invent_tables(),
            tracts_count=1328,
            languages=("en", "es"),
        )
    )
    assert list(pages) == ["backtest.html", "backtest.es.html"]
    assert 'href="backtest.es.html"' in pages["backtest.html"]
    english, spanish = (
        [re.sub(r"[^\d.+\u2212-]", "", cell) for cell in re.findall(r"<td>([^<]*)</td>", page)]
        for page in pages.values()
    )
    assert english == spanish
    twin = pages["backtest.es.html"]
    texts = read_words("en").pick("backtest").values()
    plain = [text for text in texts if isinstance(text, str) and "{" not in text]
    shown = re.sub(r"<(style|dd)\b.*?</\1>|<td class=\"text\".*?</td>", "", twin, flags=re.DOTALL)
    assert [text for text in plain if len(text) > 6 and text in shown] == []
    assert "pronóstico de la temporada" in twin
