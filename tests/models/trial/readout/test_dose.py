"""With the arms as an instrument, leaks and missing deliveries no longer shrink an effect."""

import math

import numpy as np
import pandas as pd
import pytest

from models.trial.readout.dose import estimate_dose, observe_dose
from outreach.errors import ModelError
from outreach.units import Arm
from tests.models.trial.test_effect import as_arms, compare, invented

RUNS = 400


def test_full_delivery_without_leaks_is_the_effect_of_the_arms() -> None:
    units, change = invented()
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    effect = comparison.estimate(arms, change)
    dose = estimate_dose(comparison, arms, change, (arms == Arm.TREAT).astype(float))
    assert dose.contrast == pytest.approx(1)
    found = (dose.estimate_share, dose.low_share, dose.high_share)
    assert found == pytest.approx((effect.estimate_share, effect.low_share, effect.high_share))


def test_leaks_and_missing_ads_shrink_the_difference_and_not_this_estimate() -> None:
    units, change = invented(count=120)
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    rng = np.random.default_rng(3)
    treated = (arms == Arm.TREAT).astype(float)
    delivered = treated * rng.uniform(0.5, 0.9, len(arms)) + (1 - treated) * 0.2
    planted = change + 0.04 * delivered
    whole = comparison.estimate(arms, planted)
    assert whole.estimate_share < 0.028
    dose = estimate_dose(comparison, arms, planted, delivered)
    assert dose.contrast == pytest.approx(0.5, abs=0.02)
    assert dose.estimate_share == pytest.approx(0.04, abs=0.01)
    assert dose.low_share < 0.04 < dose.high_share


def test_the_range_holds_the_truth_as_often_as_it_says() -> None:
    units, change = invented(count=60)
    comparison = compare(units)
    rng = np.random.default_rng(4)
    held = 0
    for codes in comparison.design.randomize(RUNS, seed=9):
        arms = as_arms(comparison, codes)
        treated = (arms == Arm.TREAT).astype(float)
        delivered = treated * rng.uniform(0.3, 1, len(arms)) + (1 - treated) * rng.uniform(
            0, 0.4, len(arms)
        )
        dose = estimate_dose(comparison, arms, change + 0.02 * delivered, delivered)
        held += dose.low_share <= 0.02 <= dose.high_share
    margin = 3 * math.sqrt(0.95 * 0.05 / RUNS)
    assert 0.95 - margin <= held / RUNS <= 0.95 + margin


def test_without_a_difference_in_delivery_the_range_has_no_ends() -> None:
    units, change = invented()
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    dose = estimate_dose(comparison, arms, change, pd.Series(0.5, index=arms.index))
    assert math.isnan(dose.estimate_share)
    assert (dose.low_share, dose.high_share) == (-math.inf, math.inf)


def test_units_with_ads_are_compared_by_dose_and_that_can_be_wrong() -> None:
    units, change = invented(count=120)
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    rng = np.random.default_rng(3)
    dose = (arms == Arm.TREAT) * rng.uniform(0.3, 1, len(arms))
    observed = observe_dose(comparison, arms, change + 0.05 * dose, dose)
    assert observed is not None
    assert observed.low_share < 0.05 < observed.high_share

    # Where more was shown to places that would have grown anyway, it finds what ads did not do.
    grown = observe_dose(comparison, arms, change, dose + 20 * (change - change.mean()))
    assert grown is not None
    assert grown.low_share > 0


def test_units_that_were_all_shown_alike_are_not_compared() -> None:
    units, change = invented()
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    assert observe_dose(comparison, arms, change, (arms == Arm.TREAT).astype(float)) is None


def test_too_few_permutations_are_refused() -> None:
    units, change = invented()
    comparison = compare(units, permutations=20)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    with pytest.raises(ModelError, match="too few"):
        estimate_dose(comparison, arms, change, (arms == Arm.TREAT).astype(float))
