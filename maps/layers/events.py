"""Declare the layer: people at partners' events."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape
from outreach import palette

LAYER = Layer(
    column="events_count",
    unit=FigureUnit.COUNT,
    palette=palette.ORANGE,
    group=LayerGroup.PARTNERS,
    order=32,
    shape=LayerShape.CIRCLES,
)
