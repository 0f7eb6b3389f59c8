"""Draw the estimates of a test with their ranges along one axis."""

from outreach.catalog import Words
from outreach.charts import Chart, Margins
from outreach.reports.text.result_checks import write_points
from outreach.reports.text.result_parts import Span
from outreach.reports.text.test_result import Readout

#: Narrow, so that its words can be read on a phone; a name stands above its range.
_WIDTH, _ROW_HEIGHT = 480, 52
_MARGINS = Margins(left=24, right=24, top=0, bottom=24)
#: Where the baseline of a name and the range stand in their row.
_NAME_LINE, _RANGE_LINE = 22, 36
_MOST_TICKS = 7


def draw_estimates(readout: Readout, words: Words) -> Chart:
    """Draw the flight's estimate, with its checks and placebos, on an axis that holds zero."""
    readings = _list_readings(readout, words)

    # The axis is symmetric around zero and a little wider than everything on it.
    edges = [value for effect in readings.values() for value in effect.values()]
    end = max(*map(abs, edges), readout.mde_share or 0.0, 1e-4) * 1.08
    rows_height = _ROW_HEIGHT * len(readings)
    chart = Chart(
        (_WIDTH, rows_height + round(_MARGINS.bottom)),
        _MARGINS,
        (-end, end),
        (0.0, float(rows_height)),
        label=_describe_estimates(readings, words),
    )
    chart.add_columns(list_ticks(end), grid=True)

    # The plan's minimum detectable effect, and zero.
    for share, style in ((readout.mde_share, "goal"), (0.0, "tick")):
        if share is not None:
            place = chart.x(share)
            chart.add_segment((place, chart.top), (place, chart.bottom), style)

    for number, (name, effect) in enumerate(readings.items()):
        top = _ROW_HEIGHT * number
        height = top + _RANGE_LINE
        low, middle, high = (chart.x(value) for value in effect.values())
        chart.add_text(0, top + _NAME_LINE, name, "name")
        chart.add_segment((low, height), (high, height), "range-end")
        chart.add_dot((middle, height), 5, "now")
    return chart


def _list_readings(readout: Readout, words: Words) -> dict[str, Span]:
    """Return the estimates that have a range with two ends, by what they are called."""
    readings = {words.say("effect.flight"): readout.flight.effect}
    if readout.trimmed and None not in {readout.trimmed.effect.low, readout.trimmed.effect.high}:
        readings[words.say("effect.trimmed_short")] = readout.trimmed.effect
    if readout.spill and None not in {readout.spill.effect.low, readout.spill.effect.high}:
        readings[words.say("effect.spill_short")] = readout.spill.effect
    if readout.placebo:
        readings[words.say("effect.before")] = readout.placebo.effect
    if readout.splits:
        readings[words.say("effect.splits_short")] = readout.splits.effect
    return readings


def list_ticks(end: float) -> dict[float, str]:
    """Return the marks of an axis from ``-end`` to ``end``, as shares, with points as labels."""
    step = next(
        size
        for power in range(-4, 3)
        for size in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        if 200 * end / size < _MOST_TICKS
    )
    marks = [step * number for number in range(-_MOST_TICKS, _MOST_TICKS + 1)]
    return {
        mark / 100: f"{mark:+g}".replace("-", "\N{MINUS SIGN}") if mark else "0"
        for mark in marks
        if abs(mark) <= 100 * end
    }


def _describe_estimates(readings: dict[str, Span], words: Words) -> str:
    """Return the chart in words."""
    parts = []
    for name, effect in readings.items():
        low, middle, high = (write_points(value, words) for value in effect.values())
        parts.append(words.say("effect.chart_part", name=name, middle=middle, low=low, high=high))
    return words.say("effect.chart", parts="; ".join(parts))
