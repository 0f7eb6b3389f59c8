"""Write the season on one page for a council meeting."""

from typing import Any

from outreach.catalog import Words
from outreach.reports.charts.lines import draw_trend
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.data.spend import PlannedSpend
from outreach.reports.pages.city_figures import show_city_figures
from outreach.reports.pages.frame import Frame
from outreach.reports.pages.rate_bars import compare_rates, describe_place
from outreach.reports.pages.render import render_page
from outreach.reports.text.method import describe_method
from outreach.reports.text.progress import (
    describe_change,
    describe_progress,
    describe_test,
    list_unknowns,
)
from outreach.reports.text.spend import describe_spend, list_spend_shares
from outreach.reports.text.test_result import Readout, describe_effect

#: How many districts a list of movers names.
_MOVERS = 6


def write_season(
    figures: Figures,
    view: ReportView,
    words: Words,
    frame: Frame,
    spend: PlannedSpend,
    effect: Readout | None = None,
) -> str:
    """Return the season's page: progress, planned spend, change, and what is unknown.

    Parameters
    ----------
    figures, view, words, frame
        As in :func:`outreach.reports.pages.district.write_district`.
    spend
        What was planned.
    effect
        The result of a test with a comparison group; without one the page says why the effect is
        unknown.
    """
    most, least = rank_movers(figures, words)
    result = describe_effect(effect, words) if effect else describe_test(view, words)
    return render_page(
        "season",
        words,
        title=view.title,
        view=view,
        frame=frame,
        whole=figures.whole,
        place=describe_place(figures, view, words, None),
        bars=compare_rates(figures, view, words, None),
        city=show_city_figures(view, words),
        progress=describe_progress(figures, view, words),
        trend=draw_trend(figures, view, words, None),
        spend=describe_spend(spend, words),
        shares=list_spend_shares(figures, spend, words),
        cpm=words.say("season.money_note", cpm=words.price(spend.cpm_usd)),
        change=describe_change(figures, words),
        most=most,
        least=least,
        effect=words.say("season.change_effect", effect=result),
        unknowns=list_unknowns(figures, view, words, effect),
        method=describe_method(figures, view, words, None, brief=True),
    )


def rank_movers(figures: Figures, words: Words) -> tuple[list[Any], list[Any]]:
    """Return the districts that gained most and least in 28 days, each with its change."""
    ordered = figures.table.dropna(subset="change_28_points").sort_values(
        "change_28_points", ascending=False, kind="stable"
    )
    movers = [
        (str(row["name"]), words.points(row["change_28_points"])) for _, row in ordered.iterrows()
    ]
    count = min(_MOVERS, len(movers) // 2)
    return movers[:count], movers[::-1][:count]
