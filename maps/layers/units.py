"""Layer: ZIPs, pins and polygons by arm and budget."""

from maps.layer import Layer, Shape, Unit
from outreach import palette

LAYER = Layer(
    title="ZIPs and pins by budget",
    note="The places that the ad platforms are given, by budget; stripes and dots see no ads. Tracts below are not coloured.",
    short="Budget",
    column="unit_budget_usd",
    unit=Unit.USD,
    palette=palette.GREEN,
    group="Plan",
    order=13,
    classes=5,
    shape=Shape.UNITS,
    source="Plan of this campaign.",
)
