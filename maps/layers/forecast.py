"""Declare the layer: forecast at the deadline."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Forecast at deadline",
    note="The rate expected at the deadline if nothing changes; it is a forecast, not the goal.",
    short="Forecast",
    column="final_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group="Response",
    order=5,
    method=palette.Method.RATES,
    source="Forecast from the published rates; an estimate, not a published figure.",
)
