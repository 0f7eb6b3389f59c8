"""Layer: points gained over a week."""

from maps.layer import Layer, Season, Unit
from outreach import palette

LAYER = Layer(
    title="Change over 7 days",
    note="Points gained for each 7 days that truly passed since the last figures at least a week before.",
    short="7 days",
    column="change_7_points",
    unit=Unit.POINTS,
    palette=palette.PURPLE,
    group="Response",
    order=2,
    classes=6,
    season=Season.CHANGE_7,
)
