"""Write the page of one district."""

from typing import Any, cast

import pandas as pd

from outreach.catalog import Words
from outreach.reports.charts.activity import draw_activity
from outreach.reports.charts.choropleth import Ground, draw_district
from outreach.reports.charts.legend import describe_district_map, list_classes
from outreach.reports.charts.lines import draw_trend
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.cards import list_cards
from outreach.reports.pages.frame import Frame
from outreach.reports.pages.rate_bars import compare_rates, describe_place
from outreach.reports.pages.render import render_page
from outreach.reports.pages.sites import describe_sites
from outreach.reports.pages.tract_table import list_tracts
from outreach.reports.text.advice import list_advice
from outreach.reports.text.method import describe_method


def write_district(
    district: str, figures: Figures, ground: Ground, view: ReportView, words: Words, frame: Frame
) -> str:
    """Return the page of one district.

    Parameters
    ----------
    district
        Its id.
    figures, ground
        Figures and polygons of all districts.
    view, words, frame
        What is shown, in which language, and what is around it.
    """
    row = figures.row(district)
    parts = figures.parts[figures.parts["district"] == district]
    return render_page(
        "district",
        words,
        title=str(row["name"]),
        view=view,
        frame=frame,
        row=row,
        place=describe_place(figures, view, words, district),
        bars=compare_rates(figures, view, words, district),
        cards=list_cards(row, figures, view, words),
        advice=list_advice(figures, view, words, district),
        since=compare_earlier(row, view, words, district),
        trend=draw_trend(figures, view, words, district),
        activity=draw_activity(figures, view, words, district),
        district_map=draw_district(ground, district, view.tracts["cumulative_share"]),
        map_alt=describe_district_map(parts, str(row["name"]), words),
        legend=list_classes(words),
        sites=describe_sites(district, view, parts, words),
        tracts=list_tracts(parts, figures, words, view.past_column),
        method=describe_method(figures, view, words, district),
    )


def compare_earlier(
    row: "pd.Series[Any]", view: ReportView, words: Words, district: str
) -> dict[str, Any] | None:
    """Return what changed since the last report, figure by figure.

    Returns
    -------
    dict or None
        ``lines`` (name, then, now, change) and ``note``; ``None`` without an earlier report that
        has the district.
    """
    if view.earlier is None or district not in view.earlier.table.index:
        return None
    then = cast("pd.Series[Any]", view.earlier.table.loc[district])
    lines = [
        (words.say(f"since.{key}"), write(then[column]), write(row[column]), change)
        for key, column, write, change in (
            (
                "rate",
                "cumulative_share",
                words.share,
                words.points(row["cumulative_share"] - then["cumulative_share"]),
            ),
            (
                "missing",
                "missing_count",
                words.count,
                words.change(row["missing_count"] - then["missing_count"]),
            ),
            ("place", "rank", words.count, _describe_move(row["rank"] - then["rank"], words)),
        )
    ]
    days = (view.data_date - view.earlier.data_date).days
    date = words.date(view.earlier.data_date)
    return {"lines": lines, "note": words.say("since.note", date=date, days=days)}


def _describe_move(places: float, words: Words) -> str:
    """Say how many places a district rose or fell; rank 1 is the highest, so fewer is a rise."""
    if pd.isna(places) or places == 0:
        return words.unknown(places) or words.say("since.place_same")
    return words.say(f"since.place_{'down' if places > 0 else 'up'}", count=abs(places))
