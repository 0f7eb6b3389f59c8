"""Declare the layer: points gained over a week."""

from maps.layer import FigureUnit, Layer, LayerGroup, SliderRule
from outreach import palette

LAYER = Layer(
    column="change_7_points",
    unit=FigureUnit.POINTS,
    palette=palette.PURPLE,
    group=LayerGroup.RESPONSE,
    order=2,
    classes=6,
    season=SliderRule.CHANGE_7,
)
