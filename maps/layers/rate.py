"""Declare the layer: self-response rate."""

from maps.layer import FigureUnit, Layer, LayerGroup, SliderRule
from outreach import palette

LAYER = Layer(
    column="cumulative_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group=LayerGroup.RESPONSE,
    order=0,
    method=palette.Method.RATES,
    season=SliderRule.RATE,
)
