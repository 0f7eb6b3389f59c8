"""The small pictures of a county's page, as lines and bars in pixels that a template writes down: the season's trend, and how its tracts spread."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from outreach.palette import find_classes

_WIDTH, _HEIGHT = 420, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 8, 10, 22
_GRID = 0.1
#: More grid lines than this and every other one goes.
_MOST_LINES = 6
_BARS = 20
_BARS_HEIGHT = 110


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on an axis: where, and what."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The rate of a county (``own``) and of its state (``whole``) over the season, as polylines, with axes."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    rows: list[Mark]
    columns: list[Mark]
    own: str
    whole: str
    end: tuple[float, float]


def draw_trend(own: "pd.Series[float]", whole: "pd.Series[float]") -> Trend | None:
    """Draw two rates (0-1, index data dates in order) over the same season; ``None`` where one date is all there is."""
    own, whole = own.dropna(), whole.dropna()
    if len(own) < 2:  # noqa: PLR2004  a line needs two points
        return None
    whole = whole[whole.index <= own.index[-1]]
    first, last = min(own.index[0], whole.index[0]), own.index[-1]
    both = np.concatenate([own, whole])
    low, high = np.floor(both.min() / _GRID) * _GRID, np.ceil(both.max() / _GRID + 1e-9) * _GRID
    floor = _HEIGHT - _BOTTOM

    def across(day: pd.Timestamp) -> float:
        return round(_LEFT + float((day - first) / (last - first)) * (_WIDTH - _LEFT - _RIGHT), 1)

    def down(share: float) -> float:
        return round(float(_TOP + (high - share) / (high - low) * (floor - _TOP)), 1)

    def line(rates: "pd.Series[float]") -> str:
        return " ".join(f"{across(day):g},{down(rate):g}" for day, rate in rates.items())  # type: ignore[arg-type]

    count = round((high - low) / _GRID)
    step = 1 if count <= _MOST_LINES else 2
    levels = [low + _GRID * number for number in range(0, count + 1, step)]
    months = [
        month
        for month in pd.date_range(first, last, freq="MS")
        if across(month) < _WIDTH - _RIGHT - 12
    ]
    every = 1 if len(months) <= _MOST_LINES + 2 else 2
    return Trend(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        bottom=floor,
        rows=[Mark(down(level), f"{level:.0%}") for level in levels],
        columns=[Mark(across(month), f"{month:%b}") for month in months[::every]],
        own=line(own),
        whole=line(whole),
        end=(across(last), down(float(own.iloc[-1]))),
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the spread: place and size in pixels, the colour of its class, and in words what it counts."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    words: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How many tracts have which rate, in steps of five points, and where the average lies."""

    width: int
    height: int
    floor: int
    bars: list[Bar]
    columns: list[Mark]
    average: float


def draw_spread(rates: "pd.Series[float]", scale: dict[str, Any]) -> Spread | None:
    """Draw the rates of tracts (0-1) as bars in the colours of the map; ``None`` without a rate."""
    known = rates.dropna().to_numpy()
    if not len(known):
        return None
    # Rates have one decimal: rounded, so that 0.35 falls into the bar that starts there.
    bins = np.minimum(np.floor(np.round(known * _BARS, 6)), _BARS - 1).astype(int)
    counts = np.bincount(bins, minlength=_BARS)
    step = (_WIDTH - 2) / _BARS
    floor = _BARS_HEIGHT - 18
    bars = []
    for place in np.flatnonzero(counts).tolist():
        count = int(counts[place])
        tall = round(max(count / counts.max() * (floor - 4), 1.5), 1)
        low, high = round(place * 100 / _BARS), round((place + 1) * 100 / _BARS)
        words = f"{low}\N{EN DASH}{high}%: {count:,} tract{'' if count == 1 else 's'}"
        bars.append(
            Bar(
                x=round(1 + place * step + 0.5, 1),
                y=round(floor - tall, 1),
                width=round(step - 1, 1),
                height=tall,
                colour=choose_colour(scale, (place + 0.5) / _BARS),
                words=words,
            )
        )
    columns = [
        Mark(round(1 + share * (_WIDTH - 2), 1), f"{share:.0%}")
        for share in (0, 0.25, 0.5, 0.75, 1)
    ]
    return Spread(
        _WIDTH, _BARS_HEIGHT, floor, bars, columns, round(1 + float(known.mean()) * (_WIDTH - 2), 1)
    )


def choose_colour(scale: dict[str, Any], value: float) -> str:
    """Return the colour of a figure by a scale of :func:`maps.legend.describe_layer`; beyond the last edge the last one."""
    return str(scale["colours"][find_classes(np.array([value]), scale["edges"])[0]])


def describe_trend(
    name: str, state: str, own: "pd.Series[float]", whole: "pd.Series[float]"
) -> str:
    """Say the trend in words, for those who do not see the picture."""
    own, whole = own.dropna(), whole.dropna()
    if own.empty:
        return ""
    first, last = own.index[0], own.index[-1]
    there = whole[whole.index <= last]
    return (
        f"The average rate of {name} went from {own.iloc[0]:.1%} on {write_day(first)} to {own.iloc[-1]:.1%} on {write_day(last)};"
        f" that of {state} was {there.iloc[-1]:.1%} then."
    )


def write_day(day: dt.date) -> str:
    """Write a day in full, such as ``October 16, 2020``."""
    return f"{day:%B} {day.day}, {day.year}"
