"""Looks at a running test share one error, whatever they find."""

import numpy as np
import pytest

from models.trial.readout.looks import LEVEL, bound_stages, spend_error
from outreach.arrays import Floats
from outreach.errors import ModelError

TIMES = (0.5, 0.75, 1.0)


def walk(count: int, rng: np.random.Generator) -> Floats:
    """Return estimates at three looks, each of which has all the days before it."""
    steps = rng.standard_t(4, (4, count)).cumsum(axis=0)
    return np.asarray(steps[1:], dtype=float)


def test_the_error_is_spent_as_o_brien_and_fleming_would() -> None:
    # Table of Lan and DeMets' function at 0.05, two-sided.
    spent = [spend_error(time) for time in (0.25, *TIMES)]
    assert spent == pytest.approx([0.0001, 0.0056, 0.0236, 0.05], abs=1e-4)


def test_as_many_permutations_pass_a_boundary_as_may() -> None:
    nulls = walk(1999, np.random.default_rng(1))
    bounds = bound_stages(nulls, TIMES)
    passed = np.abs(nulls) >= bounds.shares[:, None]
    by_stage = [passed[: stage + 1].any(axis=0).sum() for stage in range(3)]
    assert by_stage == [int(2000 * spend_error(time)) for time in TIMES]
    assert bounds.shares[0] > bounds.shares[-1] / 2
    assert bounds.levels[-1] <= LEVEL


def test_without_an_effect_one_test_in_twenty_finds_one_at_any_look() -> None:
    rng, found, runs = np.random.default_rng(2), 0, 800
    for _ in range(runs):
        every = walk(400, rng)
        bounds = bound_stages(every[:, 1:], TIMES)
        found += bool((np.abs(every[:, 0]) > bounds.shares).any())
    assert abs(found / runs - LEVEL) < 3 * np.sqrt(LEVEL * 0.95 / runs)


def test_the_p_value_of_the_end_agrees_with_its_boundary() -> None:
    nulls = walk(999, np.random.default_rng(3))
    bounds = bound_stages(nulls, TIMES)
    for estimate in np.linspace(0, 1.5 * bounds.shares[-1], 50):
        for early in (0.0, 2 * bounds.shares[0]):
            p_value = bounds.judge([early, early, float(estimate)], nulls)
            assert (p_value <= LEVEL) == (estimate > bounds.shares[-1])


def test_what_passes_at_the_first_look_is_the_most_extreme() -> None:
    nulls = walk(999, np.random.default_rng(3))
    bounds = bound_stages(nulls, TIMES)
    largest = 10 * bounds.shares.max()
    assert bounds.judge([largest] * 3, nulls) == 1 / 1000
    late = bounds.judge([0.0, 0.0, largest], nulls)
    assert late == pytest.approx((1 + int(1000 * spend_error(0.75))) / 1000)


def test_p_values_are_small_no_more_often_than_they_say() -> None:
    rng, values = np.random.default_rng(5), []
    for _ in range(600):
        every = walk(400, rng)
        bounds = bound_stages(every[:, 1:], TIMES)
        values.append(bounds.judge(list(every[:, 0]), every[:, 1:]))
    for level in (0.01, 0.05, 0.2, 0.5):
        margin = 3 * np.sqrt(level * (1 - level) / len(values))
        assert np.mean(np.array(values) <= level) <= level + margin


def test_too_few_permutations_for_an_early_look_are_refused() -> None:
    with pytest.raises(ModelError, match="too few to judge a look at 40% of the flight"):
        bound_stages(walk(99, np.random.default_rng(4)), (0.4, 0.7, 1.0))
