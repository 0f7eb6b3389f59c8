"""Declare the layer: calls that partners made."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape
from outreach import palette

LAYER = Layer(
    column="calls_count",
    unit=FigureUnit.COUNT,
    palette=palette.PURPLE,
    group=LayerGroup.PARTNERS,
    order=30,
    shape=LayerShape.CIRCLES,
)
