"""Declare what a map layer is: a column with its colors and classes."""

from dataclasses import dataclass
from enum import StrEnum

from outreach.palette import Method, Palette


class FigureUnit(StrEnum):
    """What a figure counts, and so how it is written."""

    SHARE = "share"  # 0-1 inside, percent on the page
    POINTS = "points"  # a difference of shares, percentage points on the page
    COUNT = "count"
    USD = "usd"
    SCORE = "score"
    CLASS = "class"  # a word of a few, such as a contact strategy


class LayerShape(StrEnum):
    """How a layer is drawn."""

    FILL = "fill"
    CIRCLES = "circles"  # area in proportion to a count, so that large tracts do not look full
    TARGETS = "targets"  # filled by the figure, outlined by arm
    UNITS = "units"  # the same for ZIPs, pins, and polygons, above the tracts
    PAIR = "pair"  # filled by two figures at once
    DOTS = "dots"  # a dot for so many households, at random in their tract
    DISTRICTS = "districts"  # a circle and its count in the middle of each district


class LayerGroup(StrEnum):
    """The heading above a layer; the catalogs say it."""

    RESPONSE = "response"
    PLAN = "plan"
    PEOPLE = "people"
    PARTNERS = "partners"


class SliderRule(StrEnum):
    """How a layer follows the date slider.

    The formulas are in ``assets/tables.js`` and :mod:`maps.run.columns`.
    """

    FIXED = ""
    RATE = "rate"
    MISSING = "missing"
    CHANGE_7 = "change_7"
    CHANGE_28 = "change_28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One way to look at the tracts; each file in ``maps/layers`` defines one as ``LAYER``.

    Its words are in the catalogs, ``layer.<file>``: what the reader chooses, a sentence on how to
    read it, a heading for a narrow column, and the source.

    Parameters
    ----------
    column
        The column of :func:`maps.run.columns.gather_columns` to show. A view without it lacks the
        layer.
    unit, palette
        How figures and colors are written.
    group
        The heading above it.
    order
        Its place in the list, low first; the lowest is shown first.
    shape, method, classes
        How it is drawn, with which classifier, in about how many classes. Rates use
        :attr:`~outreach.palette.Method.RATES`, so that a color means the same everywhere.
    center
        The value at the middle of a diverging palette.
    season
        How it follows the date slider.
    second
        The other column of :attr:`LayerShape.PAIR`.
    dated
        Whether the figures are from the data date; others are older than the season.
    names
        The classes of :attr:`FigureUnit.CLASS`, in the order of the legend.
    """

    column: str
    unit: FigureUnit
    palette: Palette
    group: LayerGroup
    order: int
    shape: LayerShape = LayerShape.FILL
    method: Method = Method.PRETTY
    classes: int = 7
    center: float | None = None
    season: SliderRule = SliderRule.FIXED
    second: str = ""
    dated: bool = True
    names: tuple[str, ...] = ()
