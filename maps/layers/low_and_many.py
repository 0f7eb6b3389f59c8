"""Declare the layer: low rates where many households are missing."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape, SliderRule
from outreach import palette

LAYER = Layer(
    column="cumulative_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group=LayerGroup.PLAN,
    order=14,
    shape=LayerShape.PAIR,
    season=SliderRule.RATE,
    second="missing_households_count",
)
