"""Declare the layer: forecast at the deadline."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="final_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group=LayerGroup.RESPONSE,
    order=5,
    method=palette.Method.RATES,
)
