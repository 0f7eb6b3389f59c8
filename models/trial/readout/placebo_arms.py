"""Split held-out units as if half had ads, to see what is found in nothing.

None of them had ads, so a comparison of any two halves should find an effect as often as its level
says. The halves are drawn as arms are: clusters within blocks that are alike, one half of each. As
the range of each split comes from splits drawn in the same way, the share that is found is nominal
wherever the rates and the weights are sound. What the split adds is its range: how far two groups
end up apart without any ads.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.trial.design import TREAT, Ties, design_arms
from models.trial.effect import TrialComparison, invert_test, prepare_comparison
from outreach.arrays import Ints
from outreach.units import Arm

#: How the splits are made, in words.
METHOD = (
    "held-out units split at random within matched blocks as if half had ads, each split read out"
    " as the test is"
)
#: Splits that are read out, and splits that make the range of each.
_SPLITS, _PERMUTATIONS = 1000, 999
#: With fewer clusters held out there are too few ways to split them.
_LEAST_CLUSTERS = 16
_LEVEL = 0.05
#: The share that is found may be this far above the level: three times the scatter that it had over
#: draws of Cook County's arms (tests/benchmarks/test_placebo_arms.py).
_SLACK = 0.03


@dataclass(frozen=True, slots=True)
class PlaceboArms:
    """What splits of the held-out units find, where there is nothing to find.

    Parameters
    ----------
    low_share, middle_share, high_share
        The middle 95% of the estimates, and their median (0-1 of households).
    found_share
        Share of the splits (0-1) whose 95% range does not hold zero.
    splits_count, units_count
        How many splits, of how many held-out units.
    """

    low_share: float
    middle_share: float
    high_share: float
    found_share: float
    splits_count: int
    units_count: int

    @property
    def is_sound(self) -> bool:
        """Whether splits find no more than their level lets them, apart from chance."""
        return self.found_share <= _LEVEL + _SLACK


def split_held(
    comparison: TrialComparison, arms: "pd.Series[str]", change: "pd.Series[float]", seed: int
) -> PlaceboArms | None:
    """Split the held-out units many times as if half had ads, and read every split out.

    Parameters
    ----------
    comparison
        How the test is read out; its weights and covariates serve the splits.
    arms
        The arm of each unit, by unit.
    change
        Change of the cumulative response share (0-1) over the flight, by unit; units where it is
        missing are left out.
    seed
        Seed of the splits.

    Returns
    -------
    PlaceboArms or None
        ``None`` with fewer than 16 clusters held out.
    """
    index = pd.Index(comparison.design.unit_ids)
    chosen = (arms.reindex(index) == Arm.HOLDOUT).to_numpy() & change.reindex(index).notna()
    held = np.flatnonzero(chosen & (comparison.households > 0))
    clusters = comparison.design.cluster[held]
    if len(np.unique(clusters)) < _LEAST_CLUSTERS:
        return None

    # Halves of blocks that are alike by all that was known before the flight.
    judge, splits = _draw_halves(comparison, held, clusters, seed)
    outcome = change.reindex(index).to_numpy(dtype=float)[held]
    estimates, null = splits.rows @ outcome, judge.rows @ outcome
    shared = judge.rows @ (splits.permutations == TREAT).T.astype(float)
    ranges = np.array(
        [
            invert_test(float(estimate), null, answers, _LEVEL)
            for estimate, answers in zip(estimates, shared.T, strict=True)
        ]
    )
    found = (ranges[:, 0] > 0) | (ranges[:, 1] < 0)
    low, middle, high = np.quantile(estimates, [_LEVEL / 2, 0.5, 1 - _LEVEL / 2])
    return PlaceboArms(
        float(low), float(middle), float(high), float(found.mean()), len(found), len(held)
    )


def _draw_halves(
    comparison: TrialComparison, held: Ints, clusters: Ints, seed: int
) -> tuple[TrialComparison, TrialComparison]:
    """Return what judges the splits, and the splits; one seed apart, so no split judges itself."""
    names = pd.Index(comparison.design.unit_ids)[held]
    traits = pd.DataFrame(comparison.covariates[held], index=names).add_prefix("trait_")
    homes = pd.Series(comparison.households[held], index=names)
    # Without covariates, blocks are of units that are alike in size.
    matched = list(traits.columns) or ["households_count"]
    design = design_arms(
        traits.assign(households_count=homes),
        0.5,
        matched,
        Ties(cluster=pd.Series(clusters, index=names)),
    )
    judge, splits = (
        prepare_comparison(design, homes, traits, permutations=count, seed=each)
        for count, each in ((_PERMUTATIONS, seed), (_SPLITS, seed + 1))
    )
    return judge, splits
