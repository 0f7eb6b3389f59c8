"""Declare the layer: final rate of 2010."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Final rate in 2010",
    note="The final self-response rate of the 2010 census, on today's tracts.",
    short="2010",
    column="final_2010_share",
    unit=FigureUnit.SHARE,
    palette=palette.RATE,
    group="Response",
    order=6,
    method=palette.Method.RATES,
    source="U.S. Census Bureau, final self-response rates 2010, on 2020 tracts.",
    dated=False,
)
