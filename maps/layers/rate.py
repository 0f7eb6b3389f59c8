"""Layer: the self-response rate at the data date."""

from maps import palette
from maps.layer import Layer, Season, Unit

LAYER = Layer(
    title="Response rate",
    note="The share of homes that answered the census by the date shown.",
    column="cumulative_share",
    unit=Unit.SHARE,
    palette=palette.BLUE_GREEN,
    group="Response",
    order=0,
    classes=8,
    season=Season.RATE,
)
