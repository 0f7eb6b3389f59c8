"""Collect the cross-sections of a season that networks learn from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.curves.curve_features import read_curve_features
from models.curves.season_model import blend_members, build_spread_inputs, standardize_features
from models.curves.trajectory import Trajectories
from outreach.arrays import Flags, Floats, Ints

#: Elapsed days that a season is fitted on, where published; dense while the curves are steep.
FIT_DAYS = (
    *(7, 9, 11, 13, 14, 15, 17, 20, 23, 26, 28, 30, 32, 35, 38, 41, 43, 45, 50, 54, 58),
    *(60, 62, 66, 70, 80, 87, 95, 115, 130, 160, 175, 200, 207),
)
#: While the curves are steep, a network sees nearly all tracts of a day; later a third.
_STEEP_UNTIL, _STEEP_PART, _FLAT_PART = 66, 0.9, 0.33
#: Scale of a feature that no tract had on a day, so that it never counts.
_UNSEEN = 1e6
#: Smallest scale of a feature or of growth.
_LEAST_SCALE = 1e-4
#: Median absolute deviations to one standard deviation of a normal distribution.
_TO_ONE_SD = 1.4826


@dataclass(frozen=True)
class Sample:
    """The cross-sections of all fitted days.

    Attributes
    ----------
    days
        Elapsed days.
    inputs
        Shape (days, tracts, inputs).
    target
        Growth to the final day in deviations, shape (days, tracts).
    level, county_gain
        Shares, shape (days, tracts).
    mean, scale
        Of the features, shape (days, features).
    growth_mean, growth_scale
        Of the growth, shape (days,).
    features
        Names, in order.
    """

    days: Floats
    inputs: npt.NDArray[np.float32]
    target: Floats
    level: Floats
    county_gain: Floats
    mean: Floats
    scale: Floats
    growth_mean: Floats
    growth_scale: Floats
    features: tuple[str, ...]

    def list_rated(self, day_number: int, rows: Ints) -> Ints:
        """Return those of the rows that had a rate on a fitted day."""
        return np.asarray(rows[np.isfinite(self.target[day_number, rows])])

    def build_spread_rows(
        self, day_number: int, each: Floats, weight: Floats, rows: Ints | Flags
    ) -> Floats:
        """Build the inputs of the spread for some rows of a fitted day.

        Parameters
        ----------
        day_number
            Position of the day.
        each
            Every member's output, shape (members, days, tracts).
        weight
            Of the quadratic form, shape (days,).
        rows
            Positions or a mask.
        """
        outputs = each[:, day_number, rows]
        forecast = (
            self.level[day_number, rows]
            + self.growth_mean[day_number]
            + self.growth_scale[day_number] * blend_members(outputs, weight[day_number])
        )
        inputs = self.inputs[day_number, rows].astype(float)
        return build_spread_inputs(inputs, outputs, forecast)


def collect_sample(curves: Trajectories, final_day: int) -> Sample:
    """Collect the cross-sections of all published fit days before the final day."""
    days = [day for day in FIT_DAYS if day in curves.published_days and day < final_day]
    inputs, target, level, county_gain, means, scales, growths = [], [], [], [], [], [], []
    for day in days:
        features = read_curve_features(curves, day)
        # A city alone has no mean of its state.
        features = features.drop(columns=features.filter(regex="^state_").columns)
        figures = features.to_numpy(dtype=float)
        mean, scale = _measure_features(figures)
        means.append(mean)
        scales.append(scale)
        inputs.append(standardize_features(figures, mean, scale, day).astype(np.float32))

        growth = curves.cumulative_at(final_day) - curves.cumulative_at(day)
        center, width = _measure_growth(growth)
        growths.append((center, width))
        target.append((growth - center) / width)
        level.append(curves.cumulative_at(day))
        county_gain.append(features["county_gain_14d"].to_numpy(dtype=float))

    growth_mean, growth_scale = np.array(growths).T
    return Sample(
        days=np.array(days, dtype=float),
        inputs=np.stack(inputs),
        target=np.stack(target),
        level=np.stack(level),
        county_gain=np.stack(county_gain),
        mean=np.stack(means),
        scale=np.stack(scales),
        growth_mean=growth_mean,
        growth_scale=growth_scale,
        features=tuple(features.columns),
    )


def choose_rows(rng: np.random.Generator, candidates: Ints, day: float) -> Ints:
    """Choose at random the rows of a day that a network sees.

    Nearly all while the curves are steep; a third later, when there is little left to learn.
    """
    part = _STEEP_PART if day <= _STEEP_UNTIL else _FLAT_PART
    return rng.choice(candidates, max(int(len(candidates) * part), 1), replace=False)


def _measure_features(figures: Floats) -> tuple[Floats, Floats]:
    """Return mean and scale of each feature; one that no tract has never counts."""
    seen = np.isfinite(figures).any(axis=0)
    filled = np.where(seen, figures, 0.0)
    mean = np.where(seen, np.nanmean(filled, axis=0), 0.0)
    scale = np.where(seen, np.maximum(np.nanstd(filled, axis=0), _LEAST_SCALE), _UNSEEN)
    return mean, scale


def _measure_growth(growth: Floats) -> tuple[float, float]:
    """Return mean and robust deviation of growth."""
    deviation = np.abs(growth - np.nanmedian(growth))
    width = _TO_ONE_SD * float(np.nanmedian(deviation))
    return float(np.nanmean(growth)), max(width, _LEAST_SCALE)
