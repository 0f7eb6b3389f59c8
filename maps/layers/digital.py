"""Declare the layer: households that online ads can reach."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Digital reach",
    note=(
        "The share of households that are online and read a language of the ads: the most that"
        " online ads can reach."
    ),
    short="Reach",
    column="digital_reach_score",
    unit=FigureUnit.SHARE,
    palette=palette.BLUE,
    group="Who lives here",
    order=20,
    classes=6,
    source=(
        "Computed from the American Community Survey, five-year estimates, and the campaign's"
        " languages."
    ),
    dated=False,
)
