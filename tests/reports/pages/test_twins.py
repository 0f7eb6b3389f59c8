"""No Spanish page has words of its English twin, but for names."""

from datetime import date

import pandas as pd

from models.evaluation.rules import make_rules
from outreach.reports.pages.past.backtest import write_backtest_pages
from tests.reports.pages.past.test_backtest import AREA, invent_tables
from tests.reports.town import make_view
from tests.twins import list_faults, pair_pages, read_texts


def test_reports_are_spanish_in_their_spanish_twins(pages: dict[str, str]) -> None:
    names = (
        make_view().title,
        *make_view().districts["name"],
        "right to left",
        "\u2069",
        "Library <b>",
        "Union",
    )
    twins = list(pair_pages(pages))
    assert len(twins) >= 4
    assert list_faults(pages, names) == {}
    for _, _, spanish in twins:
        _, marked = read_texts(spanish)
        assert set(marked) == {"English"}


def test_a_backtest_is_spanish_in_its_spanish_twin() -> None:
    tables = invent_tables()
    methods = {rule.name: rule.method for rule in make_rules(2020, season_is_hindsight=True)}
    days = tables.days.assign(method=tables.days["rule"].map(methods))
    assert days["method"].notna().all()
    tables = type(tables)(
        days,
        tables.levels,
        tables.groups,
        tables.regions,
        pd.DataFrame(
            {
                "day": [14],
                "blend": ["rate with 0.0 more weeks of growth 80%, past response 20%"],
                "season_forecast": ["trajectory 88%, area trend 2%, peer expectation 10%"],
            }
        ),
    )
    pages = dict(
        write_backtest_pages(
            AREA,
            date(2020, 3, 20),
            date(2020, 10, 16),
            tables,
            tracts_count=1328,
            notes=["There are no profiles: rules that need them are left out.", "A note of ours."],
            languages=("en", "es"),
        )
    )
    assert list_faults(pages, (AREA,)) == {}
    assert read_texts(pages["backtest.es.html"])[1] == ["English", "A note of ours."]
