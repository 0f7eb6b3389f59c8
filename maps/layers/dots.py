"""Declare the layer: missing households as dots."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape, SliderRule
from outreach import palette

LAYER = Layer(
    column="missing_households_count",
    unit=FigureUnit.COUNT,
    palette=palette.RED,
    group=LayerGroup.PLAN,
    order=15,
    shape=LayerShape.DOTS,
    season=SliderRule.MISSING,
)
