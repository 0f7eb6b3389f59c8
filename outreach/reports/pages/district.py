"""One page for one district: where it stands, whether it moves, where in it the missing are, what to do this week."""

from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from outreach.palette import RATE_CLASSES
from outreach.reports.charts.choropleth import Ground, draw_district
from outreach.reports.charts.lines import draw_trend
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import THIN_DAYS, Figures
from outreach.reports.pages.render import render_page
from outreach.reports.text.advice import advise, name_tract
from outreach.reports.text.catalog import Words
from outreach.reports.text.method import tell_method

#: Counts of households from 1 to below this are hidden where anybody may read.
SMALL = 10
#: Smaller parts of a tract are written as less than this.
_LEAST_PART = 0.01


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: where it leads and its words."""

    href: str
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around every page of a set: links to its siblings, and the line about its making.

    Parameters
    ----------
    made
        Who made it when and from what, as a sentence; empty for none.
    index
        File name of the index.
    siblings
        Further pages of the set.
    languages
        The same page in other languages.
    """

    made: str = ""
    index: str = ""
    siblings: tuple[Link, ...] = ()
    languages: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One figure in a box: its title, the figure, a line below."""

    title: str
    figure: str
    note: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the comparison of rates; ``low`` and ``high`` bound a range, ``share`` is missing where nothing is known."""

    kind: str
    title: str
    figure: str
    note: str
    share: float | None
    low: float = 0.0
    high: float = 0.0


def write_district(
    district: str, figures: Figures, ground: Ground, view: ReportView, words: Words, frame: Frame
) -> str:
    """Return the page of one district.

    Parameters
    ----------
    district
        Its id.
    figures, ground
        Of all districts.
    view, words, frame
        What is shown, in which language, and what stands around it.
    """
    row = figures.row(district)
    parts = figures.parts[figures.parts["district"] == district]
    rates = view.tracts["cumulative_share"]
    return render_page(
        "district",
        words,
        title=str(row["name"]),
        view=view,
        frame=frame,
        row=row,
        bars=compare_rates(figures, view, words, district),
        cards=list_cards(row, figures, view, words),
        advice=advise(figures, view, words, district),
        since=compare_earlier(row, view, words, district),
        trend=draw_trend(figures, view, words, district),
        trend_alt=describe_trend(figures, words, district),
        plan=draw_district(ground, district, rates),
        plan_alt=_describe_map(parts, row, words),
        legend=list_classes(words),
        tracts=list_tracts(parts, figures, words, hide_small=view.hidden_count is not None),
        method=tell_method(figures, view, words, district),
    )


def compare_rates(
    figures: Figures, view: ReportView, words: Words, district: str | None
) -> list[Bar]:
    """Return the rate now, the forecast, the goal and 2010 as lines of their own, so that none is taken for another."""
    row = figures.row(district)
    deadline = words.date(view.deadline)
    forecast = "forecast_none"
    if pd.notna(row["final_share"]):
        forecast = "forecast_note"
    low, high = row["final_low80_share"], row["final_high80_share"]
    bars = [
        Bar(
            "now",
            words.say("rate.now"),
            words.share(row["cumulative_share"]),
            words.say("rate.now_note", date=words.date(view.data_date)),
            row["cumulative_share"],
        ),
        Bar(
            "forecast",
            words.say("rate.forecast"),
            words.share(row["final_share"]),
            words.say(
                f"rate.{forecast}", date=deadline, low=words.share(low), high=words.share(high)
            ),
            row["final_share"],
            low,
            high,
        ),
        Bar(
            "goal",
            words.say("rate.goal"),
            words.share(view.goal_share),
            words.say("rate.goal_note", date=deadline),
            view.goal_share,
        ),
        Bar(
            "past",
            words.say("rate.past"),
            words.share(row["final_2010_share"]),
            words.say("rate.past_note" if pd.notna(row["final_2010_share"]) else "rate.past_none"),
            row["final_2010_share"],
        ),
    ]
    if district is not None:
        whole = figures.whole["cumulative_share"]
        bars.append(
            Bar(
                "all",
                words.say("rate.all"),
                words.share(whole),
                words.say("rate.all_note", date=words.date(view.data_date)),
                whole,
            )
        )
    if not view.days_left and pd.isna(row["final_share"]):
        bars = [bar for bar in bars if bar.kind != "forecast"]  # nothing is left to expect
    return [
        bar if pd.notna(bar.share) else Bar(bar.kind, bar.title, bar.figure, bar.note, None)
        for bar in bars
    ]


