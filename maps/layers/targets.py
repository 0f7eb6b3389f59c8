"""Layer: the chosen tracts by arm and budget."""

from maps import palette
from maps.layer import Layer, Shape, Unit

LAYER = Layer(
    title="Targets and budget",
    note="The tracts that were chosen, by budget; the outline tells who sees the ads.",
    short="Budget",
    column="budget_usd",
    unit=Unit.USD,
    palette=palette.GREEN,
    group="Plan",
    order=12,
    classes=5,
    shape=Shape.TARGETS,
    source="Plan of this campaign.",
)
