"""A map layer, declared: which column, in which colours and classes, in which words."""

from dataclasses import dataclass
from enum import StrEnum

from outreach.palette import Method, Palette


class Unit(StrEnum):
    """What a figure counts, and so how it is written."""

    SHARE = "share"  # 0-1 inside, per cent on the page
    POINTS = "points"  # a difference of shares, percentage points on the page
    COUNT = "count"
    USD = "usd"
    SCORE = "score"


class Shape(StrEnum):
    """How a layer is drawn."""

    FILL = "fill"
    CIRCLES = "circles"  # area in proportion to the figure, for counts: a big tract must not look like many homes
    TARGETS = "targets"  # filled by the figure, outlined by arm
    UNITS = "units"  # the same for ZIPs, pins and polygons, above the tracts


class Season(StrEnum):
    """How a layer follows the date slider; the formulae are in ``assets/tables.js`` and ``maps.run.columns``."""

    FIXED = ""
    RATE = "rate"
    MISSING = "missing"
    CHANGE_7 = "change_7"
    CHANGE_28 = "change_28"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One way to look at the tracts; a file in ``maps/layers`` defines ``LAYER``.

    Parameters
    ----------
    title
        What the reader chooses, in a few words.
    note
        One sentence: what is shown and how to read it.
    column
        The column of :func:`maps.run.columns.gather_columns` that is shown. A view without it goes
        without the layer.
    unit, palette
        How figures and colours are written.
    group
        The heading it stands under.
    order
        Its place in the list, low first; the lowest is shown first.
    shape, method, classes
        How it is drawn, by which classifier, in about how many classes. Response rates take
        :attr:`~outreach.palette.Method.RATES`, so that a color means the same everywhere.
    centre
        The value at the middle of a diverging palette.
    season
        How it follows the date slider.
    short
        A heading for a narrow column; the title where empty.
    source
        Who published the column or how it was estimated, where it is not the source of the rates.
    dated
        Whether the figures are of the data date; others are older than the season.
    """

    title: str
    note: str
    column: str
    unit: Unit
    palette: Palette
    group: str
    order: int
    shape: Shape = Shape.FILL
    method: Method = Method.PRETTY
    classes: int = 7
    centre: float | None = None
    season: Season = Season.FIXED
    short: str = ""
    source: str = ""
    dated: bool = True
