"""Test that estimates match a regression, and that intervals hold what they state."""

import numpy as np
import pandas as pd
import pytest

from models.trial.design import ARMS, BUFFER, TREAT, UNTIED, Ties, design_arms
from models.trial.effect import TrialComparison, prepare_comparison
from models.trial.power import list_covariates
from outreach.errors import ModelError
from outreach.units import Arm

RUNS = 1000
#: Three standard errors of a share of 0.95 in 1,000 runs.
MARGIN = 3 * np.sqrt(0.95 * 0.05 / RUNS)


def invented(count: int = 40, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    units = pd.DataFrame(
        {
            "households_count": rng.integers(500, 9000, count).astype(float),
            "rate_share": rng.uniform(0.3, 0.7, count),
        },
        index=pd.Index([f"{60001 + each}" for each in range(count)], name="unit_id"),
    )
    return units, 0.1 - 0.1 * units["rate_share"] + rng.normal(0, 0.01, count)


def compare(units: pd.DataFrame, permutations: int = 999, ties: Ties = UNTIED) -> TrialComparison:
    design = design_arms(units, 0.2, ["rate_share"], ties)
    return prepare_comparison(
        design, units["households_count"], units[["rate_share"]], permutations=permutations, seed=1
    )


def as_arms(comparison: TrialComparison, codes: np.ndarray) -> pd.Series:
    return pd.Series(np.array(ARMS, dtype=object)[codes], index=list(comparison.design.unit_ids))


def test_the_uncorrected_estimate_is_the_coefficient_of_a_weighted_regression() -> None:
    units, change = invented()
    comparison = compare(units)
    codes = comparison.design.randomize(1, seed=5)[0]
    blocks = pd.get_dummies(comparison.design.unit_block).to_numpy(float)
    columns = np.column_stack([codes == TREAT, units["rate_share"], blocks]).astype(float)
    root = np.sqrt(units["households_count"].to_numpy())
    coefficients = np.linalg.lstsq(columns * root[:, None], change.to_numpy() * root, rcond=None)[0]
    own = (comparison.weigh_arms(codes[None]) @ change.to_numpy())[0]
    assert own == pytest.approx(coefficients[0], rel=1e-9)
    effect = comparison.estimate(as_arms(comparison, codes), change)
    assert abs(effect.estimate_share - coefficients[0]) < 0.3 * effect.standard_error_share


@pytest.mark.parametrize("buffered", [False, True])
def test_the_weights_of_real_arms_give_the_estimate(*, buffered: bool) -> None:
    units, change = invented()
    touching = tuple(zip(units.index[:-1:4], units.index[1::4], strict=True))
    comparison = compare(units, ties=Ties(touching=touching) if buffered else UNTIED)
    codes = comparison.design.randomize(3, seed=5)
    estimates = comparison.weigh_arms(codes) @ change.to_numpy()
    for row, estimate in zip(codes, estimates, strict=True):
        effect = comparison.estimate(as_arms(comparison, row), change)
        assert estimate == pytest.approx(effect.estimate_share)
    assert (BUFFER in codes) == buffered


def test_a_constant_effect_moves_estimate_and_interval_by_itself() -> None:
    units, change = invented()
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    without = comparison.estimate(arms, change)
    planted = comparison.estimate(arms, change + 0.05 * (arms == Arm.TREAT))
    moved = [
        getattr(planted, name) - getattr(without, name)
        for name in ("estimate_share", "low_share", "high_share")
    ]
    np.testing.assert_allclose(moved, 0.05, atol=1e-12)
    assert planted.p_value < 0.01
    assert without.low_share < without.estimate_share < without.high_share


def test_the_interval_is_what_the_test_does_not_reject() -> None:
    units, change = invented(seed=3)
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=6)[0])
    effect = comparison.estimate(arms, change)
    treated = (arms == Arm.TREAT).to_numpy(float)
    for edge, inward in ((effect.low_share, 1e-7), (effect.high_share, -1e-7)):
        for step, rejected in ((inward, False), (-inward, True)):
            rest = change.to_numpy() - (edge + step) * treated
            null = comparison.rows @ rest
            own = effect.estimate_share - (edge + step)
            tail = (null >= own).sum() if own > 0 else (null <= own).sum()
            assert ((1 + tail) / 1000 <= 0.025) == rejected


