"""The index of a set of reports: all districts by rank, on a map and in a table, with a link to each page."""

from typing import Any

import pandas as pd

from outreach.reports.district import Frame, compare_rates, describe_trend, list_classes
from outreach.reports.figures import Figures
from outreach.reports.ground import Ground, draw_districts
from outreach.reports.method import tell_method
from outreach.reports.page import render_page
from outreach.reports.trend import draw_trend
from outreach.reports.view import ReportView
from outreach.reports.words import Words

#: So many districts are named as missing the most.
_MOST = 8


def write_index(
    figures: Figures, ground: Ground, view: ReportView, words: Words, frame: Frame, files: dict[str, str]
) -> str:
    """Return the index page.

    Parameters
    ----------
    figures, ground, view, words, frame
        As in :func:`outreach.reports.district.write_district`.
    files
        District to the file name of its page.
    """
    return render_page(
        "index",
        words,
        title=words.say("page.index_title", title=view.title, kind=view.kind),
        view=view,
        frame=frame,
        whole=figures.whole,
        lead=tell_whole(figures, words),
        bars=compare_rates(figures, view, words, None),
        rows=list_districts(figures, words, files),
        missing=list_most_missing(figures, words, files),
        with_chance=bool(figures.table["chance_share"].notna().any()),
        plan=draw_districts(ground, figures.table["cumulative_share"]),
        plan_alt=describe_districts(figures, words),
        legend=list_classes(ground.district_scale, words),
        trend=draw_trend(figures, view, words, None),
        trend_alt=describe_trend(figures, words, None),
        files=files,
        names=figures.table["name"].to_dict(),
        method=tell_method(figures, view, words, None),
    )


def tell_whole(figures: Figures, words: Words) -> str:
    """Say where all districts together stand."""
    whole = figures.whole
    return words.say(
        "index.lead",
        households=words.say("unit.households", count=whole["households_count"]),
        areas=words.say("index.areas", count=len(figures.table)),
        rate=words.share(whole["cumulative_share"]),
        missing=words.count(whole["missing_count"]),
    )


def list_districts(figures: Figures, words: Words, files: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the index, the highest rate first; districts without a rate stand last."""
    table = figures.table.sort_values(["rank", "name"], kind="stable", na_position="last")
    return [
        {
            "href": files[str(district)],
            "name": str(row["name"]),
            "place": words.count(row["rank"]) if pd.notna(row["rank"]) else "",
            "rate": words.share(row["cumulative_share"]),
            "bar": f"{0 if pd.isna(row['cumulative_share']) else row['cumulative_share']:.4f}",
            "change": words.bare_points(row["change_7_points"]) if pd.notna(row["change_7_points"]) else "",
            "gap": words.bare_points(-row["gap_points"]) if pd.notna(row["gap_points"]) else "",
            "missing": words.count(row["missing_count"]),
            "needed": words.count(row["needed_daily_count"]) if pd.notna(row["needed_daily_count"]) else "\N{EN DASH}",
            "chance": words.chance(row["chance_share"]) if pd.notna(row["chance_share"]) else "",
        }
        for district, row in table.iterrows()
    ]


def list_most_missing(figures: Figures, words: Words, files: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return link, name and count of the districts where the most households are missing, the most first."""
    most = figures.table.sort_values("missing_count", ascending=False, kind="stable").head(_MOST)
    return [
        (files[str(district)], str(row["name"]), words.count(row["missing_count"])) for district, row in most.iterrows()
    ]


def describe_districts(figures: Figures, words: Words) -> str:
    """Return the map of all districts in words."""
    rates = figures.table["cumulative_share"].dropna()
    names = figures.table["name"]
    return words.say(
        "map.alt_index",
        count=len(figures.table),
        low=words.share(rates.min()),
        high=words.share(rates.max()),
        lowest=words.name(str(names[rates.index[int(rates.argmin())]])),
        highest=words.name(str(names[rates.index[int(rates.argmax())]])),
    )
