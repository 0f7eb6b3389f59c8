"""Write the page of a backtest: every rule on every day of a past season."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from outreach.catalog import Words, read_all
from outreach.catalog.retell import retell, retell_all
from outreach.reports.charts.rules import draw_rules
from outreach.reports.data.backtest import (
    DRAWN_COUNT,
    MEASURES,
    BacktestTables,
    name_rule,
    name_tier,
)
from outreach.reports.pages.frame import Origin, localize_name, make_frame
from outreach.reports.pages.past.backtest_grids import (
    list_groups,
    list_levels,
    list_regions,
    list_rules,
    list_worse_regions,
)
from outreach.reports.pages.render import render_page

_NAME = "backtest.html"
#: Of the sentences that a backtest keeps in English.
_SECTION = "backtest"


def write_backtest_pages(
    area: str,
    start: dt.date,
    final: dt.date,
    tables: BacktestTables,
    *,
    tracts_count: int,
    left_out_count: int = 0,
    notes: Sequence[str] = (),
    languages: Sequence[str] = ("en",),
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of the page in each language; the first has the plain name.

    Each is one HTML file that needs no other file.

    Parameters
    ----------
    area
        The area in words.
    start, final
        Day 0, and the data date whose rates count as final.
    tables
        What was measured.
    tracts_count, left_out_count
        Tracts in the backtest, and tracts left out because they have no final rate.
    notes
        Sentences that a reader must know, in English.
    languages
        Codes of catalogs.
    """
    catalogs = read_all(languages)
    for words in catalogs:
        season = words.say(
            "backtest.season_left" if left_out_count else "backtest.season",
            start=words.date(start),
            final=words.date(final),
            count=tracts_count,
            source=words.say("backtest.source"),
            left=left_out_count,
        )
        page = render_page(
            "backtest",
            words,
            title=words.say("backtest.title", area=area),
            frame=make_frame(_NAME, words, catalogs, Origin(), index=""),
            area=area,
            start=words.date(start),
            final=words.date(final),
            season=season,
            notes=retell_all(notes, words, _SECTION),
            **_describe_tables(tables, area, words),
        )
        yield localize_name(_NAME, words, catalogs), page


def _describe_tables(tables: BacktestTables, area: str, words: Words) -> dict[str, Any]:
    """Return the charts, tables, and lists of the page."""
    days, regions = tables.days, tables.regions
    measures = [measure for measure in MEASURES if days[measure.column].notna().any()]
    details = (
        list_levels(tables.levels, words),
        list_groups(tables.groups, words),
        list_regions(regions, words),
    )
    drawn = [measure for measure in MEASURES[:DRAWN_COUNT] if measure in measures]
    return {
        "dates": _describe_dates(days, words),
        "charts": [draw_rules(days, measure, area, words) for measure in drawn],
        "grids": [list_rules(days, measure, words) for measure in measures],
        "details": [grid for grid in details if grid],
        "worse": list_worse_regions(regions, words),
        "weights": [
            (
                words.say("backtest.day", day=row["day"]),
                retell(str(row["blend"]), words, _SECTION),
                retell(str(row["season_forecast"]), words, _SECTION),
            )
            for row in tables.weights.to_dict("records")
        ],
        "methods": [
            (name_rule(rule, words), name_tier(tier, words), retell(method, words, _SECTION))
            for rule, tier, method in days.drop_duplicates("rule")[
                ["rule", "tier", "method"]
            ].itertuples(index=False)
        ],
    }


def _describe_dates(days: pd.DataFrame, words: Words) -> str:
    """Say which publication each day used."""
    dates = days.drop_duplicates("day")[["day", "data_date"]]
    return "; ".join(
        words.say(
            "backtest.date",
            day=int(day),
            date=words.date(date.date()) if pd.notna(date) else words.say("backtest.date_none"),
        )
        for day, date in dates.itertuples(index=False)
    )
