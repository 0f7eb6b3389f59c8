"""Declare the layer: texts that partners sent."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape
from outreach import palette

LAYER = Layer(
    column="texts_count",
    unit=FigureUnit.COUNT,
    palette=palette.PURPLE,
    group=LayerGroup.PARTNERS,
    order=33,
    shape=LayerShape.CIRCLES,
)
