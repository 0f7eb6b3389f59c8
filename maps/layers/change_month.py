"""Declare the layer: points gained over four weeks."""

from maps.layer import FigureUnit, Layer, LayerGroup, SliderRule
from outreach import palette

LAYER = Layer(
    column="change_28_points",
    unit=FigureUnit.POINTS,
    palette=palette.PURPLE,
    group=LayerGroup.RESPONSE,
    order=3,
    classes=6,
    season=SliderRule.CHANGE_28,
)