def list_cards(
    row: "pd.Series[Any]", figures: Figures, view: ReportView, words: Words
) -> list[Card]:
    """Return the figures of a district that stand in boxes."""
    count = len(figures.table)
    peers = (
        words.say("card.place_of", place=row["peer_rank"], count=row["peer_count"])
        if pd.notna(row["peer_rank"])
        else words.say("unit.unknown")
    )
    return [
        Card(
            words.say("card.missing"),
            words.count(row["missing_count"]),
            words.say("card.missing_note", place=words.count(row["rank_missing"]), count=count),
        ),
        Card(
            words.say("card.change"),
            words.points(row["change_7_points"]),
            words.say("card.change_note", change=words.points(row["change_28_points"])),
            pd.notna(row["change_7_points"]),
        ),
        Card(
            words.say("card.place"),
            words.say("card.place_of", place=words.count(row["rank"]), count=count),
            words.say("card.place_note"),
        ),
        Card(
            words.say("card.peers"),
            peers,
            words.say(f"card.peers_{figures.peer_basis}")
            if pd.notna(row["peer_rank"])
            else words.say("card.peers_none"),
            pd.notna(row["peer_rank"]),
        ),
        _tell_needed(row, view, words),
        _tell_chance(row, figures, view, words),
    ]


def _tell_needed(row: "pd.Series[Any]", view: ReportView, words: Words) -> Card:
    title = words.say("card.needed")
    if row["gap_points"] <= 0:
        return Card(title, words.count(0), words.say("card.needed_done"))
    if not view.days_left:
        return Card(title, "\N{EN DASH}", words.say("card.needed_over"), known=False)
    current = row["current_daily_count"]
    return Card(
        title,
        words.count(row["needed_daily_count"]),
        words.say("card.needed_note", days=view.days_left, current=words.count(current)),
    )


def _tell_chance(row: "pd.Series[Any]", figures: Figures, view: ReportView, words: Words) -> Card:
    title, chance = words.say("card.chance"), row["chance_share"]
    if pd.notna(chance):
        thin = figures.history_days < THIN_DAYS
        return Card(
            title,
            words.chance(chance),
            words.say(
                "card.chance_thin" if thin else "card.chance_note", days=figures.history_days
            ),
        )
    return Card(
        title,
        words.say("unit.unknown"),
        words.say("card.chance_none" if view.days_left else "card.needed_over"),
        known=False,
    )


def compare_earlier(
    row: "pd.Series[Any]", view: ReportView, words: Words, district: str
) -> dict[str, Any] | None:
    """Return what changed since the last report, figure by figure; ``None`` without one that knows the district."""
    if view.earlier is None or district not in view.earlier.table.index:
        return None
    then = cast("pd.Series[Any]", view.earlier.table.loc[district])
    lines = [
        (
            words.say("since.rate"),
            words.share(then["cumulative_share"]),
            words.share(row["cumulative_share"]),
            words.points(row["cumulative_share"] - then["cumulative_share"]),
        ),
        (
            words.say("since.missing"),
            words.count(then["missing_count"]),
            words.count(row["missing_count"]),
            words.change(row["missing_count"] - then["missing_count"]),
        ),
        (
            words.say("since.place"),
            words.count(then["rank"]),
            words.count(row["rank"]),
            words.change(row["rank"] - then["rank"]),
        ),
    ]
    days = (view.data_date - view.earlier.data_date).days
    return {
        "lines": lines,
        "note": words.say("since.note", date=words.date(view.earlier.data_date), days=days),
    }


