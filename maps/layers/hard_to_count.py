"""Declare the layer: hard-to-count class."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="final_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group=LayerGroup.RESPONSE,
    order=8,
    method=palette.Method.NATION,
    classes=5,
)
