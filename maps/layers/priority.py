"""Layer: where outreach should go first."""

from maps.layer import Layer, Unit
from outreach import palette

LAYER = Layer(
    title="Priority",
    note="Where outreach should go first: the darker, the more urgent. The popup says why.",
    column="priority",
    unit=Unit.SCORE,
    palette=palette.ORANGE,
    group="Plan",
    order=11,
    classes=5,
    method=palette.Method.QUANTILES,
    source="Computed from the published rates and the American Community Survey.",
)
