from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from models.curves.forecast import ForecastWeights, estimate_weights, forecast_final
from models.curves.season_file import load_season_model
from models.curves.trajectory import Trajectories, build_trajectories
from models.intervals import measure_coverage
from models.training.estimator import GrowthForecaster
from models.training.fit import SeasonFit
from outreach.errors import ModelError

Invent = Callable[..., pd.DataFrame]
START, FINAL = date(2020, 3, 20), date(2020, 10, 16)


@pytest.fixture(scope="module")
def fresh(invent: Invent) -> Trajectories:
    """A season of other states than the fitted one."""
    return build_trajectories(invent(77, states=10), START)


@parametrize_with_checks([GrowthForecaster(hidden=(8,))])
def test_the_estimator_passes_the_checks_of_scikit_learn(
    estimator: Any, check: Callable[[Any], None]
) -> None:
    check(estimator)


def test_intervals_cover_states_never_seen(fitted: SeasonFit, fresh: Trajectories) -> None:
    final = fresh.cumulative_at(210)
    for day in (14, 30, 60):
        table = forecast_final(fresh, fitted.model, day=day).table
        state = fresh.geoid.str[:2].to_numpy()
        for coverage in (50, 80):
            measured = measure_coverage(
                final,
                table[f"final_low{coverage}_share"],
                table[f"final_high{coverage}_share"],
                state,
            )
            assert coverage / 100 - 0.06 < measured["coverage"] < coverage / 100 + 0.13
        assert measured["lowest_fifth"] > 0.68
        assert measured["worst_cluster"] > 0.55


def test_the_forecast_beats_adding_the_mean_growth(fitted: SeasonFit, fresh: Trajectories) -> None:
    table = forecast_final(fresh, fitted.model, day=30).table
    final, growth = fresh.cumulative_at(210), fitted.model.mean_growth(30)
    assert (
        np.abs(table["final_share"] - final).mean()
        < 0.8 * np.abs(table["level_share"] + growth - final).mean()
    )


def test_only_what_was_published_by_the_day_counts(fitted: SeasonFit, invent: Invent) -> None:
    rates = invent(78, states=2)
    cut = pd.Timestamp(START) + pd.Timedelta(days=30)
    whole = forecast_final(build_trajectories(rates, START), fitted.model, day=30)
    cut_off = forecast_final(
        build_trajectories(rates[rates["data_date"] <= cut], START), fitted.model
    )
    pd.testing.assert_frame_equal(whole.table, cut_off.table)
    assert (whole.table["data_date"] == cut).all()


def test_a_day_without_a_publication_uses_the_last_one_before(
    fitted: SeasonFit, fresh: Trajectories
) -> None:
    unpublished = next(day for day in range(30, 60) if day not in fresh.published_days)
    assert forecast_final(fresh, fitted.model, day=unpublished).day == max(
        d for d in fresh.published_days if d < unpublished
    )


def test_no_figure_is_below_the_rate_so_far(fitted: SeasonFit, fresh: Trajectories) -> None:
    for day in (9, 60, 200):
        table = forecast_final(fresh, fitted.model, day=day).table
        order = table[
            [
                "level_share",
                "final_low80_share",
                "final_low50_share",
                "final_share",
                "final_high50_share",
                "final_high80_share",
            ]
        ]
        assert (np.diff(order.to_numpy(), axis=1) >= -1e-12).all()
        assert order.to_numpy().max() <= 1


def test_intervals_narrow_as_the_season_goes_on(fitted: SeasonFit, fresh: Trajectories) -> None:
    width = [
        (table["final_high80_share"] - table["final_low80_share"]).mean()
        for table in (
            forecast_final(fresh, fitted.model, day=day).table for day in (14, 30, 60, 130)
        )
    ]
    assert width == sorted(width, reverse=True)


def test_an_area_that_differs_from_the_season_gets_wider_intervals(
    fitted: SeasonFit, invent: Invent
) -> None:
    like = forecast_final(
        build_trajectories(invent(79, states=3), START), fitted.model, day=30
    ).table
    unlike = forecast_final(
        build_trajectories(invent(79, states=3, shift=1.2), START), fitted.model, day=30
    ).table
    for table in (like, unlike):
        table["width"] = table["final_high80_share"] - table["final_low80_share"]
    assert unlike["disagreement_share"].mean() > 1.5 * like["disagreement_share"].mean()
    assert unlike["width"].mean() > 1.1 * like["width"].mean()


