"""Declare the layer: points gained over four weeks."""

from maps.layer import FigureUnit, Layer, SliderRule
from outreach import palette

LAYER = Layer(
    title="Change over 28 days",
    note="Points gained per 28 days since the last figures at least four weeks earlier.",
    short="28 days",
    column="change_28_points",
    unit=FigureUnit.POINTS,
    palette=palette.PURPLE,
    group="Response",
    order=3,
    classes=6,
    season=SliderRule.CHANGE_28,
)
