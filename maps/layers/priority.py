"""Declare the layer: where outreach should go first."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="priority",
    unit=FigureUnit.SCORE,
    palette=palette.ORANGE,
    group=LayerGroup.PLAN,
    order=11,
    classes=5,
    method=palette.Method.QUANTILES,
)
