"""Write the page of a backtest: every rule on every day of a past season."""

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from outreach.catalog import Words, read_words
from outreach.reports.charts.rules import draw_rules
from outreach.reports.data.backtest import DRAWN_COUNT, MEASURES, BacktestTables
from outreach.reports.pages.backtest_grids import (
    list_groups,
    list_levels,
    list_regions,
    list_rules,
    list_worse_regions,
)
from outreach.reports.pages.frame import Frame
from outreach.reports.pages.render import render_page


def write_backtest_page(
    area: str,
    start: dt.date,
    final: dt.date,
    tables: BacktestTables,
    *,
    tracts_count: int,
    left_out_count: int = 0,
    notes: Sequence[str] = (),
) -> str:
    """Return the page, one HTML file that needs no other file.

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
        Sentences that a reader must know.
    """
    words = read_words("en")
    days = tables.days
    measures = [measure for measure in MEASURES if days[measure.column].notna().any()]
    details = (list_levels(tables.levels), list_groups(tables.groups), list_regions(tables.regions))
    return render_page(
        "backtest",
        words,
        title=f"Backtest of {area}",
        frame=Frame(),
        area=area,
        start=words.date(start),
        final=words.date(final),
        tracts=words.count(tracts_count),
        left_out=words.count(left_out_count) if left_out_count else "",
        notes=list(notes),
        dates=_describe_dates(days, words),
        charts=[
            draw_rules(days, measure, area)
            for measure in MEASURES[:DRAWN_COUNT]
            if measure in measures
        ],
        grids=[list_rules(days, measure) for measure in measures],
        details=[grid for grid in details if grid],
        worse=list_worse_regions(tables.regions),
        weights=[
            (f"Day {row['day']}", str(row["blend"]), str(row["season_forecast"]))
            for row in tables.weights.to_dict("records")
        ],
        methods=days.drop_duplicates("rule")[["rule", "tier", "method"]].to_dict("records"),
    )


def _describe_dates(days: pd.DataFrame, words: Words) -> str:
    """Say which publication each day used."""
    dates = days.drop_duplicates("day")[["day", "data_date"]]
    return "; ".join(
        f"day {day}: {words.date(date.date()) if pd.notna(date) else 'nothing published yet'}"
        for day, date in dates.itertuples(index=False)
    )
