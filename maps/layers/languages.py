"""Declare the layer: households that speak little English."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="limited_english_share",
    unit=FigureUnit.SHARE,
    palette=palette.GREEN,
    group=LayerGroup.PEOPLE,
    order=21,
    classes=6,
    dated=False,
)
