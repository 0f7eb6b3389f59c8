"""Layer: points gained over four weeks."""

from maps.layer import Layer, Season, Unit
from outreach import palette

LAYER = Layer(
    title="Change over 28 days",
    note="Points gained for each 28 days that truly passed since the last figures at least four weeks before.",
    short="28 days",
    column="change_28_points",
    unit=Unit.POINTS,
    palette=palette.PURPLE,
    group="Response",
    order=3,
    classes=6,
    season=Season.CHANGE_28,
)
