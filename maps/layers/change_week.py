"""Declare the layer: points gained over a week."""

from maps.layer import FigureUnit, Layer, SliderRule
from outreach import palette

LAYER = Layer(
    title="Change over 7 days",
    note="Points gained per 7 days since the last figures at least a week earlier.",
    short="7 days",
    column="change_7_points",
    unit=FigureUnit.POINTS,
    palette=palette.PURPLE,
    group="Response",
    order=2,
    classes=6,
    season=SliderRule.CHANGE_7,
)
