import numpy as np
import pytest

from models.intervals import (
    IntervalTable,
    calibrate_groups,
    find_inflation,
    measure_coverage,
    read_weighted_quantiles,
)
from outreach.arrays import Floats
from outreach.errors import ModelError

LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])


def _draw(
    seed: int, *, clusters: int = 60, size: int = 50, cluster_sd: float = 0.0
) -> tuple[Floats, Floats, Floats]:
    """Errors that are larger where the forecast is low, with a part that a cluster shares."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), size)
    forecast = rng.uniform(0.3, 0.9, len(cluster))
    wide = np.where(forecast < 0.5, 0.06, 0.02)
    miss = wide * (rng.normal(size=len(cluster)) + cluster_sd * rng.normal(size=clusters)[cluster])
    return forecast, forecast + miss, cluster


def _table(forecast: Floats, final: Floats, cluster: Floats, *, groups: int = 5) -> IntervalTable:
    cuts, quantiles = calibrate_groups(final - forecast, forecast, cluster, LEVELS, groups=groups)
    return IntervalTable(np.zeros(1), cuts[None], LEVELS, quantiles[None])


def test_new_tracts_are_covered_as_stated_at_every_forecast_level() -> None:
    table = _table(*_draw(1))
    forecast, final, _ = _draw(2)
    for coverage in (0.5, 0.8, 0.9):
        low, high = table.bounds(forecast, np.ones(len(forecast)), 0.0, coverage)
        inside = (final >= low) & (final <= high)
        assert inside.mean() == pytest.approx(coverage, abs=0.025)
        assert inside[forecast < 0.42].mean() == pytest.approx(coverage, abs=0.06)


def test_one_table_for_all_levels_would_fail_the_low_ones() -> None:
    forecast, final, cluster = _draw(1)
    one, grouped = _table(forecast, final, cluster, groups=1), _table(forecast, final, cluster)
    inside = {}
    for name, table in (("one", one), ("grouped", grouped)):
        low, high = table.bounds(forecast, np.ones(len(forecast)), 0.0, 0.8)
        inside[name] = ((final >= low) & (final <= high))[forecast < 0.42].mean()
    assert inside["one"] < 0.7
    assert inside["grouped"] > 0.76


def test_more_coverage_needs_a_wider_interval_and_both_contain_the_forecast() -> None:
    table = _table(*_draw(1))
    forecast = np.linspace(0.3, 0.9, 50)
    half, most = (
        np.column_stack(table.bounds(forecast, np.ones(50), 0.0, coverage))
        for coverage in (0.5, 0.9)
    )
    assert (most[:, 0] < half[:, 0]).all()
    assert (half[:, 1] < most[:, 1]).all()
    assert ((half[:, 0] <= forecast) & (forecast <= half[:, 1])).all()


def test_between_calibrated_days_the_interval_is_interpolated_by_time() -> None:
    quantiles = np.array([[[-1.0, 1.0]], [[-3.0, 3.0]]])
    table = IntervalTable(np.array([10.0, 20.0]), np.empty((2, 0)), np.array([0.1, 0.9]), quantiles)
    low, high = table.bounds(np.array([0.5]), np.array([0.01]), 15.0, 0.8)
    assert (low[0], high[0]) == pytest.approx((0.48, 0.52))


def test_a_coverage_beyond_the_calibration_is_refused() -> None:
    with pytest.raises(ModelError, match="at most 90%"):
        _table(*_draw(1)).bounds(np.array([0.5]), np.array([1.0]), 0.0, 0.99)


def test_intervals_are_inflated_until_nine_clusters_in_ten_are_covered() -> None:
    forecast, final, cluster = _draw(3, cluster_sd=0.35)
    table = _table(forecast, final, cluster)
    factor = find_inflation(final - forecast, forecast, cluster, table, most=0.15)
    low, high = table.bounds(forecast, np.full(len(forecast), factor), 0.0, 0.8)
    assert 1.05 < factor < 1.5
    assert measure_coverage(final, low, high, cluster)["cluster_10th_percentile"] >= 0.79


def test_intervals_are_not_inflated_if_no_cluster_differs() -> None:
    forecast, final, cluster = _draw(3, clusters=30, size=400)
    assert (
        find_inflation(final - forecast, forecast, cluster, _table(forecast, final, cluster)) < 1.1
    )


def test_a_small_cluster_counts_more_when_clusters_are_balanced() -> None:
    scaled = np.concatenate([np.full(900, 0.0), np.full(100, 1.0)])
    cluster = np.concatenate([np.zeros(900), np.ones(100)])
    level = np.array([0.85])
    plain = calibrate_groups(scaled, np.zeros(1000), cluster, level, groups=1, balance=0.0)[1]
    even = calibrate_groups(scaled, np.zeros(1000), cluster, level, groups=1, balance=1.0)[1]
    assert (plain[0, 0], even[0, 0]) == (0.0, 1.0)


def test_a_small_sample_gives_its_extremes() -> None:
    values = np.array([1.0, 2.0, 3.0])
    low, high = read_weighted_quantiles(values, np.ones(3), np.array([0.05, 0.95]))
    assert (low, high) == (1.0, 3.0)


def test_a_table_is_read_as_it_was_written() -> None:
    table = _table(*_draw(1))
    again = IntervalTable.from_json(table.to_json())
    assert again.quantile(np.array([0.4, 0.8]), 0.0, 0.1) == pytest.approx(
        table.quantile(np.array([0.4, 0.8]), 0.0, 0.1), abs=0.001
    )


def test_coverage_is_measured_by_cluster_and_for_the_lowest_fifth() -> None:
    final = np.linspace(0.1, 0.9, 100)
    low = np.where(np.arange(100) < 10, final + 1, final - 0.1)
    measured = measure_coverage(
        final, low, final + 0.1 * (low < final) + 2 * (low >= final), np.repeat([0, 1], 50)
    )
    assert (
        measured["coverage"],
        measured["lowest_fifth"],
        measured["worst_cluster"],
    ) == pytest.approx((0.9, 0.5, 0.8))
