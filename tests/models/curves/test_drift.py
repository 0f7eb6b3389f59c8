"""Test that ranges widen if a season differs from the archived one, and hardly otherwise."""

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.curves.drift import measure_drift
from models.curves.forecast import forecast_final
from models.curves.season_file import load_season_model, save_season_model
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, build_trajectories
from models.training.fit import SeasonFit

Invent = Callable[..., pd.DataFrame]
START = date(2020, 3, 20)
DAYS = (26, 45, 70)


@pytest.fixture(scope="module")
def alike(invent: Invent) -> Trajectories:
    """The same season in states that the fit has not seen."""
    return build_trajectories(invent(77, states=8), START)


@pytest.fixture(scope="module")
def unlike(invent: Invent) -> Trajectories:
    """Another season, in which people respond later."""
    return build_trajectories(invent(78, states=3, shift=1.0), START)


def read_coverage(curves: Trajectories, season: SeasonModel, day: int) -> float:
    table = forecast_final(curves, season, day=day).table
    final = pd.Series(curves.cumulative_at(210), curves.geoid)
    return float(final.between(table["final_low80_share"], table["final_high80_share"]).mean())


def test_inflated_ranges_cover_far_better_in_a_different_season(
    fitted: SeasonFit, unlike: Trajectories
) -> None:
    blind = dataclasses.replace(fitted.model, usual_miss=None)
    held, held_blind = (
        np.mean([read_coverage(unlike, season, day) for day in DAYS])
        for season in (fitted.model, blind)
    )
    assert held_blind < 0.55
    assert 0.7 < held < 0.9
    drift = measure_drift(unlike.until(45), fitted.model)
    assert (drift.inflation_factor >= 1).all()
    assert drift.inflation_factor.mean() > 1.3


def test_ranges_widen_little_in_the_season_they_were_fitted_on(
    fitted: SeasonFit, alike: Trajectories
) -> None:
    drifts = [measure_drift(alike.until(day), fitted.model) for day in DAYS]
    assert all(drift.misses_count > 0 and len(drift.counties) == 24 for drift in drifts)
    assert 1 < np.mean([drift.inflation_factor.mean() for drift in drifts]) < 1.05
    assert np.median([drift.counties["shift"].median() for drift in drifts]) == pytest.approx(
        1.0, abs=0.3
    )


def test_nothing_published_later_is_read(fitted: SeasonFit, unlike: Trajectories) -> None:
    later = unlike.cumulative_share.copy()
    later[:, 46 - unlike.first_day :] = 0.99
    changed = dataclasses.replace(unlike, cumulative_share=later)
    pd.testing.assert_series_equal(
        forecast_final(unlike, fitted.model, day=45).drift.inflation_factor,
        forecast_final(changed, fitted.model, day=45).drift.inflation_factor,
    )


def test_the_forecasts_range_is_inflated_by_the_factor(
    fitted: SeasonFit, unlike: Trajectories
) -> None:
    blind = dataclasses.replace(fitted.model, usual_miss=None)
    plain, wide = (forecast_final(unlike, season, day=45) for season in (blind, fitted.model))
    reach = [f.table["final_share"] - f.table["final_low80_share"] for f in (plain, wide)]
    free = (
        wide.table["final_low80_share"] > wide.table["level_share"] + 1e-9
    )  # a range never reaches below today
    expected = reach[0][free] * wide.drift.inflation_factor[free]
    pd.testing.assert_series_equal(reach[1][free], expected, check_names=False)
    assert free.any()


def test_no_shift_is_measured_on_too_little_data(fitted: SeasonFit, unlike: Trajectories) -> None:
    few = dataclasses.replace(
        unlike,
        geoid=unlike.geoid[:29],
        cumulative_share=unlike.cumulative_share[:29],
        paper_share=unlike.paper_share[:29],
    )
    late = dataclasses.replace(
        unlike,
        first_day=20,
        cumulative_share=unlike.cumulative_share[:, 20 - unlike.first_day :],
        paper_share=unlike.paper_share[:, 20 - unlike.first_day :],
        published_days=tuple(day for day in unlike.published_days if day >= 20),
    )
    early = unlike.until(9)
    for curves in (few.until(45), late.until(45), early):
        drift = measure_drift(curves, fitted.model)
        assert (drift.inflation_factor == 1).all()
        assert drift.counties.empty
        assert drift.misses_count == 0


def test_a_single_bad_week_counts_less_than_several(
    fitted: SeasonFit, unlike: Trajectories
) -> None:
    usual = fitted.model.usual_miss
    assert usual is not None
    first = next(
        day for day in range(10, 30) if measure_drift(unlike.until(day), fitted.model).misses_count
    )
    begun, later = (measure_drift(unlike.until(day), fitted.model) for day in (first, 45))
    assert begun.misses_count < later.misses_count
    assert begun.counties["shift"].mean() < later.counties["shift"].mean()


def test_the_usual_miss_is_stored_with_the_season_model(fitted: SeasonFit, tmp_path: Path) -> None:
    usual = fitted.model.usual_miss
    assert usual is not None
    assert 0 < usual.area_part < 1
    assert usual.at(30, 7) < usual.at(30, 21)
    save_season_model(fitted.model, tmp_path / "season.json")
    again = load_season_model(tmp_path / "season.json").usual_miss
    assert again is not None
    np.testing.assert_allclose(again.scaled, usual.scaled, atol=0.001)
    assert load_season_model().usual_miss is not None
