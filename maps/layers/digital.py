"""Layer: households that an online ad can reach."""

from maps import palette
from maps.layer import Layer, Unit

LAYER = Layer(
    title="Digital reach",
    note="The share of households that are online, and so the most that an online ad can reach.",
    short="Online",
    column="digital_reach_score",
    unit=Unit.SHARE,
    palette=palette.BLUE,
    group="Who lives here",
    order=20,
    classes=6,
    source="U.S. Census Bureau, American Community Survey, five-year estimates.",
    dated=False,
)
