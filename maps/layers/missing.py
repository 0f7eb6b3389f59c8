"""Declare the layer: households that have not answered."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape, SliderRule
from outreach import palette

LAYER = Layer(
    column="missing_households_count",
    unit=FigureUnit.COUNT,
    palette=palette.RED,
    group=LayerGroup.PLAN,
    order=10,
    shape=LayerShape.CIRCLES,
    season=SliderRule.MISSING,
)
