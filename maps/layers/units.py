"""Declare the layer: chosen ZIPs, pins, and polygons by budget."""

from maps.layer import FigureUnit, Layer, LayerShape
from outreach import palette

LAYER = Layer(
    title="ZIPs and pins by budget",
    note=(
        "The places sent to the ad platforms, by budget; striped and dotted ones see no ads."
        " Tracts below are not colored."
    ),
    short="Budget",
    column="unit_budget_usd",
    unit=FigureUnit.USD,
    palette=palette.GREEN,
    group="Plan",
    order=13,
    classes=5,
    shape=LayerShape.UNITS,
    source="Plan of this campaign.",
)