def describe_trend(figures: Figures, words: Words, district: str | None) -> str:
    """Return the trend picture in words."""
    own = (
        figures.whole_trend
        if district is None
        else figures.trend.get(district, figures.whole_trend)
    ).dropna()
    if own.empty:
        return ""
    name = (
        words.say("rate.all")
        if district is None
        else words.name(str(figures.row(district)["name"]))
    )
    start, end = (words.date(date.date()) for date in (own.index[0], own.index[-1]))
    first, last, whole = (
        words.share(share) for share in (own.iloc[0], own.iloc[-1], figures.whole_trend.iloc[-1])
    )
    return words.say(
        "trend.alt", name=name, start=start, end=end, first=first, last=last, whole=whole
    )


def _describe_map(parts: pd.DataFrame, row: "pd.Series[Any]", words: Words) -> str:
    rates = parts.loc[parts["households_count"] > 0, "cumulative_share"]
    low, high = words.share(rates.min()), words.share(rates.max())
    return words.say(
        "map.alt", name=words.name(str(row["name"])), count=len(rates), low=low, high=high
    )


def list_classes(words: Words) -> list[tuple[str, str]]:
    """Return colour and words of each class of the rate."""
    listed = []
    for colour, (low, high) in zip(RATE_CLASSES.colors, RATE_CLASSES.bounds(), strict=True):
        key = "map.below" if low is None else "map.above" if high is None else "map.between"
        listed.append(
            (
                colour,
                words.say(
                    key, low=words.decimal((low or 0) * 100), high=words.decimal((high or 0) * 100)
                ),
            )
        )
    return listed


def list_tracts(
    parts: pd.DataFrame, figures: Figures, words: Words, *, hide_small: bool = False
) -> list[dict[str, str]]:
    """Return the rows of the tract table, the most missing households first; ``hide_small`` writes counts from 1 to 9 as less than 10."""
    parts = parts[(parts["households_count"] > 0) | parts["cumulative_share"].isna()]
    missing = (parts["households_count"] * (1 - parts["cumulative_share"])).to_numpy(dtype=float)
    change = figures.tract_changes.reindex(parts["geoid"]).to_numpy(dtype=float)
    ordered = parts.assign(missing=missing, change=change).sort_values(
        ["missing", "geoid"], ascending=[False, True], na_position="last"
    )
    rows: list[dict[str, Any]] = ordered.to_dict("records")  # type: ignore[assignment]
    return [_write_tract(row, words, hide_small=hide_small) for row in rows]


def _write_tract(row: dict[str, Any], words: Words, *, hide_small: bool) -> dict[str, str]:
    """Return one row of the tract table as text; ``bar`` is the rate as a number."""
    rate = row["cumulative_share"]

    def write(count: float) -> str:
        small = hide_small and 0 < round(count) < SMALL
        return f"< {words.count(SMALL)}" if small else words.count(count)

    return {
        "name": name_tract(str(row["name"]), words),
        "part": _write_part(row["weight"], words),
        "households": write(row["households_count"]) if pd.notna(row["households_count"]) else "",
        "rate": words.say("tracts.none") if pd.isna(rate) else words.share(rate),
        "bar": f"{0 if pd.isna(rate) else rate:.4f}",
        "change": "" if pd.isna(row["change"]) else words.bare_points(row["change"]),
        "missing": "" if pd.isna(row["missing"]) else write(row["missing"]),
        "rank": "" if pd.isna(row["rank"]) else words.count(row["rank"]),
    }


def _write_part(weight: float, words: Words) -> str:
    """Write how much of a tract lies in a district."""
    if weight > 1 - 1e-6:
        return words.say("tracts.whole")
    return words.share(weight, 0) if weight >= _LEAST_PART else f"< {words.share(_LEAST_PART, 0)}"
