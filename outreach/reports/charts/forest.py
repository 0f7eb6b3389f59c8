"""Draw the effects of several cities below one another: a forest plot."""

from outreach.catalog import Words
from outreach.charts import Chart, Margins
from outreach.reports.charts.estimates import list_ticks
from outreach.reports.data.pooled import CityResult, PooledReadout

#: Narrow, so that its words can be read on a phone; a name stands above its range.
_WIDTH, _ROW_HEIGHT = 480, 46
_MARGINS = Margins(left=24, right=24, top=0, bottom=24)
#: Where the baseline of a name and the range stand in their row.
_NAME_LINE, _RANGE_LINE = 18, 32
_LONGEST_NAME = 48
_LEAST_RADIUS, _MORE_RADIUS = 3.0, 5.0


def draw_forest(readout: PooledReadout, words: Words) -> Chart:
    """Draw each city's estimate with its range, and below them both pooled effects.

    A city's dot is larger, the more it weighs in the fixed effect.
    """
    rows = [
        (part.result.city, _measure_city(part.result), part.fixed_weight_share)
        for part in readout.cities
    ]
    rows += [
        (
            words.say(f"pooled.{name}"),
            (effect.low_share, effect.estimate_share, effect.high_share),
            1.0,
        )
        for name, effect in (("fixed", readout.fixed), ("random", readout.random))
    ]
    end = max(abs(edge) for _, edges, _ in rows for edge in edges) * 1.08 or 1e-4
    height = _ROW_HEIGHT * len(rows)
    chart = Chart(
        (_WIDTH, height + round(_MARGINS.bottom)),
        _MARGINS,
        (-end, end),
        (0.0, float(height)),
        label=words.say("pooled.chart", rows="; ".join(_describe_row(row, words) for row in rows)),
    )
    chart.add_columns(list_ticks(end), grid=True)
    chart.add_segment((chart.x(0), chart.top), (chart.x(0), chart.bottom), "tick")
    for number, (name, edges, weight) in enumerate(rows):
        top = _ROW_HEIGHT * number
        line = top + _RANGE_LINE
        low, middle, high = (chart.x(edge) for edge in edges)
        chart.add_text(0, top + _NAME_LINE, _shorten(name), "name")
        chart.add_segment((low, line), (high, line), "range-end")
        chart.add_dot((middle, line), _LEAST_RADIUS + _MORE_RADIUS * weight, "now")
    return chart


def _measure_city(result: CityResult) -> tuple[float, float, float]:
    """Return the ends and the middle of a city's range."""
    return result.low_share, result.estimate_share, result.high_share


def _describe_row(row: tuple[str, tuple[float, float, float], float], words: Words) -> str:
    """Put a row in words."""
    name, edges, _ = row
    low, middle, high = (words.points(edge, 2) for edge in edges)
    return words.say("pooled.chart_row", name=name, effect=middle, low=low, high=high)


def _shorten(name: str) -> str:
    """Cut a name that would run into the chart."""
    return (
        name
        if len(name) <= _LONGEST_NAME
        else f"{name[: _LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"
    )
