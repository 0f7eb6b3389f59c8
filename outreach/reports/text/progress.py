"""Say how far a season has come, what changed, and what is unknown."""

import pandas as pd

from outreach.catalog import Words
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.text.method import find_largest_error
from outreach.reports.text.test_result import Readout
from outreach.units import TractStatus


def describe_progress(figures: Figures, view: ReportView, words: Words) -> list[str]:
    """Say how far the campaign has come, and how far it is from its goal."""
    whole, gap = figures.whole, figures.whole["gap_points"]
    key = "left" if view.days_left else "over"
    alike = "" if figures.has_households else "_alike"
    households = 0.0 if alike else max(gap, 0) * whole["households_count"]
    distance = words.say(
        "season.gap_reached" if gap <= 0 else f"season.gap_{key}{alike}",
        points=words.points(gap).lstrip("+"),
        households=words.say("unit.households", count=households),
        days=view.days_left,
        date=words.date(view.deadline),
    )
    text = words.say(
        "season.progress_text",
        rate=words.share(whole["cumulative_share"]),
        date=words.date(view.data_date),
        goal=words.share(view.goal_share),
        gap=distance,
    )
    reached = int((figures.table["gap_points"] <= 0).sum())
    return [text, words.say("season.reached", reached=reached, count=len(figures.table))]


def describe_change(figures: Figures, words: Words) -> str:
    """Say how much the rate of all districts together changed in 7 and 28 days."""
    whole = figures.whole
    return words.say(
        "season.change_text",
        change=words.points(whole["change_28_points"]),
        week=words.points(whole["change_7_points"]),
    )


def describe_test(view: ReportView, words: Words) -> str:
    """Say why the effect of the ads is unknown."""
    if view.test_until is None:
        return words.say("season.effect_none")
    key = "season.effect_over" if view.data_date > view.test_until else "season.effect_running"
    return words.say(key, date=words.date(view.test_until))


def list_unknowns(
    figures: Figures, view: ReportView, words: Words, effect: Readout | None
) -> list[str]:
    """Say what is unknown, from what this run has.

    Parameters
    ----------
    figures, view, words
        All districts, what the page shows, and its language.
    effect
        The result of a test; ``None`` without one.
    """
    sentences = [_describe_final(figures.whole, words)] if view.days_left else []
    if not effect:
        tested = view.test_until is not None
        sentences.append(words.say(f"season.unknown_effect{'_test' if tested else ''}"))
    if pd.isna(figures.whole[f"final_{view.past_census}_share"]):
        sentences.append(words.say("season.unknown_past"))

    rateless = view.tracts[view.tracts["status"] == TractStatus.RATELESS]
    if len(rateless):
        count = float(rateless["households_count"].sum())
        households = words.say("unit.households", count=count)
        alike = "" if figures.has_households else "_alike"
        sentences.append(
            words.say(f"season.unknown_rateless{alike}", count=len(rateless), households=households)
        )

    most = words.points(find_largest_error(figures)[1]).lstrip("+")
    return [
        *sentences,
        words.say("season.unknown_missing"),
        words.say("season.unknown_who"),
        words.say("season.unknown_split", most=most),
    ]


def _describe_final(whole: "pd.Series[float]", words: Words) -> str:
    """Say what the forecast says about the final rate, or that there is none."""
    if pd.isna(whole["final_share"]):
        return words.say("season.unknown_forecast")
    final, low, high = (
        words.share(whole[name])
        for name in ("final_share", "final_low80_share", "final_high80_share")
    )
    return words.say("season.unknown_chance", final=final, low=low, high=high)
