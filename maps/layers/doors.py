"""Declare the layer: doors that partners knocked on."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape
from outreach import palette

LAYER = Layer(
    column="doors_count",
    unit=FigureUnit.COUNT,
    palette=palette.ORANGE,
    group=LayerGroup.PARTNERS,
    order=31,
    shape=LayerShape.CIRCLES,
)
