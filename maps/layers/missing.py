"""Layer: households that have not answered, as circles of their area."""

from maps.layer import Layer, Season, Shape, Unit
from outreach import palette

LAYER = Layer(
    title="Households missing",
    note="Homes that have not answered. The area of a circle counts them, so that big empty tracts do not look like many.",
    column="missing_households_count",
    unit=Unit.COUNT,
    palette=palette.RED,
    group="Plan",
    order=10,
    shape=Shape.CIRCLES,
    season=Season.MISSING,
    source="Estimate: households of the American Community Survey times the share that has not answered.",
)
