"""Declare the layer: chosen tracts by arm and budget."""

from maps.layer import FigureUnit, Layer, LayerShape
from outreach import palette

LAYER = Layer(
    title="Targets and budget",
    note=(
        "The chosen tracts, by budget. Striped and dotted tracts belong to the test and see no ads."
    ),
    short="Budget",
    column="budget_usd",
    unit=FigureUnit.USD,
    palette=palette.GREEN,
    group="Plan",
    order=12,
    classes=5,
    method=palette.Method.QUANTILES,
    shape=LayerShape.TARGETS,
    source="Plan of this campaign.",
)
