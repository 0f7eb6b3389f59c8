"""Layer: the final rate of 2010."""

from maps.layer import Layer, Unit
from outreach import palette

LAYER = Layer(
    title="Final rate in 2010",
    note="The final self-response rate of the 2010 census on the tracts of today.",
    short="2010",
    column="final_2010_share",
    unit=Unit.SHARE,
    palette=palette.BLUE_GREEN,
    group="Response",
    order=6,
    method=palette.Method.RATES,
    source="U.S. Census Bureau, final self-response rates 2010, on 2020 tracts.",
    dated=False,
)
