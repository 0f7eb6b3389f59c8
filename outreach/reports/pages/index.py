"""The index of a set of reports: all districts by rank, on a map and in a table, with a link to each page."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from outreach.rates import average_rate
from outreach.reports.charts.choropleth import Ground, draw_districts
from outreach.reports.charts.lines import draw_trend
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.district import Frame, compare_rates, describe_trend, list_classes
from outreach.reports.pages.render import render_page
from outreach.reports.text.catalog import Words
from outreach.reports.text.method import tell_method

#: So many districts are named as missing the most, and as having gained the most and the least.
_MOST, _MOVERS = 8, 4


def write_index(
    figures: Figures,
    ground: Ground,
    view: ReportView,
    words: Words,
    frame: Frame,
    files: dict[str, str],
) -> str:
    """Return the index page.

    Parameters
    ----------
    figures, ground, view, words, frame
        As in :func:`outreach.reports.pages.district.write_district`.
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
        since=compare_whole(figures, view, words, files),
        columns=_list_columns(figures),
        plan=draw_districts(ground, figures.table["cumulative_share"]),
        plan_alt=describe_districts(figures, words),
        legend=list_classes(words),
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
            "change": words.bare_points(row["change_7_points"])
            if pd.notna(row["change_7_points"])
            else "",
            "gap": words.bare_points(-row["gap_points"]) if pd.notna(row["gap_points"]) else "",
            "missing": words.count(row["missing_count"]),
            "needed": words.count(row["needed_daily_count"])
            if pd.notna(row["needed_daily_count"])
            else "\N{EN DASH}",
            "chance": words.chance(row["chance_share"]) if pd.notna(row["chance_share"]) else "",
        }
        for district, row in table.iterrows()
    ]


def _list_columns(figures: Figures) -> list[str]:
    """Return the columns of the table of districts; one that nobody has a figure in is left out."""
    known = {"needed": "needed_daily_count", "chance": "chance_share"}
    there = [name for name, column in known.items() if figures.table[column].notna().any()]
    return ["place", "name", "rate", "change", "gap", "missing", *there]


def list_most_missing(
    figures: Figures, words: Words, files: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Return link, name and count of the districts where the most households are missing, the most first."""
    most = figures.table.sort_values("missing_count", ascending=False, kind="stable").head(_MOST)
    return [
        (files[str(district)], str(row["name"]), words.count(row["missing_count"]))
        for district, row in most.iterrows()
    ]


def compare_whole(
    figures: Figures, view: ReportView, words: Words, files: dict[str, str]
) -> dict[str, Any] | None:
    """Return what changed since the last report over all districts, and which gained the most and the least; ``None`` without one."""
    if view.earlier is None:
        return None
    now = figures.table
    then = view.earlier.table.reindex(now.index)
    rates = [average_rate(at["cumulative_share"], at["households_count"]) for at in (then, now)]
    lines = [
        (
            words.say("since.rate"),
            *_compare(rates[0], rates[1], words.share, words.points),
        ),
        (
            words.say("since.missing"),
            *_compare(
                then["missing_count"].sum(), now["missing_count"].sum(), words.count, words.change
            ),
        ),
        (
            words.say("since.reached"),
            *_compare(_count_done(then), _count_done(now), words.count, words.change),
        ),
    ]
    gained = (
        (now["cumulative_share"] - then["cumulative_share"])
        .dropna()
        .sort_values(ascending=False, kind="stable")
    )
    count = min(_MOVERS, len(gained) // 2)
    movers = [
        (
            files[str(district)],
            str(now.loc[district, "name"]),
            words.say(
                "since.mover",
                change=words.points(gained[district]),
                now=words.count(now.loc[district, "rank"]),
                then=words.count(then.loc[district, "rank"]),
            ),
        )
        for district in gained.index
    ]
    days = (view.data_date - view.earlier.data_date).days
    return {
        "note": words.say("since.all_note", date=words.date(view.earlier.data_date), days=days),
        "lines": lines,
        "most": movers[:count],
        "least": movers[::-1][:count],
    }


def _compare(
    then: float, now: float, write: Callable[[float], str], difference: Callable[[float], str]
) -> list[str]:
    """Write a figure then, now, and how it changed."""
    return [write(then), write(now), difference(now - then)]


def _count_done(table: pd.DataFrame) -> int:
    """Return how many districts have reached the goal."""
    return int((table["gap_points"] <= 0).sum())


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
