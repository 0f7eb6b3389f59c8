"""Declare the layer: households that have not answered."""

from maps.layer import FigureUnit, Layer, LayerShape, SliderRule
from outreach import palette

LAYER = Layer(
    title="Households missing",
    note=(
        "Homes that have not answered. The area of a circle counts them, so large tracts with few"
        " homes look small."
    ),
    column="missing_households_count",
    unit=FigureUnit.COUNT,
    palette=palette.RED,
    group="Plan",
    order=10,
    shape=LayerShape.CIRCLES,
    season=SliderRule.MISSING,
    source=(
        "Estimate: households of the American Community Survey times the share that has not"
        " answered."
    ),
)