def test_the_same_data_has_the_same_answer() -> None:
    units, change = invented()
    comparison, again = compare(units), compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    assert comparison.estimate(arms, change) == again.estimate(arms, change)


def test_a_unit_without_an_outcome_is_named() -> None:
    units, change = invented()
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    with pytest.raises(ModelError, match="60001 has no change"):
        comparison.estimate(arms, change.iloc[1:])


def test_arms_that_cannot_be_compared_are_refused() -> None:
    units, change = invented()
    comparison = compare(units)
    arms = as_arms(comparison, comparison.design.randomize(1, seed=5)[0])
    with pytest.raises(ModelError, match="'test' is not an arm"):
        comparison.estimate(arms.replace("treat", "test"), change)
    with pytest.raises(ModelError, match="nothing to compare"):
        comparison.estimate(arms.replace("holdout", "treat"), change)


def test_too_few_permutations_for_the_confidence_are_refused() -> None:
    units, change = invented()
    comparison = compare(units, permutations=30)
    with pytest.raises(ModelError, match="Use 40 or more"):
        comparison.estimate(as_arms(comparison, comparison.design.randomize(1, seed=5)[0]), change)


def test_buffers_are_left_out_and_the_interval_still_holds_nothing_as_often_as_stated() -> None:
    units, change = invented(60)
    ring = tuple(zip(units.index, np.roll(units.index, 1), strict=True))
    comparison = compare(units, permutations=399, ties=Ties(None, ring, Arm.TREAT))
    runs = 300
    coverage, estimates = 0, []
    for codes in comparison.design.randomize(runs, seed=9):
        arms = as_arms(comparison, codes)
        spoiled = change.where(arms != "buffer", 9.9)
        effect = comparison.estimate(arms, change)
        assert effect.estimate_share == pytest.approx(
            comparison.estimate(arms, spoiled).estimate_share
        )
        assert effect.units_count["buffer"] == (codes == BUFFER).sum() > 0
        coverage += effect.low_share <= 0 <= effect.high_share
        estimates.append(effect.estimate_share)
    assert coverage / runs == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / runs))
    assert abs(np.mean(estimates)) < 3 * np.std(estimates) / np.sqrt(runs)


@pytest.mark.real
def test_without_treatment_cook_shows_none_in_a_thousand_re_randomizations(
    cook_season: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    history, units = cook_season
    start, end = (
        int(history.columns.get_loc(pd.Timestamp(day))) for day in ("2020-04-30", "2020-05-28")
    )
    known = list_covariates(history, units, start)
    design = design_arms(
        known.assign(households_count=units["households_count"]), 0.2, list(known.columns)
    )
    comparison = prepare_comparison(
        design, units["households_count"], known, permutations=999, seed=1
    )
    change = history.iloc[:, end] - history.iloc[:, start]
    before = history.iloc[:, start] - history.iloc[:, start - 10]
    bare = prepare_comparison(
        design, units["households_count"], known[[]], permutations=999, seed=1
    )
    pre, effects = [], []
    for codes in design.randomize(RUNS, seed=20200528):
        arms = as_arms(comparison, codes)
        pre.append(bare.estimate(arms, before).estimate_share)
        effects.append(comparison.estimate(arms, change))
    coverage = np.mean([effect.low_share <= 0 <= effect.high_share for effect in effects])
    alarms = np.mean([effect.p_value <= 0.05 for effect in effects])
    estimates = np.array([effect.estimate_share for effect in effects])
    print(
        f"\n{len(units)} units: pre-period difference {100 * np.mean(pre):+.4f}"
        f" +- {100 * np.std(pre) / RUNS**0.5:.4f} points, effect {100 * estimates.mean():+.4f}"
        f" +- {100 * estimates.std() / RUNS**0.5:.4f}, coverage {coverage:.3f}, alarms {alarms:.3f}"
    )
    for each in (np.array(pre), estimates):
        assert abs(each.mean()) < 3 * each.std() / np.sqrt(RUNS)
    assert coverage == pytest.approx(0.95, abs=MARGIN)
    assert alarms == pytest.approx(0.05, abs=MARGIN)
