"""Declare the layer: self-response rate."""

from maps.layer import FigureUnit, Layer, SliderRule
from outreach import palette

LAYER = Layer(
    title="Response rate",
    note="The share of homes that answered the census by the date shown; darker is lower.",
    column="cumulative_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group="Response",
    order=0,
    method=palette.Method.RATES,
    season=SliderRule.RATE,
)
