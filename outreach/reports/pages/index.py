"""Write the index of a report set, with a map and a ranked table."""

from typing import Any

import pandas as pd

from outreach.catalog import Words
from outreach.rates import average_rate
from outreach.reports.charts.choropleth import Ground, draw_districts
from outreach.reports.charts.legend import describe_districts_map, list_classes
from outreach.reports.charts.lines import draw_trend
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.activity import list_activity
from outreach.reports.pages.frame import Frame
from outreach.reports.pages.rate_bars import compare_rates, describe_place
from outreach.reports.pages.render import render_page
from outreach.reports.text.method import describe_method
from outreach.tables import DataFrame, DistrictFigures

#: How many districts are named as missing the most households.
_MOST_MISSING = 8
#: How many districts are named as gaining the most, and as gaining the least.
_MOVERS = 4


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
        title=words.say("page.index_title", title=view.title, kind=words.kind(view.kind)),
        view=view,
        frame=frame,
        whole=figures.whole,
        lead=describe_whole(figures, words),
        place=describe_place(figures, view, words, None),
        bars=compare_rates(figures, view, words, None),
        rows=list_districts(figures, words, files, view.past_column),
        missing=list_most_missing(figures, words, files),
        since=compare_whole(figures, view, words, files),
        columns=_list_columns(figures),
        districts_map=draw_districts(ground, figures.table["cumulative_share"]),
        map_alt=describe_districts_map(figures.table, words),
        legend=list_classes(words),
        trend=draw_trend(figures, view, words, None),
        activity=list_activity(figures, view, words, files),
        files=files,
        names=figures.table["name"].to_dict(),
        method=describe_method(figures, view, words, None),
    )


def describe_whole(figures: Figures, words: Words) -> str:
    """Say how many households responded in all districts together."""
    whole = figures.whole
    if not figures.has_households:
        return words.say(
            "index.lead_alike",
            areas=words.say("index.areas", count=len(figures.table)),
            rate=words.share(whole["cumulative_share"]),
            tracts=words.count(whole["tracts_count"]),
        )
    return words.say(
        "index.lead",
        households=words.say("unit.households", count=whole["households_count"]),
        areas=words.say("index.areas", count=len(figures.table)),
        rate=words.share(whole["cumulative_share"]),
        missing=words.count(whole["missing_count"]),
    )


def list_districts(
    figures: Figures, words: Words, files: dict[str, str], past: str = ""
) -> list[dict[str, Any]]:
    """Return the rows of the index, the highest rate first, districts without a rate last.

    For a plan, ``past`` is the column of the last census's final rate, which stands where a season
    has the change of 7 days.
    """
    table = figures.table.sort_values(["rank", "name"], kind="stable", na_position="last")
    return [
        _write_district_row(row, words, files[str(district)], past)
        for district, row in table.iterrows()
    ]


def list_most_missing(
    figures: Figures, words: Words, files: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Return link, name and count of the districts that miss the most households, in order.

    Empty where no source counts households.
    """
    if not figures.has_households:
        return []
    ordered = figures.table.sort_values("missing_count", ascending=False, kind="stable")
    return [
        (files[str(district)], str(row["name"]), words.count(row["missing_count"]))
        for district, row in ordered.head(_MOST_MISSING).iterrows()
    ]


def compare_whole(
    figures: Figures, view: ReportView, words: Words, files: dict[str, str]
) -> dict[str, Any] | None:
    """Return what changed since the last report over all districts.

    Returns
    -------
    dict or None
        ``note``, ``lines`` (name, then, now, change), and the districts that gained the ``most``
        and the ``least`` (link, name, change); ``None`` without an earlier report.
    """
    if view.earlier is None:
        return None
    now = figures.table
    then = view.earlier.table.reindex(now.index)
    lines = [
        (words.say(f"since.{key}"), write(before), write(after), change(after - before))
        for key, before, after, write, change in (
            ("rate", _average(then), _average(now), words.share, words.points),
            (
                "missing",
                then["missing_count"].sum(min_count=1),
                now["missing_count"].sum(min_count=1),
                words.count,
                words.change,
            ),
            ("reached", _count_reached(then), _count_reached(now), words.count, words.change),
        )
    ]
    movers = _rank_movers(now, then, words, files)
    count = min(_MOVERS, len(movers) // 2)
    days = (view.data_date - view.earlier.data_date).days
    date = words.date(view.earlier.data_date)
    return {
        "note": words.say("since.all_note", date=date, days=days),
        "lines": lines,
        "most": movers[:count],
        "least": movers[::-1][:count],
    }


def _write_district_row(
    row: "pd.Series[Any]", words: Words, href: str, past: str
) -> dict[str, Any]:
    """Return one row of the index as text; ``bar`` is the rate as a number."""

    def write(column: str, writer: Any, missing: str = "") -> str:
        return missing if pd.isna(row[column]) else str(writer(row[column]))

    rate = row["cumulative_share"]
    return {
        "href": href,
        "name": str(row["name"]),
        "place": write("rank", words.count),
        "rate": words.share(rate),
        "bar": f"{0 if pd.isna(rate) else rate:.4f}",
        "change": write(past, words.share) if past else write("change_7_points", words.bare_points),
        "gap": write("gap_points", lambda gap: words.bare_points(-gap)),
        "missing": words.count(row["missing_count"]),
        "needed": write("needed_daily_count", words.count, "\N{EN DASH}"),
        "chance": write("chance_share", words.chance),
    }


def _list_columns(figures: Figures) -> list[str]:
    """Return the columns of the table of districts, without those that have no figure at all."""
    optional = {"needed": "needed_daily_count", "chance": "chance_share"}
    present = [name for name, column in optional.items() if figures.table[column].notna().any()]
    return ["place", "name", "rate", "change", "gap", "missing", *present]


def _rank_movers(
    now: pd.DataFrame, then: pd.DataFrame, words: Words, files: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Return link, name and change of each district, the largest gain first."""
    gains = (now["cumulative_share"] - then["cumulative_share"]).dropna()
    ordered = gains.sort_values(ascending=False, kind="stable")
    names, ranks, before = now["name"], now["rank"], then["rank"]
    movers = []
    for district in map(str, ordered.index):
        text = words.say(
            "since.mover",
            change=words.points(ordered[district]),
            now=words.count(ranks[district]),
            then=words.count(before[district]),
        )
        movers.append((files[district], str(names[district]), text))
    return movers


def _count_reached(table: DataFrame[DistrictFigures]) -> int:
    """Return how many districts have reached the goal."""
    return int((table["gap_points"] <= 0).sum())


def _average(table: DataFrame[DistrictFigures]) -> float:
    """Return the rate of all districts together, weighted by households if these are counted."""
    if table["households_count"].isna().all():
        return float(table["cumulative_share"].mean())
    return average_rate(table["cumulative_share"], table["households_count"])
