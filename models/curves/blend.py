"""Blend: orders tracts by where they will end, from this season's publications and what was known before it; no other season is needed.

    ending = anchor + (1 - v) * dev(rate + k * growth) + v * dev(past)

``dev`` is the deviation from the area's mean; ``growth`` is the coming week's, told by a ridge
regression of last week's growth on what was known a week ago (level, paper, own and nearby growth,
profiles) and read off with what is known today; ``past`` is the area's past response on the scale
of a self-response rate, and ``anchor`` its mean. A return rate is of occupied homes and a
self-response rate of all addresses, so 100 - LRS and the 2010 mail return rate are multiplied by
the share of homes that are occupied; the 2010 self-response rate is taken as it is (Census Bureau,
planning database documentation,
https://www.census.gov/topics/research/guidance/planning-databases.html).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV

from models.curves.trajectory import Trajectories, read_features
from models.features.build import Features
from outreach.arrays import Floats
from outreach.errors import ModelError

#: Elapsed day to ``(growth_weeks, past)``. In words: before the second week the past says as much
#: as the rate; while mailings run (to day 38 in 2020) growth goes on where it went on last week;
#: after them last week says nothing of what is to come, and after two months the rate alone orders.
#: Set by hand on 2020, see docs/scores.md: growth by lists in twelve states and Cook County, past
#: by Cook County.
PHASES = {0: (0.0, 1.0), 7: (0.0, 0.5), 9: (0.0, 0.4), 14: (1.0, 0.25), 30: (1.0, 0.2), 38: (0.3, 0.05), 45: (0.0, 0.05), 60: (0.0, 0.0)}  # fmt: skip
WEEK = 7
#: Published days that growth is told from at least.
_LEAST_DAYS = 4
_PENALTIES = np.logspace(0, 4, 9)
_CLIP = 4.0
_CURVE = (
    "now_level", "now_paper", "now_internet_part", "now_gain_3d", "now_gain_7d", "now_paper_gain_7d", "near_level", "near_paper", "near_gain_7d",
    "around_level", "around_internet_part", "county_level", "county_gain_7d", "county_rank",
)  # fmt: skip


@dataclass(frozen=True)
class BlendWeights:
    """How much each part counts.

    Attributes
    ----------
    growth_weeks
        How many times the coming week's growth is added, at least 0.
    past
        Share of past response, 0-1; the rate with its growth has the rest.
    """

    growth_weeks: float
    past: float

    def __post_init__(self) -> None:
        if self.growth_weeks < 0 or not 0 <= self.past <= 1:
            raise ModelError(
                f"Weights {self.growth_weeks:g} and {self.past:g} are out of range.",
                "Use a number of weeks from 0 on and a share from 0 to 1.",
            )

    def __str__(self) -> str:
        return f"rate with {self.growth_weeks:.1f} more weeks of growth {1 - self.past:.0%}, past response {self.past:.0%}"


def weigh_phase(day: float) -> BlendWeights:
    """Return the weights of an elapsed day, interpolated between :data:`PHASES`."""
    growth, past = np.array(list(PHASES.values())).T
    return BlendWeights(
        float(np.interp(day, list(PHASES), growth)), float(np.interp(day, list(PHASES), past))
    )


def rate_past_response(features: Features) -> "pd.Series[float] | None":
    """Return past response on the scale of a self-response rate, the mean of what is there; ``None`` without any of it."""
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
    """Say where each tract will end.

    Parameters
    ----------
    curves
        Rates until ``day`` or later; later ones are not looked at. ``None`` before the first
        publication.
    day
        Elapsed day; the last published one where not given.
    features
        Of the same tracts; a tract that is not among them is told from its rate alone.
    weights
        In place of those of the phase. Where there is no past response its weight is 0.

    Returns
    -------
    DataFrame
        Index ``geoid``: ``ending_share``, comparable within the area and fit to order it, on the
        scale of a final rate where past response is known; ``level_share``; ``growth_share`` of the
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
        if past is None:
            raise ModelError(
                "There are neither rates nor past response to order by.",
                "Pull the planning database.",
            )
        nothing = np.full(len(past), np.nan)
        return pd.DataFrame(
            {
                "ending_share": past,
                "level_share": nothing,
                "growth_share": nothing,
                "past_share": past,
            }
        )
    curves = curves.until(curves.last_day if day is None else day)
    weights = weights or weigh_phase(curves.last_day if day is None else day)
    level = curves.cumulative_at(curves.last_day)
    growth = tell_growth(curves, features) if weights.growth_weeks else np.zeros(len(level))
    ahead = level + weights.growth_weeks * (growth - np.nanmean(growth))
    ending = ahead
    known = (
        np.full(len(level), np.nan)
        if past is None
        else past.reindex(curves.geoid).to_numpy(dtype=float)
    )
    both = np.isfinite(known) & np.isfinite(ahead)
    if both.any():
        away, gone = ahead - ahead[both].mean(), known - known[both].mean()
        ending = known[both].mean() + np.where(
            both, (1 - weights.past) * away + weights.past * gone, away
        )
    return pd.DataFrame(
        {"ending_share": ending, "level_share": level, "growth_share": growth, "past_share": known},
        index=curves.geoid,
    )


def tell_growth(curves: Trajectories, features: Features | None = None) -> Floats:
    """Tell each tract's growth of the coming week from what last week's growth went with; 0 while less than a week can be seen."""
    day = curves.last_day
    published = curves.published_days
    before = max(
        (d for d in published[1:] if d <= day - WEEK), default=published[min(1, len(published) - 1)]
    )
    gained = curves.cumulative_at(day) - curves.cumulative_at(before)
    known = np.isfinite(gained)
    if day - before < _LEAST_DAYS or known.sum() < len(_CURVE):
        return np.zeros(len(gained))
    profile = np.empty((len(gained), 0))
    if features is not None:
        own = features.frame.iloc[:, : features.frame.shape[1] - features.places]
        profile = own.reindex(curves.geoid).to_numpy(dtype=float)
    then, now = (
        np.hstack(
            [
                _standardise(
                    read_features(curves.until(when), when)[list(_CURVE)].to_numpy(dtype=float)
                ),
                _standardise(profile) / 2,
            ]
        )
        for when in (before, day)
    )
    ridge = RidgeCV(_PENALTIES).fit(then[known], gained[known])
    return np.asarray(ridge.predict(now), dtype=float)


def _standardise(figures: Floats) -> Floats:
    """Express columns in deviations from their mean; what is missing counts as the mean."""
    known = np.isfinite(figures)
    count = np.maximum(known.sum(axis=0), 1)
    away = np.where(known, figures - np.where(known, figures, 0.0).sum(axis=0) / count, 0.0)
    spread = np.sqrt((away**2).sum(axis=0) / count)
    return np.asarray(np.clip(away / np.where(spread > 0, spread, 1.0), -_CLIP, _CLIP))
