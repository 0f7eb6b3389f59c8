"""Declare the layer: share that answered online."""

from maps.layer import FigureUnit, Layer, LayerGroup
from outreach import palette

LAYER = Layer(
    column="internet_share",
    unit=FigureUnit.SHARE,
    palette=palette.BLUE,
    group=LayerGroup.RESPONSE,
    order=1,
    classes=7,
)
