"""Declare the layer: households that speak little English."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Limited English",
    note=(
        "The share of households in which nobody over 13 speaks English very well; the popup"
        " lists the languages."
    ),
    short="Limited English",
    column="limited_english_share",
    unit=FigureUnit.SHARE,
    palette=palette.GREEN,
    group="Who lives here",
    order=21,
    classes=6,
    source="U.S. Census Bureau, American Community Survey, five-year estimates.",
    dated=False,
)
