"""Order tracts by their likely final rate, from this season's rates and past response.

No other season is needed:

    ending = anchor + (1 - v) * dev(rate + k * growth) + v * dev(past)

``dev`` is the deviation from the area's mean. ``growth`` is the coming week's: a ridge regression
of last week's growth on what was known a week ago (level, paper, own and nearby growth, profiles),
applied to what is known today. ``past`` is the area's past response on the scale of a self-response
rate, and ``anchor`` its mean. A return rate is of occupied homes and a self-response rate of all
addresses, so 100 - LRS and the 2010 mail return rate are multiplied by the share of homes that are
occupied; the 2010 self-response rate is used as it is (Census Bureau, planning database
documentation, https://www.census.gov/topics/research/guidance/planning-databases.html).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV

from models.curves.curve_features import read_curve_features
from models.curves.trajectory import Trajectories
from models.features.build import Features
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.phrasing import write_percent

#: Elapsed day to ``(growth_weeks, past)``. Before the second week, past response tells as much as
#: the rate. While mailings run (to day 38 in 2020), growth goes on where it went on last week.
#: After that, last week tells nothing about what is to come, and after two months the rate alone
#: orders. Set by hand on 2020, see docs/scores.md: growth by lists in twelve states and Cook
#: County, past by Cook County.
PHASES = {
    0: (0.0, 1.0),
    7: (0.0, 0.5),
    9: (0.0, 0.4),
    14: (1.0, 0.25),
    30: (1.0, 0.2),
    38: (0.3, 0.05),
    45: (0.0, 0.05),
    60: (0.0, 0.0),
}
#: The year of the final rates that :data:`PHASES` was set on.
PHASES_YEAR = 2020
WEEK = 7
#: Fewest elapsed days that growth is learned from.
_LEAST_DAYS = 4
_PENALTIES = np.logspace(0, 4, 9)
#: Standard deviations beyond which a feature counts no further.
_CLIP = 4.0
#: Columns of the curve features that growth is learned from.
_CURVE = (
    "now_level",
    "now_paper",
    "now_internet_part",
    "now_gain_3d",
    "now_gain_7d",
    "now_paper_gain_7d",
    "near_level",
    "near_paper",
    "near_gain_7d",
    "around_level",
    "around_internet_part",
    "county_level",
    "county_gain_7d",
    "county_rank",
)


@dataclass(frozen=True)
class BlendWeights:
    """How much each part counts.

    Attributes
    ----------
    growth_weeks
        How many times the coming week's growth is added, at least 0.
    past
        Share of past response, 0-1; the rate with its growth has the rest.

    Raises
    ------
    ModelError
        A weight is out of range.
    """

    growth_weeks: float
    past: float

    def __post_init__(self) -> None:
        if self.growth_weeks < 0 or not 0 <= self.past <= 1:
            raise ModelError(
                f"Weights of {self.growth_weeks:g} and {self.past:g} are out of range.",
                "Use a number of weeks from 0 up and a share from 0 to 1.",
            )

    def __str__(self) -> str:
        return (
            f"rate with {self.growth_weeks:.1f} more weeks of growth"
            f" {write_percent(1 - self.past)}, past response {write_percent(self.past)}"
        )


def weigh_phase(day: float) -> BlendWeights:
    """Return the weights of an elapsed day, interpolated between :data:`PHASES`."""
    growth, past = np.array(list(PHASES.values())).T
    return BlendWeights(
        float(np.interp(day, list(PHASES), growth)), float(np.interp(day, list(PHASES), past))
    )


def rate_past_response(features: Features) -> "pd.Series[float] | None":
    """Return past response on the scale of a self-response rate.

    It is the mean of what is available, or ``None`` if nothing is.
    """
    frame = features.frame
    occupied = 1.0 - frame["vacant_share"] if "vacant_share" in frame else 1.0

    parts = []
    if "low_response_score" in frame:
        parts.append((1.0 - frame["low_response_score"] / 100.0) * occupied)
    if "mail_return_2010_share" in frame:
        parts.append(frame["mail_return_2010_share"] * occupied)
    if "final_2010_share" in frame:
        parts.append(frame["final_2010_share"])
    return pd.concat(parts, axis=1).mean(axis=1) if parts else None


def blend_rates(
    curves: Trajectories | None,
    *,
    day: int | None = None,
    features: Features | None = None,
    weights: BlendWeights | None = None,
) -> pd.DataFrame:
    """Estimate where each tract will end.

    Parameters
    ----------
    curves
        Rates up to ``day`` or later; later ones are ignored. ``None`` before the first publication.
    day
        Elapsed day; by default the last published one.
    features
        Of the same tracts. A tract without features is estimated from its rate alone.
    weights
        In place of those of the phase. Without past response its weight is 0.

    Returns
    -------
    DataFrame
        Index ``geoid``: ``ending_share``, which orders tracts within the area and is on the scale
        of a final rate where past response is known; ``level_share``; ``growth_share`` of the
        coming week; ``past_share``.

    Raises
    ------
    ModelError
        There are neither rates nor past response.
    NothingThere
        Nothing was published up to ``day``.
    """
    past = rate_past_response(features) if features is not None else None
    if curves is None:
        return _rank_past_only(past)

    curves = curves.until(curves.last_day if day is None else day)
    weights = weights or weigh_phase(curves.last_day if day is None else day)
    level = curves.cumulative_at(curves.last_day)
    growth = np.zeros(len(level))
    if weights.growth_weeks:
        growth = predict_week_growth(curves, features)
    ahead = level + weights.growth_weeks * (growth - np.nanmean(growth))

    # Mix the deviations of the rate and of past response where both are known.
    past_share = np.full(len(level), np.nan)
    if past is not None:
        past_share = past.reindex(curves.geoid).to_numpy(dtype=float)
    both = np.isfinite(past_share) & np.isfinite(ahead)
    ending = ahead
    if both.any():
        anchor = past_share[both].mean()
        rate_part, past_part = ahead - ahead[both].mean(), past_share - anchor
        mixed = (1 - weights.past) * rate_part + weights.past * past_part
        ending = anchor + np.where(both, mixed, rate_part)

    figures = {
        "ending_share": ending,
        "level_share": level,
        "growth_share": growth,
        "past_share": past_share,
    }
    return pd.DataFrame(figures, index=curves.geoid)


def predict_week_growth(curves: Trajectories, features: Features | None = None) -> Floats:
    """Predict each tract's growth of the coming week from what explained last week's.

    Parameters
    ----------
    curves
        Rates so far.
    features
        Profiles of the same tracts.

    Returns
    -------
    array
        Shares; 0 until enough days are published.
    """
    day, published = curves.last_day, curves.published_days
    week_ago = (earlier for earlier in published[1:] if earlier <= day - WEEK)
    before = max(week_ago, default=published[min(1, len(published) - 1)])
    gain = curves.cumulative_at(day) - curves.cumulative_at(before)
    rated = np.isfinite(gain)
    if day - before < _LEAST_DAYS or rated.sum() < len(_CURVE):
        return np.zeros(len(gain))

    profile = np.empty((len(gain), 0))
    if features is not None:
        own = features.frame.iloc[:, : features.frame.shape[1] - features.places]
        profile = own.reindex(curves.geoid).to_numpy(dtype=float)

    # Learn on the features of a week ago, predict with those of today.
    earlier, today = (_describe_day(curves, when, profile) for when in (before, day))
    ridge = RidgeCV(_PENALTIES).fit(earlier[rated], gain[rated])
    return np.asarray(ridge.predict(today), dtype=float)


def _rank_past_only(past: "pd.Series[float] | None") -> pd.DataFrame:
    """Order tracts by past response alone, before the first publication."""
    if past is None:
        raise ModelError(
            "There are neither rates nor past response to order tracts by.",
            "Pull the planning database.",
        )
    unknown = np.full(len(past), np.nan)
    return pd.DataFrame(
        {
            "ending_share": past,
            "level_share": unknown,
            "growth_share": unknown,
            "past_share": past,
        }
    )


def _describe_day(curves: Trajectories, day: int, profile: Floats) -> Floats:
    """Return the standardized inputs of the growth regression on a day."""
    features = read_curve_features(curves.until(day), day)
    figures = features[list(_CURVE)].to_numpy(dtype=float)
    return np.hstack([_standardize(figures), _standardize(profile) / 2])


def _standardize(figures: Floats) -> Floats:
    """Express columns in deviations from their mean; a missing figure counts as the mean."""
    given = np.isfinite(figures)
    count = np.maximum(given.sum(axis=0), 1)
    mean = np.where(given, figures, 0.0).sum(axis=0) / count
    deviation = np.where(given, figures - mean, 0.0)
    spread = np.sqrt((deviation**2).sum(axis=0) / count)
    return np.asarray(np.clip(deviation / np.where(spread > 0, spread, 1.0), -_CLIP, _CLIP))
