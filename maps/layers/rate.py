"""Layer: the self-response rate at the data date."""

from maps.layer import Layer, Season, Unit
from outreach import palette

LAYER = Layer(
    title="Response rate",
    note="The share of homes that answered the census by the date shown.",
    column="cumulative_share",
    unit=Unit.SHARE,
    palette=palette.BLUE_GREEN,
    group="Response",
    order=0,
    method=palette.Method.RATES,
    season=Season.RATE,
)
