"""Draw one measure of every backtest rule over the days."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.catalog import Words
from outreach.charts import Chart, Margins, choose_share_range, list_levels
from outreach.reports.data.backtest import Measure, name_rule, name_tier

_SIZE = (560, 270)
_MARGINS = Margins(left=46, right=14, top=12, bottom=28)
#: Colors that people who cannot tell red from green can tell apart (Okabe and Ito 2008), each with
#: its own dash for print without color.
_STROKES = (
    ("#16242f", "7 4"),
    ("#d55e00", ""),
    ("#0072b2", ""),
    ("#009e73", "2 3"),
    ("#cc79a7", "9 3 2 3"),
    ("#8a6d00", "4 4"),
    ("#56b4e9", ""),
    ("#4a5a67", "12 4"),
    ("#a0522d", "3 2"),
    ("#6a3d9a", "6 2 1 2"),
    ("#16242f", ""),
    ("#d55e00", "5 3"),
    ("#0072b2", "5 3"),
)
#: At most this many steps on an axis of points.
_MOST_ROWS = 5
#: Labels closer than this many pixels would run into each other.
_LABEL_WIDTH = 22


@dataclass(frozen=True, slots=True)
class RuleKey:
    """The legend entry of one rule: its name, color and dash."""

    name: str
    color: str
    dash: str


@dataclass(frozen=True, slots=True)
class RuleChart:
    """The chart of one measure, with its title and legend."""

    title: str
    chart: Chart
    keys: tuple[RuleKey, ...]


def draw_rules(days: pd.DataFrame, measure: Measure, area: str, words: Words) -> RuleChart:
    """Draw one measure of every rule over the days.

    Parameters
    ----------
    days
        ``days`` of :class:`outreach.reports.data.backtest.BacktestTables`.
    measure
        What to draw.
    area
        The area in words, for the title.
    words
        The language.
    """
    rates = days[
        days[measure.column].notna() & ~days["rule"].str.startswith(measure.undrawn or ("\0",))
    ]
    first, last = int(days["day"].min()), int(days["day"].max())
    low, high, levels = _choose_levels(rates[measure.column], share=measure.share)
    chart = Chart(
        _SIZE,
        _MARGINS,
        (first, max(last, first + 1)),
        (low, high),
        label=_describe_rules(rates, measure, words),
        css_class="chart",
    )
    chart.add_rows(levels)
    chart.add_columns({float(day): str(day) for day in _choose_days(days["day"], chart)})

    # A rule keeps its color and dash in every chart of the page.
    rules = list(dict.fromkeys(days.sort_values("day", ascending=False, kind="stable")["rule"]))
    keys = []
    for rule, part in rates.groupby("rule", sort=False):
        color, dash = _STROKES[rules.index(str(rule)) % len(_STROKES)]
        _add_rule(chart, part["day"], part[measure.column].clip(low, high), color, dash)
        tier = name_tier(str(part["tier"].iloc[0]), words)
        name = words.say("backtest.key", rule=name_rule(str(rule), words), tier=tier)
        keys.append(RuleKey(name, color, dash))
    title = words.say("backtest.chart", measure=measure.title(words), area=area)
    return RuleChart(title, chart, tuple(keys))


def _add_rule(
    chart: Chart, days: "pd.Series[int]", values: "pd.Series[float]", color: str, dash: str
) -> None:
    """Draw one rule: a line, and a dot for each day, which shows days without neighbors too."""
    style = {"stroke": color} | ({"stroke_dasharray": dash} if dash else {})
    chart.add_line(days, values, "rule", **style)
    for day, value in zip(days, values, strict=True):
        chart.add_dot((chart.x(day), chart.y(value)), 2.4, "rule-day", fill=color)


def _describe_rules(rates: pd.DataFrame, measure: Measure, words: Words) -> str:
    """Return the chart in words: the first and the last figure of every rule."""
    ends = (
        rates.sort_values("day")
        .groupby("rule", sort=False)[["day", measure.column]]
        .agg(["first", "last"])
    )
    parts = [
        words.say(
            "backtest.chart_part",
            rule=name_rule(str(rule), words),
            first=measure.write(row[measure.column]["first"], words),
            start=float(row["day"]["first"]),
            last=measure.write(row[measure.column]["last"], words),
            end=float(row["day"]["last"]),
        )
        for rule, row in ends.iterrows()
    ]
    return words.say("backtest.chart_words", parts="; ".join(parts))


def _choose_days(days: "pd.Series[int]", chart: Chart) -> list[int]:
    """Return the days whose labels fit below the axis."""
    labeled: list[int] = []
    for day in sorted(set(days.tolist())):
        if not labeled or chart.x(day) - chart.x(labeled[-1]) >= _LABEL_WIDTH:
            labeled.append(day)
    return labeled


def _choose_levels(
    values: "pd.Series[float]", *, share: bool
) -> tuple[float, float, dict[float, str]]:
    """Return the ends of an axis, and its grid lines with their labels."""
    if share:
        low, high = choose_share_range(values)
        return low, high, {level: f"{level:.0%}" for level in list_levels(low, high)}

    # A few early outliers would flatten all other lines, so the axis ends near the 90th percentile.
    high = max(float(np.ceil(values.quantile(0.9) * 1.15)), 1.0)
    step = float(np.ceil(high / _MOST_ROWS))
    return 0.0, high, {float(level): f"{level:g}" for level in np.arange(0, high + step / 2, step)}
