"""Declare the layer: where outreach should go first."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Priority",
    note="Where outreach should go first; darker is more urgent. The popup says why.",
    column="priority",
    unit=FigureUnit.SCORE,
    palette=palette.ORANGE,
    group="Plan",
    order=11,
    classes=5,
    method=palette.Method.QUANTILES,
    source="Computed from the published rates and the American Community Survey.",
)
