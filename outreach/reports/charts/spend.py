"""Draw the money of a flight by day, beside what was due and the range of its end."""

import numpy as np
import pandas as pd

from outreach.catalog import Words
from outreach.charts import Chart, Margins, choose_step
from outreach.reports.data.delivery import DeliveryView

#: Narrow, so that its words can be read on a phone.
_SIZE = (440, 240)
_MARGINS = Margins(left=70, right=18, top=12, bottom=26)
_ROWS = 4
_MOST_COLUMNS = 5


def draw_spend(view: DeliveryView, words: Words) -> Chart:
    """Draw the running total of the money, delivered and due.

    Parameters
    ----------
    view
        With the running totals in ``spend``, by day.
    words
        The page's language.
    """
    spend, end = view.spend, view.pacing.iloc[0]
    days = pd.DatetimeIndex(spend.index)
    start, stop = days[0].date(), max(days[-1].date(), view.last)
    figures = [spend["delivered_usd"].max(), spend["due_usd"].max(), end["end_usd"]]
    step_usd = choose_step(
        float(np.nanmax([*figures, np.nan_to_num(end["end_high_usd"]), 0.04])), _ROWS
    )
    top = step_usd * _ROWS
    chart = Chart(
        _SIZE,
        _MARGINS,
        (0, max((stop - start).days, 1)),
        (0, top),
        label=words.say(
            "delivery.chart_alt",
            first=words.date(start),
            last=words.date(stop),
            spent=words.price(view.total["delivered_usd"]),
            through=words.date(view.through),
        ),
    )

    # Axes first, so that the lines lie on top of the grid.
    chart.add_rows({top * row / _ROWS: words.money(top * row / _ROWS) for row in range(_ROWS + 1)})
    step = max((stop - start).days // _MOST_COLUMNS, 1)
    inside = range(step, (stop - start).days - step // 2, step)
    chart.add_columns(
        {day: words.date((days[0] + pd.Timedelta(days=day)).date(), "MMM d") for day in inside}
    )

    positions = (days - days[0]).days
    chart.add_line(positions, spend["due_usd"], "goal-line")
    chart.add_line(positions, spend["delivered_usd"], "own")
    _add_end(chart, view, (view.through - start).days, (view.last - start).days)
    return chart


def _add_end(chart: Chart, view: DeliveryView, now: int, last: int) -> None:
    """Draw the fan from the last report to the range at the end, and the last report."""
    pace = view.pacing.iloc[0]
    point = (chart.x(now), chart.y(float(pace["delivered_usd"])))
    if not view.is_over and pd.notna(pace["end_low_usd"]):
        place = chart.x(last)
        low, middle, high = (
            chart.y(pace[name]) for name in ("end_low_usd", "end_usd", "end_high_usd")
        )
        chart.add_polygon([point, (place, low), (place, high)], "fan")
        chart.add_segment(point, (place, middle), "ahead")
        chart.add_segment((place, low), (place, high), "range-end")
    chart.add_dot(point, 4, "now")
