"""Read what a campaign requests of its forecast."""

from models.curves.forecast import ForecastWeights
from outreach.campaign import ForecastBlend

_PERCENT = 100


def read_weights(blend: ForecastBlend | None) -> ForecastWeights | None:
    """Return the planner's own forecast weights, or ``None`` to use the estimated ones."""
    if blend is None:
        return None
    return ForecastWeights(
        local=blend.trend_percent / _PERCENT, peers=blend.expectation_percent / _PERCENT
    )
