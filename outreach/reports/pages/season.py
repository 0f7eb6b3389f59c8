"""The season on one page for a council meeting: progress, where the money went, what moved, what is not known."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from outreach.reports.charts.lines import draw_trend
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.pages.district import Frame, compare_rates, describe_trend
from outreach.reports.pages.render import render_page
from outreach.reports.text.catalog import Words
from outreach.reports.text.method import find_largest_error, tell_method
from outreach.reports.text.test_result import Readout, tell_effect

#: Districts named in a list.
_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What a campaign planned to spend: US dollars, and for how many targets of which kind at which price for 1,000 impressions, fees included.

    ``kind`` is ``tracts``, ``zips``, ``pins`` or ``polygons``; ``withheld`` keeps all of it off the
    page, as while a test runs.
    """

    budget_usd: float
    planned_usd: float
    targets_count: int
    cpm_usd: float
    kind: str = "tracts"
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A district's part of the money beside its part of the missing households."""

    name: str
    money: str
    share: str
    missing: str


def write_season(
    figures: Figures,
    view: ReportView,
    words: Words,
    frame: Frame,
    money: Money,
    effect: Readout | None = None,
) -> str:
    """Return the season's page.

    Parameters
    ----------
    figures, view, words, frame
        As in :func:`outreach.reports.pages.district.write_district`.
    money
        What was planned.
    effect
        The read-out of a test with a comparison group; without one the page says why the effect is
        not known.
    """
    most, least = rank_movers(figures, words)
    return render_page(
        "season",
        words,
        title=view.title,
        view=view,
        frame=frame,
        whole=figures.whole,
        bars=compare_rates(figures, view, words, None),
        progress=tell_progress(figures, view, words),
        trend=draw_trend(figures, view, words, None),
        trend_alt=describe_trend(figures, words, None),
        money=tell_money(money, words),
        shares=share_money(figures, money, words),
        cpm=words.say("season.money_note", cpm=words.price(money.cpm_usd)),
        moved=tell_moved(figures, words),
        most=most,
        least=least,
        effect=words.say(
            "season.moved_effect",
            effect=tell_effect(effect, words) if effect else tell_test(view, words),
        ),
        unknown=tell_unknown(figures, view, words, effect),
        method=tell_method(figures, view, words, None, brief=True),
    )


def tell_progress(figures: Figures, view: ReportView, words: Words) -> list[str]:
    """Say how far the campaign has come, and how far it has to go."""
    whole = figures.whole
    gap = {
        "points": words.points(whole["gap_points"]).lstrip("+"),
        "households": words.say(
            "unit.households", count=max(whole["gap_points"], 0) * whole["households_count"]
        ),
        "days": view.days_left,
        "date": words.date(view.deadline),
    }
    key = (
        "season.gap_reached"
        if whole["gap_points"] <= 0
        else "season.gap_left"
        if view.days_left
        else "season.gap_over"
    )
    text = words.say(
        "season.progress_text",
        rate=words.share(whole["cumulative_share"]),
        date=words.date(view.data_date),
        goal=words.share(view.goal_share),
        gap=words.say(key, **gap),
    )
    reached = int((figures.table["gap_points"] <= 0).sum())
    return [text, words.say("season.reached", reached=reached, count=len(figures.table))]


def tell_moved(figures: Figures, words: Words) -> str:
    """Say how much the rate of all together has changed lately."""
    whole = figures.whole
    return words.say(
        "season.moved_text",
        change=words.points(whole["change_28_points"]),
        week=words.points(whole["change_7_points"]),
    )


def tell_test(view: ReportView, words: Words) -> str:
    """Say why it is not known what the ads did."""
    if view.test_until is None:
        return words.say("season.effect_none")
    over = view.data_date > view.test_until
    return words.say(
        "season.effect_over" if over else "season.effect_running", date=words.date(view.test_until)
    )


def tell_money(money: Money, words: Words) -> str:
    """Say what was planned of the budget."""
    if money.withheld:
        return words.say("season.money_withheld")
    if not money.targets_count:
        return words.say("season.money_none")
    unspent = words.money(money.budget_usd - money.planned_usd)
    text = words.say(
        "season.money_text",
        planned=words.money(money.planned_usd),
        budget=words.money(money.budget_usd),
        places=words.say(f"unit.{money.kind}", count=money.targets_count),
        unspent=unspent,
    )
    return text if money.kind == "tracts" else f"{text} {words.say('season.money_crossing')}"


def share_money(figures: Figures, money: Money, words: Words) -> list[Share]:
    """Return the districts that get the most money, all others, and what goes outside, beside their part of the missing households."""
    table = figures.table
    total, missing = (
        max(money.planned_usd, table["planned_usd"].sum()),
        table["missing_count"].sum(),
    )
    if total <= 0 or money.withheld or money.kind != "tracts":
        return []
    ordered = table.sort_values("planned_usd", ascending=False, kind="stable")
    lines = [
        (str(row["name"]), row["planned_usd"], row["missing_count"])
        for _, row in ordered.head(_NAMED).iterrows()
    ]
    rest = ordered.iloc[_NAMED:]
    lines += (
        [(words.say("season.money_rest"), rest["planned_usd"].sum(), rest["missing_count"].sum())]
        if len(rest)
        else []
    )
    outside = total - table["planned_usd"].sum()
    lines += [(words.say("season.money_outside"), outside, float("nan"))] if outside >= 1 else []
    return [
        Share(
            name,
            words.money(usd),
            words.share(usd / total, 0),
            words.share(count / missing, 0) if pd.notna(count) else "\N{EN DASH}",
        )
        for name, usd, count in lines
    ]


def rank_movers(figures: Figures, words: Words) -> tuple[list[Any], list[Any]]:
    """Return the districts that moved most and least in 28 days, each with its change."""
    ordered = figures.table.dropna(subset="change_28_points").sort_values(
        "change_28_points", ascending=False, kind="stable"
    )
    named = [
        (str(row["name"]), words.points(row["change_28_points"])) for _, row in ordered.iterrows()
    ]
    count = min(_NAMED, len(named) // 2)
    return named[:count], named[::-1][:count]


def tell_unknown(
    figures: Figures, view: ReportView, words: Words, effect: Readout | None
) -> list[str]:
    """Say what nobody knows, from what this run holds."""
    whole = figures.whole
    final, low, high = (
        words.share(whole[name])
        for name in ("final_share", "final_low80_share", "final_high80_share")
    )
    known = pd.notna(whole["final_share"])
    said = (
        [
            words.say("season.unknown_chance", final=final, low=low, high=high)
            if known
            else words.say("season.unknown_forecast")
        ]
        if view.days_left
        else []
    )
    if not effect:
        said.append(
            words.say(
                "season.unknown_effect" if view.test_until is None else "season.unknown_effect_test"
            )
        )
    said += [words.say("season.unknown_past")] if pd.isna(whole["final_2010_share"]) else []
    without = view.tracts[view.tracts["status"] == "rateless"]
    if len(without):
        homes = words.say("unit.households", count=float(without["households_count"].sum()))
        said.append(words.say("season.unknown_rateless", count=len(without), households=homes))
    most = words.points(find_largest_error(figures)[1]).lstrip("+")
    return [
        *said,
        words.say("season.unknown_missing"),
        words.say("season.unknown_who"),
        words.say("season.unknown_split", most=most),
    ]
