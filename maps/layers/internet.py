"""Declare the layer: share that answered online."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Answered online",
    note=(
        "The share of homes that answered over the internet; the rest answered by phone or on"
        " paper."
    ),
    short="By internet",
    column="internet_share",
    unit=FigureUnit.SHARE,
    palette=palette.BLUE,
    group="Response",
    order=1,
    classes=7,
)
