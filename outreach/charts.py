"""Draw a small line or bar chart as one SVG element of a page.

Color, width and type size come from the page's style sheet by class, so a chart follows the page
on a phone, in print and in high contrast. A plotting library writes those into the SVG itself.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

#: Above this span of a share axis, every other grid line is left out.
_WIDE_SPAN = 0.6
_SHARE_STEP = 0.1


@dataclass(frozen=True, slots=True)
class Margins:
    """Pixels between the plotting area and the edges of the chart."""

    left: float
    right: float
    top: float
    bottom: float


class Chart:
    """A chart with one horizontal and one vertical scale, which renders itself as ``<svg>``.

    Parameters
    ----------
    size
        Width and height in pixels of the view box.
    margins
        Room for the labels around the plotting area.
    x_range, y_range
        The values at the left and right edge, and at the bottom and top edge, of the plotting area.
    label
        The chart in words, for people who do not see it.
    css_class
        Class of the ``<svg>`` element.
    """

    def __init__(
        self,
        size: tuple[int, int],
        margins: Margins,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        *,
        label: str,
        css_class: str = "trend",
    ) -> None:
        width, height = size
        self.left, self.right = margins.left, width - margins.right
        self.top, self.bottom = margins.top, height - margins.bottom
        self._x_range, self._y_range = x_range, y_range
        self._svg = ET.Element(
            "svg",
            {
                "class": css_class,
                "viewBox": f"0 0 {width} {height}",
                "role": "img",
                "aria-label": label,
            },
        )

    def x(self, value: float) -> float:
        """Return the horizontal place of a value, in pixels."""
        low, high = self._x_range
        return round(float(self.left + (value - low) / (high - low) * (self.right - self.left)), 1)

    def y(self, value: float) -> float:
        """Return the vertical place of a value, in pixels from the top."""
        low, high = self._y_range
        return round(float(self.top + (high - value) / (high - low) * (self.bottom - self.top)), 1)

    def add_rows(self, labels: Mapping[float, str]) -> None:
        """Draw a horizontal grid line at each value, with its label to the left."""
        for value, text in labels.items():
            height = self.y(value)
            self.add_segment((self.left, height), (self.right, height), "grid")
            self.add_text(self.left - 6, height + 3.5, text, "row")

    def add_columns(self, labels: Mapping[float, str], *, grid: bool = False) -> None:
        """Draw a tick below each value, or a grid line at it, with its label centered below."""
        for value, text in labels.items():
            place = self.x(value)
            start, style = (self.top, "grid") if grid else (self.bottom, "tick")
            self.add_segment((place, start), (place, self.bottom + (0 if grid else 4)), style)
            self.add_text(place, self.bottom + 16, text, "column")

    def add_months(
        self, first: dt.date, last: dt.date, write: Callable[[dt.date], str], most: int = 8
    ) -> None:
        """Label the first day of each month on a scale of days since the first date.

        Every other month is left out where there are more than ``most``.
        """
        months = [month.date() for month in pd.date_range(first, last, freq="MS")]
        every = 1 if len(months) <= most else 2
        labels = {float((month - first).days): write(month) for month in months[::every]}

        # A label at the very edge would run out of the picture or into the row labels.
        inside = {
            day: text for day, text in labels.items() if self.left < self.x(day) < self.right - 8
        }
        self.add_columns(inside)

    def add_line(self, x: ArrayLike, y: ArrayLike, css_class: str, **attributes: str) -> None:
        """Draw a line through the points that have a value."""
        self._add("polyline", css_class, points=self._trace(x, y), **attributes)

    def add_band(self, x: ArrayLike, low: ArrayLike, high: ArrayLike, css_class: str) -> None:
        """Fill the area between two lines."""
        # Go along the lower line and come back along the upper one.
        points = f"{self._trace(x, low)} {self._trace(np.flip(x), np.flip(high))}"
        self._add("polygon", css_class, points=points)

    def add_polygon(self, points: Iterable[tuple[float, float]], css_class: str) -> None:
        """Fill the area between points in pixels."""
        self._add("polygon", css_class, points=" ".join(f"{x:g},{y:g}" for x, y in points))

    def add_bar(
        self,
        x: tuple[float, float],
        height: float,
        *,
        fill: str,
        title: str,
        base: float = 0.0,
    ) -> None:
        """Draw a bar of some pixels above a base, between two pixels, with a tooltip.

        The base is in pixels above the bottom, for bars on top of one another.
        """
        start, end = x
        bar = self._add(
            "rect",
            "bar-of",
            x=f"{start:.1f}",
            y=f"{self.bottom - base - height:.1f}",
            width=f"{end - start:.1f}",
            height=f"{height:.1f}",
            fill=fill,
        )
        ET.SubElement(bar, "title").text = title

    def add_dot(
        self, center: tuple[float, float], radius: float, css_class: str, **attributes: str
    ) -> None:
        """Draw a dot around a point in pixels."""
        x, y = center
        self._add("circle", css_class, cx=f"{x:g}", cy=f"{y:g}", r=f"{radius:g}", **attributes)

    def add_segment(
        self, start: tuple[float, float], end: tuple[float, float], css_class: str
    ) -> None:
        """Draw a straight line between two points in pixels."""
        (x1, y1), (x2, y2) = start, end
        self._add("line", css_class, x1=f"{x1:g}", y1=f"{y1:g}", x2=f"{x2:g}", y2=f"{y2:g}")

    def add_text(self, x: float, y: float, text: str, css_class: str, **attributes: str) -> None:
        """Write text with its baseline at a point in pixels."""
        self._add("text", css_class, x=f"{x:g}", y=f"{y:g}", **attributes).text = text

    def __html__(self) -> str:
        """Return the SVG; a template that escapes its values takes it as it is."""
        return ET.tostring(self._svg, encoding="unicode")

    def _add(self, tag: str, css_class: str, **attributes: str) -> ET.Element:
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        return ET.SubElement(self._svg, tag, {"class": css_class, **named})

    def _trace(self, x: ArrayLike, y: ArrayLike) -> str:
        """Return the points that have a value, as SVG writes them."""
        pairs = zip(np.asarray(x, dtype=float), np.asarray(y, dtype=float), strict=True)
        return " ".join(
            f"{self.x(across):g},{self.y(up):g}" for across, up in pairs if not np.isnan(up)
        )


def choose_share_range(shares: Iterable[float]) -> tuple[float, float]:
    """Return the tenths below and above some shares (0-1), at least a tenth apart."""
    values = np.asarray(list(shares), dtype=float)
    low = float(np.floor(np.round(10 * np.nanmin(values), 6)) / 10)
    high = float(np.ceil(np.round(10 * np.nanmax(values), 6)) / 10)
    return low, max(high, low + _SHARE_STEP)


def list_levels(low: float, high: float) -> list[float]:
    """Return the grid lines of a share axis: every tenth, or every fifth on a wide axis."""
    step = _SHARE_STEP if high - low <= _WIDE_SPAN + 1e-9 else 2 * _SHARE_STEP
    return [round(float(level), 6) for level in np.arange(low, high + 1e-9, step)]


def choose_step(most: float, rows: int) -> float:
    """Return a round step of an axis, so many of which hold the largest figure (above 0)."""
    least = most / rows
    size = 10.0 ** math.floor(math.log10(least))
    return next(step * size for step in (1, 2, 2.5, 5, 10) if step * size >= least)
