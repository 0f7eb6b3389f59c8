"""Layer: the rate against what was expected."""

from maps.layer import Layer, Unit
from outreach import palette

LAYER = Layer(
    title="Ahead or behind expectation",
    note="Rate minus what places like this one were expected to reach by the data date; orange is behind.",
    short="Ahead",
    column="ahead_points",
    unit=Unit.POINTS,
    palette=palette.ORANGE_PURPLE,
    group="Response",
    order=4,
    classes=8,
    centre=0.0,
    source="Published rate; the expectation is an estimate.",
)
