"""The trend picture: one district's rate over the season against the spread of all, with goal and forecast kept apart."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.text.catalog import Words

_WIDTH, _HEIGHT = 560, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 18, 12, 26
_GRID = 0.1


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on an axis: where, and what."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A trend picture in pixels.

    ``band`` and ``core`` are polygons: all districts, and the middle half of them; ``own`` and
    ``whole`` lines; ``goal`` a height; ``forecast`` the place, height and the two ends of the 80 %
    interval, if there is one.
    """

    width: int
    height: int
    rows: list[Mark]
    columns: list[Mark]
    band: str
    core: str
    own: str
    whole: str
    goal: float
    end: tuple[float, float]
    forecast: tuple[float, float, float, float] | None
    left: int
    right: int
    bottom: int


def draw_trend(
    figures: Figures, view: ReportView, words: Words, district: str | None
) -> Trend | None:
    """Draw the trend of one district, or of all together (``None``); ``None`` comes back where only one date is known."""
    dates = pd.DatetimeIndex(figures.trend.index)
    row = figures.row(district)
    own = (
        figures.whole_trend
        if district is None
        else figures.trend.get(district, figures.whole_trend * np.nan)
    )
    if own.notna().sum() < 2:  # noqa: PLR2004  a line needs two points
        return None
    spread = figures.trend.quantile([0, 0.25, 0.75, 1], axis=1).T.to_numpy()
    first, last = dates[0].date(), max(dates[-1].date(), view.deadline)
    low = np.floor(np.nanmin(spread) / _GRID) * _GRID
    high = (
        np.ceil(
            max(
                np.nanmax(spread),
                view.goal_share,
                row["final_high80_share"] if pd.notna(row["final_high80_share"]) else 0,
            )
            / _GRID
        )
        * _GRID
    )
    days = max((last - first).days, 1)
    axis_bottom = _HEIGHT - _BOTTOM

    def across(date: dt.date) -> float:
        return round(_LEFT + (date - first).days / days * (_WIDTH - _LEFT - _RIGHT), 1)

    def down(share: float) -> float:
        return round(float(_TOP + (high - share) / (high - low) * (axis_bottom - _TOP)), 1)

    def line(values: "np.ndarray | pd.Series[float]") -> list[str]:
        return [
            f"{across(date.date())} {down(value)}"
            for date, value in zip(dates, values, strict=True)
            if not np.isnan(value)
        ]

    forecast = None
    if pd.notna(row["final_share"]) and view.days_left:
        middle, least, most = (
            down(row[name]) for name in ("final_share", "final_low80_share", "final_high80_share")
        )
        forecast = (across(view.deadline), middle, least, most)
    lines = np.arange(low, high + 1e-9, _GRID if high - low <= 0.6 else 2 * _GRID)  # noqa: PLR2004  six lines at most
    months = [
        month
        for month in pd.date_range(first, last, freq="MS").date
        if _LEFT < across(month) < _WIDTH - _RIGHT - 8
    ]
    return Trend(
        width=_WIDTH,
        height=_HEIGHT,
        rows=[Mark(down(value), words.share(value, 0)) for value in lines],
        columns=[Mark(across(month), words.date(month, "MMM")) for month in months],
        band=" ".join(line(spread[:, 0]) + line(spread[:, 3])[::-1]),
        core=" ".join(line(spread[:, 1]) + line(spread[:, 2])[::-1]),
        own=" ".join(line(own)),
        whole=" ".join(line(figures.whole_trend)) if district else "",
        goal=down(view.goal_share),
        end=(across(dates[-1].date()), down(float(own.dropna().iloc[-1]))),
        forecast=forecast,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=axis_bottom,
    )
