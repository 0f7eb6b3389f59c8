"""Declare the layer: rate minus what similar places reach."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="ahead_points",
    unit=FigureUnit.POINTS,
    palette=palette.ORANGE_PURPLE,
    group=LayerGroup.RESPONSE,
    order=4,
    classes=8,
    center=0.0,
)
