"""Declare the layer: households that online ads can reach."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="digital_reach_score",
    unit=FigureUnit.SHARE,
    palette=palette.BLUE,
    group=LayerGroup.PEOPLE,
    order=20,
    classes=6,
    dated=False,
)
