"""Declare the layer: chosen ZIPs, pins, and polygons by budget."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape
from outreach import palette

LAYER = Layer(
    column="unit_budget_usd",
    unit=FigureUnit.USD,
    palette=palette.GREEN,
    group=LayerGroup.PLAN,
    order=13,
    classes=5,
    shape=LayerShape.UNITS,
)
