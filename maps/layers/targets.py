"""Declare the layer: chosen tracts by arm and budget."""

from maps.layer import FigureUnit, Layer, LayerGroup, LayerShape
from outreach import palette

LAYER = Layer(
    column="budget_usd",
    unit=FigureUnit.USD,
    palette=palette.GREEN,
    group=LayerGroup.PLAN,
    order=12,
    classes=5,
    method=palette.Method.QUANTILES,
    shape=LayerShape.TARGETS,
)
