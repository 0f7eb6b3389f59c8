"""Layer: the chosen tracts by arm and budget."""

from maps.layer import Layer, Shape, Unit
from outreach import palette

LAYER = Layer(
    title="Targets and budget",
    note="The tracts that were chosen, by budget. Stripes and dots are tracts of the test that see no ads.",
    short="Budget",
    column="budget_usd",
    unit=Unit.USD,
    palette=palette.GREEN,
    group="Plan",
    order=12,
    classes=5,
    method=palette.Method.QUANTILES,
    shape=Shape.TARGETS,
    source="Plan of this campaign.",
)
