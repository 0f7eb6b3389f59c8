"""Splits of held-out units find nothing more often than their level, and look at no other unit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.trial.design import Ties, design_arms
from models.trial.effect import TrialComparison, prepare_comparison
from models.trial.readout.placebo_arms import split_held
from outreach.units import Arm

Trial = tuple[TrialComparison, "pd.Series[str]", "pd.Series[float]"]


def draw(count: int = 200, *, size: int = 1) -> Trial:
    """Draw a test of units in clusters of a size, a fifth of them held out, with an effect."""
    rng = np.random.default_rng(4)
    index = pd.Index([f"zip-{60001 + each}" for each in range(count)], name="unit_id")
    rate = rng.uniform(0.3, 0.7, count)
    units = pd.DataFrame(
        {"households_count": rng.integers(500, 3000, count).astype(float), "rate_share": rate},
        index=index,
    )
    cluster = pd.Series(np.arange(count) // size, index=index)
    design = design_arms(units, 0.2, ["rate_share"], Ties(cluster=cluster))
    comparison = prepare_comparison(
        design, units["households_count"], units[["rate_share"]], permutations=99, seed=1
    )
    arms = design.assign(3)["arm"]
    change = pd.Series(0.1 - 0.1 * rate + rng.normal(0, 0.002, count), index=index)
    return comparison, arms, change + 0.02 * (arms == Arm.TREAT)


def test_splits_find_an_effect_as_often_as_their_level_says() -> None:
    comparison, arms, change = draw()
    splits = split_held(comparison, arms, change, seed=5)
    assert splits is not None
    assert (splits.units_count, splits.splits_count) == (40, 1000)
    assert 0.02 <= splits.found_share <= 0.08
    assert splits.is_sound
    assert not replace(splits, found_share=0.09).is_sound
    assert splits.middle_share == pytest.approx(0, abs=0.0002)

    # Covariates explain all but the noise of 0.002, of which 20 and 20 units leave a third.
    assert splits.high_share == pytest.approx(1.96 * 0.002 * np.sqrt(2 / 20), rel=0.35)
    assert splits.low_share == pytest.approx(-splits.high_share, rel=0.15)


def test_splits_look_at_no_unit_with_ads() -> None:
    comparison, arms, change = draw()
    other = change.where(arms == Arm.HOLDOUT, 0.9)
    assert split_held(comparison, arms, other, 5) == split_held(comparison, arms, change, 5)
    gone = change.where(arms == Arm.HOLDOUT)
    assert split_held(comparison, arms, gone, 5) == split_held(comparison, arms, change, 5)


def test_units_without_a_rate_are_not_split() -> None:
    comparison, arms, change = draw()
    change[arms.index[arms == Arm.HOLDOUT][:3]] = np.nan
    splits = split_held(comparison, arms, change, 5)
    assert splits is not None
    assert splits.units_count == 37


def test_what_counts_as_enough_are_clusters_and_not_units() -> None:
    assert split_held(*draw(75), seed=5) is None  # 15 units
    assert split_held(*draw(80), seed=5) is not None  # 16
    assert split_held(*draw(150, size=2), seed=5) is None  # 30 units in 15 clusters
