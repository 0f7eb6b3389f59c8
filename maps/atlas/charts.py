"""Draw the season of a county, and how the rates of its tracts spread."""

import numpy as np
import pandas as pd

from outreach.catalog import Words
from outreach.charts import Chart, Margins, choose_share_range, list_levels
from outreach.palette import RATE_CLASSES, find_classes

_WIDTH = 420
_TREND_HEIGHT, _SPREAD_HEIGHT = 190, 110
_TREND_MARGINS = Margins(left=34, right=8, top=10, bottom=22)
_SPREAD_MARGINS = Margins(left=1, right=1, top=4, bottom=18)
#: Bars of the spread, each 5 points wide.
_BARS = 20
#: The shortest bar, in pixels, so that one tract among hundreds can be seen.
_SHORTEST_BAR = 1.5


def draw_trend(
    name: str, state: str, own: "pd.Series[float]", whole: "pd.Series[float]", words: Words
) -> Chart | None:
    """Draw the rates of a county and of its state over the same season.

    Parameters
    ----------
    name, state
        Names of the county and of its state.
    own, whole
        Their rates, 0-1, index data dates in order.
    words
        The language.

    Returns
    -------
    Chart or None
        ``None`` where the county has fewer than two dates.
    """
    own, whole = own.dropna(), whole.dropna()
    if len(own) < 2:  # noqa: PLR2004  a line needs two points
        return None
    whole = whole[whole.index <= own.index[-1]]
    first, last = min(own.index[0], whole.index[0]), own.index[-1]

    low, high = choose_share_range([*own, *whole])
    chart = Chart(
        (_WIDTH, _TREND_HEIGHT),
        _TREND_MARGINS,
        (0.0, float((last - first).days)),
        (low, high),
        label=_describe_trend(name, state, own, whole, words),
    )
    chart.add_rows({level: words.share(level, 0) for level in list_levels(low, high)})
    chart.add_months(first.date(), last.date(), lambda month: words.date(month, "LLL"))

    for rates, style in ((whole, "whole"), (own, "rate")):
        chart.add_line((pd.DatetimeIndex(rates.index) - first).days, rates, style)
    chart.add_dot((chart.x((last - first).days), chart.y(float(own.iloc[-1]))), 3.5, "now")
    return chart


def draw_spread(rates: "pd.Series[float]", words: Words) -> Chart | None:
    """Draw how many tracts have which rate, in steps of 5 points, in the colors of the map.

    Parameters
    ----------
    rates
        Rates of the tracts, 0-1.
    words
        The language.

    Returns
    -------
    Chart or None
        ``None`` where no tract has a rate.
    """
    shares = rates.dropna()
    if shares.empty:
        return None
    chart = Chart(
        (_WIDTH, _SPREAD_HEIGHT),
        _SPREAD_MARGINS,
        (0.0, 1.0),
        (0.0, 1.0),
        label=_describe_spread(shares, words),
    )

    # Rates have one decimal: rounding puts 35.0% into the bar that starts there.
    values = shares.to_numpy(dtype=float)
    bins = np.minimum(np.floor(np.round(values * _BARS, 6)), _BARS - 1).astype(int)
    counts = np.bincount(bins, minlength=_BARS)
    tallest = chart.bottom - chart.top
    for place in np.flatnonzero(counts).tolist():
        count, low, high = int(counts[place]), place / _BARS, (place + 1) / _BARS
        ends = {"low": words.count(100 * low), "high": words.share(high, 0)}
        title = words.say("atlas.bar", count=count, **ends)
        height = max(count / counts.max() * tallest, _SHORTEST_BAR)
        sides = (chart.x(low) + 0.5, chart.x(high) - 0.5)
        chart.add_bar(sides, height, fill=_choose_color((low + high) / 2), title=title)

    # The floor, the average with a halo around it, and the labels.
    average = chart.x(float(values.mean()))
    chart.add_segment((0, chart.bottom), (_WIDTH, chart.bottom), "floor")
    for style in ("halo", "goal"):
        chart.add_segment((average, 2), (average, chart.bottom), style)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        anchor = {0.0: "start", 1.0: "end"}.get(share, "middle")
        corner = (chart.x(share), chart.bottom + 14)
        chart.add_text(*corner, words.share(share, 0), "share", text_anchor=anchor)
    return chart


def _choose_color(value: float) -> str:
    """Return the color of a rate, the same on every map."""
    place = int(find_classes(np.array([value]), RATE_CLASSES.edges)[0])
    return RATE_CLASSES.colors[place]


def _describe_trend(
    name: str, state: str, own: "pd.Series[float]", whole: "pd.Series[float]", words: Words
) -> str:
    """Return the trend in words."""
    start, end = (words.date(day.date()) for day in pd.DatetimeIndex(own.index)[[0, -1]])
    first, last = (words.share(float(own.iloc[place])) for place in (0, -1))
    return words.say(
        "atlas.trend_words",
        name=name,
        state=state,
        first=first,
        start=start,
        last=last,
        end=end,
        whole=words.share(float(whole.iloc[-1])),
    )


def _describe_spread(shares: "pd.Series[float]", words: Words) -> str:
    """Return the spread in words."""
    first, middle, third = (words.share(share) for share in shares.quantile([0.25, 0.5, 0.75]))
    return words.say("atlas.spread_words", first=first, middle=middle, third=third)
