"""Declare the layer: rate minus what similar places reach."""

from maps.layer import FigureUnit, Layer
from outreach import palette

LAYER = Layer(
    title="Compared with similar places",
    note="Rate minus what places like this one usually reach by the data date; orange is behind.",
    short="Ahead",
    column="ahead_points",
    unit=FigureUnit.POINTS,
    palette=palette.ORANGE_PURPLE,
    group="Response",
    order=4,
    classes=8,
    center=0.0,
    source="Published rate; the peer expectation is an estimate.",
)
