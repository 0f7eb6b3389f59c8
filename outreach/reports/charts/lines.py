"""Draw the rate of one district over the season beside all others, goal and forecast."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.catalog import Words
from outreach.charts import Chart, Margins, choose_share_range, list_levels
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures

_SIZE = (560, 250)
#: Room for labels such as 70%, and 10,000 of the chart of activity below on the same dates.
MARGINS = Margins(left=56, right=18, top=12, bottom=26)


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend chart and what it shows.

    Parameters
    ----------
    chart
        The picture.
    keys
        What is drawn, for the legend: some of ``own``, ``whole``, ``core``, ``band``, ``goal`` and
        ``forecast``.
    """

    chart: Chart
    keys: tuple[str, ...]


def draw_trend(
    figures: Figures, view: ReportView, words: Words, district: str | None
) -> Trend | None:
    """Draw the trend of one district, or of all together (``None``).

    Returns
    -------
    Trend or None
        ``None`` where fewer than two dates have a rate.
    """
    own = _get_rates(figures, district)
    if own.notna().sum() < 2:  # noqa: PLR2004  a line needs two points
        return None

    # Scales: from the first date to the deadline, and wide enough for goal and forecast.
    dates = pd.DatetimeIndex(figures.trend.index)
    first, last = dates[0].date(), max(dates[-1].date(), view.deadline)
    spread = figures.trend.quantile([0, 0.25, 0.75, 1], axis=1).T.to_numpy()
    top = figures.row(district)["final_high80_share"]
    low, _ = choose_share_range([np.nanmin(spread)])
    _, high = choose_share_range([np.nanmax(spread), view.goal_share, np.nan_to_num(top)])
    chart = Chart(
        _SIZE,
        MARGINS,
        (0, max((last - first).days, 1)),
        (low, high),
        label=describe_trend(figures, words, district),
    )

    # Axes first, so that the lines lie on top of the grid.
    chart.add_rows({level: words.share(level, 0) for level in list_levels(low, high)})
    chart.add_months(first, last, lambda month: words.date(month, "MMM"))

    days = (dates - dates[0]).days
    chart.add_band(days, spread[:, 0], spread[:, 3], "band")
    chart.add_band(days, spread[:, 1], spread[:, 2], "core")
    goal = chart.y(view.goal_share)
    chart.add_segment((chart.left, goal), (chart.right, goal), "goal")
    if district is not None:
        chart.add_line(days, figures.whole_trend, "whole")
    chart.add_line(days, own, "own")

    end = (chart.x(days[-1]), chart.y(float(own.dropna().iloc[-1])))
    forecast = _add_forecast(chart, end, figures.row(district), view, first)
    chart.add_dot(end, 4, "now")
    keys = ("own", *(["whole"] if district is not None else []), "core", "band", "goal")
    return Trend(chart, (*keys, "forecast") if forecast else keys)


def describe_trend(figures: Figures, words: Words, district: str | None) -> str:
    """Return the trend chart in words."""
    own = _get_rates(figures, district).dropna()
    start, end = (words.date(date.date()) for date in (own.index[0], own.index[-1]))
    first, last, whole = (
        words.share(share) for share in (own.iloc[0], own.iloc[-1], figures.whole_trend.iloc[-1])
    )
    name = str(figures.row(district)["name"]) if district is not None else ""
    return words.say(
        "trend.alt",
        name=words.name(name) if name else words.say("rate.all"),
        start=start,
        end=end,
        first=first,
        last=last,
        whole=whole,
    )


def _get_rates(figures: Figures, district: str | None) -> "pd.Series[float]":
    """Return the rates of one district, or of all together, by date; missing ones included."""
    if district is None:
        return figures.whole_trend
    return figures.trend.get(district, figures.whole_trend * np.nan)


def _add_forecast(
    chart: Chart,
    end: tuple[float, float],
    row: "pd.Series[float]",
    view: ReportView,
    first: dt.date,
) -> bool:
    """Draw the forecast and its 80% range at the deadline; return whether there is one."""
    if pd.isna(row["final_share"]) or not view.days_left:
        return False
    deadline = (view.deadline - first).days
    place = chart.x(deadline)
    middle, low, high = (
        chart.y(row[name]) for name in ("final_share", "final_low80_share", "final_high80_share")
    )

    # A fan from the last rate to the ends of the range, then the middle and the range itself.
    chart.add_polygon([end, (place, low), (place, high)], "fan")
    chart.add_segment(end, (place, middle), "ahead")
    chart.add_segment((place, low), (place, high), "range-end")
    return True
