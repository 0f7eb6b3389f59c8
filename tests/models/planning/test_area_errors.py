"""The errors of areas as one event: planted common errors are found, and ranges hold."""

import numpy as np
import pandas as pd
import pytest

from models.planning.area_errors import measure_area_errors
from outreach.rates import AreaErrors, count_alike
from outreach.spatial import divide_space

COUNT = 900


def measure(common: float, own: float, seed: int = 1) -> AreaErrors:
    """Measure errors of which neighborhoods of about 15 tracts share a part."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(size=(COUNT, 2))
    part, near = divide_space(place, 6), divide_space(place, 60)
    error = common * rng.normal(size=60)[near] + own * rng.normal(size=COUNT)
    errors = measure_area_errors(error, np.full(COUNT, 500.0), part, place, 0.01)
    assert errors is not None
    return errors


def test_errors_that_tracts_have_for_themselves_cancel_out() -> None:
    errors = measure(common=0.0, own=0.04)
    assert errors.power == pytest.approx(0.5, abs=0.1)
    reach = errors.reach(np.array([1.0, 25.0]))
    assert reach[1] < 0.35 * reach[0]


def test_errors_that_neighbors_share_do_not() -> None:
    alone, shared = measure(common=0.0, own=0.04), measure(common=0.03, own=0.026)
    assert shared.power < alone.power - 0.1
    assert shared.reach(np.array([25.0]))[0] > 1.5 * alone.reach(np.array([25.0]))[0]
    assert 0.7 <= shared.covered80_share <= 0.9


def test_an_area_that_is_larger_than_any_measured_errs_as_much_and_shifts_with_the_census() -> None:
    errors = AreaErrors(0.04, 0.25, 100.0, 0.01, 0.8)
    most, more = errors.reach(np.array([100.0, 5000.0]))
    assert most == more == pytest.approx(np.hypot(0.04 * 100**-0.25, 1.2816 * 0.01))
    # Without errors of its own an area still moves with all others.
    assert AreaErrors(0.0, 0.25, 100.0, 0.02, 0.8).reach(np.array([9.0]))[0] == pytest.approx(
        1.2816 * 0.02
    )


def test_too_little_ground_has_no_errors_of_areas() -> None:
    error, place = np.full(12, 0.01), np.random.default_rng(1).uniform(size=(12, 2))
    assert measure_area_errors(error, np.ones(12), divide_space(place, 6), place, 0.01) is None


def test_unequal_tracts_count_as_fewer() -> None:
    households = pd.Series([100.0, 100.0, 300.0, 0.0, np.nan])
    groups = pd.Series(["a", "a", "b", "b", "b"])
    assert count_alike(households, groups).to_dict() == {"a": 2.0, "b": 1.0}
