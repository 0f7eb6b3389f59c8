"""Trimmed match finds a planted effect, shrugs off odd places, and its range holds as stated."""

import numpy as np
import pandas as pd
import pytest

from models.trial.design import ARMS, Ties, design_arms
from models.trial.effect import TrialComparison, prepare_comparison
from models.trial.readout.trimmed_match import count_trimmed, estimate_trimmed
from outreach.units import Arm

PLANTED = 0.004


def compare(
    count: int = 80, permutations: int = 399, *, buffers: bool = False, seed: int = 0
) -> tuple[TrialComparison, "pd.Series[float]"]:
    """Return a test of units and what their rates do without ads."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"zip-{60001 + each}" for each in range(count)], name="unit_id")
    rate = rng.uniform(0.3, 0.7, count)
    units = pd.DataFrame(
        {"households_count": rng.integers(500, 3000, count).astype(float), "rate_share": rate},
        index=index,
    )
    ring = tuple(zip(index, np.roll(index, 1), strict=True)) if buffers else ()
    design = design_arms(units, 0.25, ["rate_share"], Ties(None, ring, Arm.TREAT))
    comparison = prepare_comparison(
        design,
        units["households_count"],
        units[["rate_share"]],
        permutations=permutations,
        seed=1,
    )
    return comparison, pd.Series(0.1 - 0.1 * rate + rng.normal(0, 0.002, count), index=index)


def draw(comparison: TrialComparison, seed: int) -> "pd.Series[str]":
    codes = comparison.design.randomize(1, seed)[0]
    return pd.Series(np.array(ARMS, dtype=object)[codes], index=list(comparison.design.unit_ids))


def test_without_trimming_it_is_the_dose_weighted_mean_of_the_blocks() -> None:
    comparison, change = compare(12)
    comparison = prepare_comparison(
        comparison.design,
        pd.Series(comparison.households, index=change.index),
        pd.DataFrame(index=change.index),
        permutations=399,
    )
    arms = draw(comparison, 3)
    assert estimate_trimmed(comparison, arms, change) is None  # 3 blocks, none to spare
    comparison, change = compare(16)
    bare = prepare_comparison(
        comparison.design,
        pd.Series(comparison.households, index=change.index),
        pd.DataFrame(index=change.index),
        permutations=399,
    )
    arms = draw(bare, 3)
    table = pd.DataFrame(
        {
            "block": bare.design.unit_block,
            "arm": arms.to_numpy(),
            "weight": bare.households,
            "won": bare.households * change.to_numpy(),
        }
    )
    sums = table.pivot_table(["weight", "won"], "block", "arm", "sum")
    means, dose = sums["won"] / sums["weight"], sums["weight"]["treat"]
    apart = means["treat"] - means["holdout"]
    found = estimate_trimmed(bare, arms, change)
    assert found is not None
    assert (found.blocks_count, found.trimmed_count) == (4, 1)
    rest = (dose * (apart - found.estimate_share)).sort_values()
    assert rest.iloc[1:-1].sum() == pytest.approx(0, abs=1e-6)


def test_a_constant_effect_moves_estimate_and_range_by_itself() -> None:
    comparison, change = compare()
    arms = draw(comparison, 5)
    without = estimate_trimmed(comparison, arms, change)
    planted = estimate_trimmed(comparison, arms, change + PLANTED * (arms == Arm.TREAT))
    assert without is not None
    assert planted is not None
    for name in ("estimate_share", "low_share", "high_share"):
        moved = getattr(planted, name) - getattr(without, name)
        assert moved == pytest.approx(PLANTED, abs=1e-7)
    assert without.low_share < without.estimate_share < without.high_share


def test_odd_places_move_it_less_than_the_estimate_itself() -> None:
    comparison, change = compare()
    arms = draw(comparison, 5)
    odd = change.copy()
    odd[arms.index[arms == Arm.HOLDOUT][:2]] += 0.1  # a college town sent its forms in bulk
    trimmed, usual = (estimate_trimmed(comparison, arms, each) for each in (odd, change))
    moved = comparison.estimate(arms, odd).estimate_share
    moved -= comparison.estimate(arms, change).estimate_share
    assert trimmed is not None
    assert usual is not None
    assert abs(trimmed.estimate_share - usual.estimate_share) < 0.2 * abs(moved)


@pytest.mark.parametrize("arms_kept_apart", ["by nothing", "by buffers"])
def test_its_range_holds_a_planted_effect_as_often_as_stated(arms_kept_apart: str) -> None:
    comparison, change = compare(permutations=199, buffers=arms_kept_apart == "by buffers")
    runs, held, estimates = 200, 0, []
    for seed in range(runs):
        arms = draw(comparison, 100 + seed)
        found = estimate_trimmed(comparison, arms, change + PLANTED * (arms == Arm.TREAT))
        assert found is not None
        held += found.low_share <= PLANTED <= found.high_share
        estimates.append(found.estimate_share - PLANTED)
    assert held / runs == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / runs))
    assert abs(np.mean(estimates)) < 4 * np.std(estimates) / np.sqrt(runs)


def test_a_tenth_is_left_out_at_either_end_and_one_of_four_blocks() -> None:
    assert count_trimmed(np.array([3, 4, 10, 11, 30])).tolist() == [0, 1, 1, 2, 3]
