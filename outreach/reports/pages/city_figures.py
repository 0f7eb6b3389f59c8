"""Show the figures that a city brings itself beside the rates, each with its own date."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.campaign import date_moment
from outreach.catalog import Words
from outreach.charts import Chart, Margins
from outreach.reports.data.city_series import WHOLE, CitySeries, sum_series
from outreach.reports.data.inputs import ReportView

_SIZE = (560, 170)
_MARGINS = Margins(left=64, right=44, top=12, bottom=26)
#: So many moments have a label below the chart; of more only the first and the last.
_MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class CityFigure:
    """A figure as a page shows it.

    Parameters
    ----------
    title, figure, moment
        What it is, its last value of the whole area, and when that was.
    note
        Source, date, and what the values are.
    chart
        The whole area over time; ``None`` where fewer than two moments have a value.
    moments
        The head of the table.
    rows
        Name and values of the whole area and of each district.
    """

    title: str
    figure: str
    moment: str
    note: str
    chart: Chart | None
    moments: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def show_city_figures(view: ReportView, words: Words) -> list[CityFigure]:
    """Return the figures of a view that have a value, in the order of the campaign."""
    shown = []
    for series in view.series:
        table = sum_series(series, view.tracts, view.crosswalk, view.districts.index)
        if table.loc[WHOLE].notna().any():
            shown.append(_show_figure(series, table, view, words))
    return shown


def _show_figure(
    series: CitySeries, table: pd.DataFrame, view: ReportView, words: Words
) -> CityFigure:
    """Write one figure."""
    moments = {str(moment): words.moment(str(moment)) for moment in table.columns}
    whole = pd.Series(table.loc[WHOLE]).dropna().astype(float)
    latest = str(whole.index[-1])
    names = {WHOLE: words.say("rate.all"), **view.districts["name"].astype(str).to_dict()}
    ordered = sorted(view.districts.index, key=lambda area: _split_numbers(names[str(area)]))
    rows = tuple(
        (names[str(area)], tuple(_write_value(series, value, words) for value in table.loc[area]))
        for area in (WHOLE, *ordered)
    )
    kind = "sum" if series.unit == "count" else "mean"
    note = words.say(
        "series.note",
        source=words.name(series.source),
        moment=moments[latest],
        how=words.say(f"series.{kind}"),
    )
    return CityFigure(
        series.title,
        _write_value(series, float(whole.iloc[-1]), words),
        moments[latest],
        note,
        _draw_series(series, whole, words),
        tuple(moments.values()),
        rows,
    )


def _draw_series(series: CitySeries, whole: "pd.Series[float]", words: Words) -> Chart | None:
    """Draw the whole area over time, from zero where the figure cannot be negative."""
    if len(whole) < 2:  # noqa: PLR2004  a line needs two points
        return None
    days = np.array([date_moment(str(moment)).toordinal() for moment in whole.index], float)
    values = whole.to_numpy()
    low = min(0.0, float(values.min()))
    top = _round_up(max(float(values.max()), low + 1e-9))
    texts = [words.moment(str(moment)) for moment in whole.index]
    label = words.say(
        "series.alt",
        title=words.name(series.title),
        start=texts[0],
        end=texts[-1],
        first=_write_value(series, float(values[0]), words),
        last=_write_value(series, float(values[-1]), words),
    )
    chart = Chart(_SIZE, _MARGINS, (days[0], days[-1]), (low, top), label=label)
    levels = (low, (low + top) / 2, top)
    chart.add_rows({level: _write_value(series, level, words) for level in levels})
    labels = dict(zip(days.tolist(), texts, strict=True))
    if len(labels) > _MOST_LABELS:
        labels = {day: labels[day] for day in (days[0], days[-1])}
    chart.add_columns(labels)
    chart.add_line(days, values, "own")
    for day, value in zip(days.tolist(), values.tolist(), strict=True):
        chart.add_dot((chart.x(day), chart.y(value)), 3, "now")
    return chart


def _split_numbers(name: str) -> list[tuple[int, str]]:
    """Return a key by which Ward 2 stands before Ward 10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", name)]


def _round_up(value: float) -> float:
    """Return the next number above of one or two digits that a scale may end at."""
    if value <= 0:
        return 0.0
    step = 10.0 ** np.floor(np.log10(value))
    return float(
        next(
            part * step
            for part in (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8, 10)
            if part * step >= value * 0.999999
        )
    )


def _write_value(series: CitySeries, value: float, words: Words) -> str:
    """Write a value in its unit."""
    if series.unit in {"percent", "share"}:
        return words.share(value)
    if series.unit == "usd":
        return words.money(value)
    return words.count(value) if series.unit == "count" else words.decimal(value)
