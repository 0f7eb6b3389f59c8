"""Declare the layer: final rate of 2010."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="final_2010_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group=LayerGroup.RESPONSE,
    order=6,
    method=palette.Method.RATES,
    dated=False,
)
