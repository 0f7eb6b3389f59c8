"""Declare the layer: final rate of 2020."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="final_2020_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group=LayerGroup.RESPONSE,
    order=7,
    method=palette.Method.RATES,
    dated=False,
)
