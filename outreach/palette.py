"""Hold the colors of maps and charts, and the classes of figures.

Colors that a color-blind reader can tell apart. Sources: ColorBrewer 2.0,
https://colorbrewer2.org (Cynthia Brewer, Apache-2.0), schemes marked color-blind safe; Okabe and
Ito 2008, "Color Universal Design", https://jfly.uni-koeln.de/color/.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd

from outreach.arrays import Floats, Ints
from outreach.units import Arm

#: Areas without a figure; the hatch is drawn over the first color.
MISSING_COLOR = "#e4e4e4"
HATCH_COLOR = "#9aa3ab"
WATER_COLOR = "#cddde6"

#: Round classes span the figures between these quantiles; the few beyond them fall into the first
#: and the last class.
_LOW, _HIGH = 0.02, 0.99
#: At least this many classes are filled, where there are as many different figures.
_FEWEST = 5
#: A class is filled from this share of the figures on.
_SEEN = 0.01
#: Figures on an edge belong below it, even after a rounding error.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Palette:
    """A published row of colors, low to high.

    Parameters
    ----------
    name
        Its published name.
    anchors
        The published hexadecimal colors.
    source
        Who published it.
    diverging
        Whether the middle color stands for a value of its own.
    unordered
        Whether the colors have no order: each stands for a class of its own.
    """

    name: str
    anchors: tuple[str, ...]
    source: str
    diverging: bool = False
    unordered: bool = False

    def reverse(self) -> "Palette":
        """Return the same colors from high to low."""
        return replace(self, name=f"{self.name} reversed", anchors=self.anchors[::-1])

    def sample(self, count: int) -> list[str]:
        """Return evenly spaced colors, linear in RGB between two anchors.

        Colors without an order are the first ones, as published.
        """
        if self.unordered:
            return list(self.anchors[:count])
        channels = np.array(
            [[int(anchor[i : i + 2], 16) for i in (1, 3, 5)] for anchor in self.anchors]
        )
        places = (
            np.linspace(0, len(channels) - 1, count)
            if count > 1
            else np.array([(len(channels) - 1) / 2])
        )
        mixed = [
            np.interp(places, np.arange(len(channels)), channels[:, channel])
            for channel in range(3)
        ]
        return [
            f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in np.rint(mixed).astype(int).T
        ]


def _brewer(name: str, colors: str, *, diverging: bool = False) -> Palette:
    anchors = tuple(f"#{color}" for color in colors.split())
    return Palette(name, anchors, "ColorBrewer 2.0", diverging)


#: The palest step of each sequential scheme is left out: it looks like paper.
BLUE_GREEN = _brewer("YlGnBu", "edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 253494 081d58")
BLUE = _brewer("PuBu", "ece7f2 d0d1e6 a6bddb 74a9cf 3690c0 0570b0 045a8d 023858")
PURPLE = _brewer("BuPu", "e0ecf4 bfd3e6 9ebcda 8c96c6 8c6bb1 88419d 810f7c 4d004b")
ORANGE = _brewer("YlOrBr", "fff7bc fee391 fec44f fe9929 ec7014 cc4c02 993404 662506")
RED = _brewer("OrRd", "fee8c8 fdd49e fdbb84 fc8d59 ef6548 d7301f b30000 7f0000")
GREEN = _brewer("YlGn", "f7fcb9 d9f0a3 addd8e 78c679 41ab5d 238443 006837 004529")
ORANGE_PURPLE = _brewer(
    "PuOr", "b35806 e08214 fdb863 fee0b6 f7f7f7 d8daeb b2abd2 8073ac 542788", diverging=True
)
BROWN_TEAL = _brewer(
    "BrBG", "8c510a bf812d dfc27d f6e8c3 f5f5f5 c7eae5 80cdc1 35978f 01665e", diverging=True
)

#: Rates of response. What needs attention, a low rate, has the strongest color: drawn both ways for
#: Cook County on May 1 and October 16, 2020, only so do the low tracts stand out.
RATE = BLUE_GREEN.reverse()

#: Classes in words. The published black is left out, because no line or number could be seen on it,
#: and gray stands for the last class.
CLASSES = Palette(
    "Okabe-Ito",
    (
        *("#0072b2", "#e69f00", "#009e73", "#cc79a7"),
        *("#56b4e9", "#d55e00", "#f0e442", "#5f6b76"),
    ),
    "Okabe and Ito 2008",
    unordered=True,
)

#: Nine colors of two figures at once: gold for the first, blue for the second, both dark. By the
#: first figure, then the second, low to high. Chosen so that all nine stay apart for people who do
#: not see red, green, or blue (simulated as Machado, Oliveira and Fernandes 2009 do).
PAIR_COLORS = (
    *("#e8e8e8", "#b8d6f0", "#4f9bd9"),
    *("#f3d9a4", "#b3b9a8", "#4b7f9e"),
    *("#e0a12c", "#9a8a4a", "#1f3f5a"),
)

#: Outline colors of the arms of a test.
ARM_COLORS = {Arm.TREAT.value: "#d55e00", Arm.HOLDOUT.value: "#0072b2", Arm.BUFFER.value: "#5f6b76"}

#: Upper edges of the classes of a response rate, the same on every map, page, and date.
RATE_EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)

#: Upper edges of the fifths of the nation's tracts by final self-response in 2020: of the 77,663
#: tracts of 48 states and the District of Columbia (census API ``2020/dec/responserate``, rates of
#: January 29, 2021; New York and Rhode Island are not among them). The Bureau publishes no classes.
NATION_EDGES = (0.557, 0.654, 0.725, 0.792, 1.0)


class Method(StrEnum):
    """How classes are chosen; the value is the classifier's name in mapclassify, if it has one.

    The catalogs name it under ``classes``.
    """

    RATES = "UserDefined"
    NATION = "NationFifths"
    PRETTY = "PrettyBreaks"
    QUANTILES = "Quantiles"


#: Methods whose edges do not depend on the figures.
FIXED_EDGES = {Method.RATES: RATE_EDGES, Method.NATION: NATION_EDGES}


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes of a figure with their colors; each class includes its upper edge.

    Parameters
    ----------
    edges
        Upper edge of each class, rising.
    colors
        Hexadecimal color of each class.
    """

    edges: tuple[float, ...]
    colors: tuple[str, ...]

    def color(self, value: float) -> str:
        """Return the color of a figure; empty where it is missing."""
        if pd.isna(value):
            return ""
        return self.colors[int(find_classes(np.array([value]), self.edges)[0])]

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Return the bounds of each class; the first and the last are open."""
        return list(pairwise([None, *self.edges[:-1], None]))


#: The classes of a response rate on maps and in reports.
RATE_CLASSES = Classes(RATE_EDGES, tuple(RATE.sample(len(RATE_EDGES))))


def find_classes(figures: Floats, edges: "tuple[float, ...] | list[float]") -> Ints:
    """Find the class of each figure: the first whose upper edge it does not pass.

    Parameters
    ----------
    figures
        None of them missing.
    edges
        Upper edges, rising; what lies beyond the last one falls into the last class.

    Returns
    -------
    array
        Position of the class, from 0.
    """
    places = np.searchsorted(edges, figures - _SLACK, side="left")
    return np.minimum(places, len(edges) - 1).astype(np.int64)


def choose_edges(
    figures: "pd.Series[float]", method: Method, count: int, center: float | None = None
) -> tuple[list[float], Method]:
    """Choose the upper edge of each class, rising; each class includes its upper edge.

    At least five classes are filled, where the figures differ enough: round steps become finer, and
    where that does not help, equal numbers take their place.

    Parameters
    ----------
    figures
        What is to be classified, none missing.
    method
        The classifier. :attr:`Method.RATES` gives :data:`RATE_EDGES` and :attr:`Method.NATION`
        :data:`NATION_EDGES`, whatever the figures are.
    count
        About how many classes.
    center
        The middle of a diverging palette: classes mirror each other around it, in round steps.

    Returns
    -------
    list of float, Method
        The edges, and the method that they come from.
    """
    if method in FIXED_EDGES:
        return list(FIXED_EDGES[method]), method
    if figures.empty or figures.min() == figures.max():
        return [1.0 if figures.empty else float(figures.iloc[0])], method

    if center is not None:
        farthest = float((figures - center).abs().quantile(_HIGH)) or 1.0
        mirror = partial(_mirror_breaks, center, farthest)
        return _fill_classes(figures, max(2, count // 2), mirror), method

    if method is Method.QUANTILES:
        return _break_equally(figures, count), method

    # A few outliers must not stretch the classes.
    middle = figures[figures.between(*figures.quantile([_LOW, _HIGH]))]
    spread = np.asarray(middle if middle.min() < middle.max() else figures, dtype=np.float64)
    edges = _fill_classes(figures, count, partial(_break_prettily, spread))
    # Where nearly all figures are alike, no round steps tell them apart.
    equal = _break_equally(figures, count)
    if _count_filled(figures, equal) > _count_filled(figures, edges):
        return equal, Method.QUANTILES
    return edges, method


def _fill_classes(
    figures: "pd.Series[float]", count: int, break_into: Callable[[int], list[float]]
) -> list[float]:
    """Return the first edges with enough filled classes; else those with the most.

    Parameters
    ----------
    figures
        What is classified.
    count
        The first number of classes to try; finer ones follow.
    break_into
        Returns the edges for about that many classes.
    """
    candidates = [break_into(number) for number in range(count, 3 * count + 1)]
    filled = [_count_filled(figures, edges) for edges in candidates]
    enough = [edges for edges, full in zip(candidates, filled, strict=True) if full >= _FEWEST]
    return enough[0] if enough else candidates[int(np.argmax(filled))]


def _count_filled(figures: "pd.Series[float]", edges: list[float]) -> int:
    """Count the classes that hold enough figures to be seen, up to as many as are needed."""
    values = np.asarray(figures, dtype=np.float64)
    counts = np.bincount(find_classes(values, edges))
    return min(int((counts >= max(1.0, _SEEN * len(figures))).sum()), _FEWEST)


def _mirror_breaks(center: float, farthest: float, count: int) -> list[float]:
    """Return edges in round steps that mirror each other around a center."""
    upper = _break_prettily(np.array([0.0, farthest]), count)
    lower = [-edge for edge in reversed(upper[:-1])]
    return [round(center + edge, 9) for edge in (*lower, 0.0, *upper)]


def _break_equally(figures: "pd.Series[float]", count: int) -> list[float]:
    """Return upper edges that put equal numbers of figures into each class."""
    breaks = figures.quantile(np.linspace(0, 1, count + 1)[1:])
    return sorted({round(float(edge), 9) for edge in breaks})


def _break_prettily(figures: Floats, count: int) -> list[float]:
    """Return rising upper edges in round steps, the first one not below every figure."""
    import mapclassify  # noqa: PLC0415  loads Matplotlib, which most commands do without

    edges = [round(float(edge), 9) for edge in mapclassify.PrettyBreaks(figures, k=count).bins]
    return [edge for edge in edges if edge > figures.min()] or edges[-1:]
