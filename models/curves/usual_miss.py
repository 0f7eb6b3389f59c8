"""Store how far a past season's short-range forecasts usually missed whole areas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from outreach.arrays import Floats


@dataclass(frozen=True)
class UsualMiss:
    """How far a season's forecasts for the coming weeks usually missed whole areas.

    :mod:`models.curves.drift` measures a running season against it.

    Attributes
    ----------
    days
        Elapsed days of the forecasts, ascending.
    horizons
        How many days ahead they looked, ascending.
    scaled
        Shape (days, horizons): root mean square over areas of the median miss of an area's tracts,
        in expected errors of the final rate.
    area_part
        The part of the variance of an error at the season's end that tracts of an area share, 0-1.
    """

    days: Floats
    horizons: Floats
    scaled: Floats
    area_part: float

    def at(self, day: float, horizon: float) -> float:
        """Return the usual miss of a forecast made on ``day`` for ``horizon`` days later.

        Days and horizons between the stored ones are interpolated.
        """
        by_horizon = [np.interp(day, self.days, column) for column in self.scaled.T]
        return float(np.interp(horizon, self.horizons, by_horizon))

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        return {
            "days": self.days.tolist(),
            "horizons": self.horizons.tolist(),
            "scaled": np.round(self.scaled, 3).tolist(),
            "area_part": round(self.area_part, 3),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        ValueError
            The figures do not fit each other, or one is out of range.
        """
        days, horizons, scaled = (
            np.array(stored[name], dtype=float) for name in ("days", "horizons", "scaled")
        )
        if scaled.shape != (len(days), len(horizons)) or not (
            np.isfinite(scaled).all() and (scaled > 0).all()
        ):
            raise ValueError("the usual misses do not fit their days")
        if not 0 <= float(stored["area_part"]) <= 1:
            raise ValueError("the area's part of the errors is not a share")
        return cls(days, horizons, scaled, float(stored["area_part"]))