def test_missing_households_follow_the_shares(fitted: SeasonFit, fresh: Trajectories) -> None:
    households = pd.Series(1500.0, index=fresh.geoid).iloc[5:]
    table = forecast_final(fresh, fitted.model, day=30, households=households).table
    assert table["missing_at_deadline_count"].iloc[:5].isna().all()
    row = table.iloc[10]
    assert row["missing_at_deadline_count"] == pytest.approx(1500 * (1 - row["final_share"]))
    assert (
        row["missing_at_deadline_low80_count"]
        < row["missing_at_deadline_count"]
        < row["missing_at_deadline_high80_count"]
    )


def test_only_the_order_of_an_expectation_counts(fitted: SeasonFit, fresh: Trajectories) -> None:
    """If a goal were passed as an expectation, its level would change nothing."""
    truth = pd.Series(fresh.cumulative_at(210), index=fresh.geoid)
    plain = forecast_final(fresh, fitted.model, day=14).table["final_share"]
    once, raised = (
        forecast_final(fresh, fitted.model, day=14, peers=e).table["final_share"]
        for e in (truth, 0.5 * truth + 0.5)
    )
    assert np.abs(once - plain).max() > 0.001
    np.testing.assert_allclose(once, raised, atol=1e-9)
    assert np.abs(once - truth).mean() < np.abs(plain - truth).mean()


def test_weights_are_estimated_shown_and_can_be_set(fitted: SeasonFit, fresh: Trajectories) -> None:
    estimated = forecast_final(fresh, fitted.model, day=30).weights
    assert estimated == estimate_weights(fitted.model, 30, with_peers=False)
    assert "trajectory" in str(estimated)
    local = forecast_final(
        fresh, fitted.model, day=30, weights=ForecastWeights(local=1.0, peers=0.0)
    ).table
    np.testing.assert_allclose(local["final_share"], local["local_share"])
    with pytest.raises(ModelError, match="shares of a whole"):
        ForecastWeights(local=0.7, peers=0.4)


def test_an_earlier_deadline_leaves_less_growth(fitted: SeasonFit, fresh: Trajectories) -> None:
    soon, late = (
        forecast_final(fresh, fitted.model, day=30, deadline=d).table
        for d in (date(2020, 6, 1), None)
    )
    assert (soon["final_share"] < late["final_share"]).mean() > 0.99
    with pytest.raises(ModelError, match="not after"):
        forecast_final(fresh, fitted.model, day=30, deadline=date(2020, 4, 1))


def test_a_tract_without_a_rate_is_listed_and_left_out(fitted: SeasonFit, invent: Invent) -> None:
    rates = invent(80, states=1)
    gone = rates.index.unique()[0]
    rates.loc[gone, ["cumulative_share", "internet_share"]] = np.nan
    forecast = forecast_final(build_trajectories(rates, START), fitted.model, day=30)
    assert forecast.left_out == (gone,)
    assert gone not in forecast.table.index


def test_rates_without_their_internet_part_are_still_forecast(
    fitted: SeasonFit, invent: Invent
) -> None:
    rates = invent(80, states=2).assign(internet_share=np.nan)
    curves = build_trajectories(rates, START)
    final = forecast_final(curves, fitted.model, day=30).table["final_share"]
    assert np.abs(final - curves.cumulative_at(210)).mean() < 0.06


@pytest.mark.real
def test_cook_county_is_forecast_from_the_shipped_model_as_stated(real_data: Path) -> None:
    """The shipped model has seen Cook; errors without it are in its provenance."""
    frame = pd.read_parquet(
        real_data / "responserate" / "state_17.parquet", filters=[("county", "==", "031")]
    )
    rates = pd.DataFrame(
        {
            "data_date": pd.to_datetime(frame["RESP_DATE"]).to_numpy(),
            "cumulative_share": frame["CRRALL"].astype(float).round(1).to_numpy() / 100,
            "internet_share": frame["CRRINT"].astype(float).round(1).to_numpy() / 100,
        },
        index=pd.Index(frame["GEO_ID"].str[-11:], name="geoid"),
    )
    curves = build_trajectories(rates, START)
    final = curves.cumulative_at(210)
    for day, most in ((14, 0.026), (30, 0.020), (60, 0.012)):
        table = forecast_final(curves, load_season_model("2020"), day=day).table
        assert np.abs(table["final_share"] - final).mean() < most
        inside = (final >= table["final_low80_share"]) & (final <= table["final_high80_share"])
        assert 0.72 < inside.mean() < 0.97
