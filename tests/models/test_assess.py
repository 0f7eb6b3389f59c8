"""Test the assessment of the invented county against its planted truths."""

import datetime as dt
from dataclasses import replace
from functools import cache

import geopandas as gpd
import pandas as pd
import pytest

from models.assess import Assessment, assess_tracts
from models.curves.forecast import ForecastWeights, forecast_final
from models.curves.season_file import load_season_model
from models.curves.trajectory import build_trajectories
from models.features.predictors import Predictor
from models.training.fit import fit_season
from outreach.sandbox.county.dates import is_published
from outreach.sandbox.county.world import InventedCounty

TODAY = dt.date(2020, 5, 28)
BEGIN = dt.date(2020, 3, 20)


@cache
def county() -> InventedCounty:
    return InventedCounty(today=TODAY)


def read_rates(
    since: dt.date, through: dt.date, world: InventedCounty | None = None
) -> pd.DataFrame:
    parts = []
    for day in pd.date_range(since, through).date:
        if is_published(day):
            served = (world or county()).season.rates(day)
            parts.append(
                pd.DataFrame(
                    {
                        "data_date": pd.Timestamp(day),
                        "cumulative_share": served["CRRALL"] / 100,
                        "internet_share": served["CRRINT"] / 100,
                        "daily_share": served["DRRALL"] / 100,
                        "daily_internet_share": served["DRRINT"] / 100,
                    }
                )
            )
    return pd.concat(parts)


def read_tracts(rates: pd.DataFrame) -> gpd.GeoDataFrame:
    table = county().people[2020].table
    now = rates[rates["data_date"] == rates["data_date"].max()]
    tracts = pd.DataFrame(
        {"cumulative_share": now["cumulative_share"], "data_date": now["data_date"]},
        index=table.index[table.index.isin(now.index)],
    )
    return tracts.assign(households_count=500.0, housing_units_count=520.0)


def look(since: dt.date, through: dt.date = TODAY) -> tuple[Assessment, pd.DataFrame]:
    rates = read_rates(since, through)
    return assess_tracts(read_tracts(rates), rates, deadline=dt.date(2020, 10, 15)), rates


@pytest.fixture(scope="module")
def whole() -> Assessment:
    return look(BEGIN)[0]


def test_the_planted_lag_is_found_and_other_alarms_stay_near_the_stated_rate() -> None:
    truth = county().truth
    assessment, _ = look(BEGIN, truth.lag_from + dt.timedelta(days=14))
    assert assessment.peers is not None
    judged = assessment.peers[assessment.peers["pace"].notna()]
    lagging = judged.index.isin(truth.lagging_tracts)
    elsewhere = ~lagging & ~judged.index.isin(list(truth.update_leave))
    assert judged["behind"][lagging].mean() > 5 * judged["behind"][elsewhere].mean()
    assert judged["behind"][elsewhere].mean() < 0.07  # 5 % are stated


def test_tracts_not_yet_invited_are_not_called_behind() -> None:
    truth = county().truth
    day = min(truth.update_leave.values()) - dt.timedelta(days=1)
    assessment, _ = look(BEGIN, day)
    assert assessment.peers is not None
    late = assessment.peers.reindex(list(truth.update_leave))
    assert not late["behind"].fillna(value=False).astype(bool).any()


def test_an_archive_without_the_first_days_is_noted_and_widens_every_range(
    whole: Assessment,
) -> None:
    alone, _ = look(TODAY)
    assert any("archive begins on May 28, 2020" in note for note in alone.notes)
    assert not any("archive begins" in note for note in whole.notes)
    assert alone.forecast is not None
    assert whole.forecast is not None
    widths = [
        (table["final_high80_share"] - table["final_low80_share"]).mean()
        for table in (alone.forecast, whole.forecast)
    ]
    assert (
        widths[0] > 1.1 * widths[1]
    )  # though these are widened too, by what the season so far tells


def test_ranges_widen_in_a_county_whose_season_differs_from_the_shipped_one(
    whole: Assessment,
) -> None:
    assert any(
        note.startswith("This season differs from that of 2020: ") and " times as wide" in note
        for note in whole.notes
    )
    shift = whole.provenance["season_shift"]
    assert shift["inflated"]["99001"]["inflation_factor"] > 1.1
    assert shift["earlier_forecasts_compared"] > 10
    curves, truth, season = (
        build_trajectories(read_rates(BEGIN, TODAY), BEGIN),
        county().truth.final_share,
        load_season_model(),
    )
    coverage = {}
    for usual in (None, season.usual_miss):
        tables = [
            forecast_final(curves, replace(season, usual_miss=usual), day=day).table
            for day in (31, 56, 69)
        ]
        inside = [
            truth[t.index].between(t["final_low80_share"], t["final_high80_share"]).mean()
            for t in tables
        ]
        coverage[usual is not None] = sum(inside) / len(inside)
    assert coverage[True] > 0.7
    assert coverage[True] > coverage[False] + 0.1


def test_the_planner_can_set_the_weights_and_learns_which_were_not_used() -> None:
    rates = read_rates(BEGIN, TODAY)
    weights = ForecastWeights(local=0.3, peers=0.2)
    tracts = read_tracts(rates).drop(columns="housing_units_count")  # nothing to expect from
    assessment = assess_tracts(tracts, rates, weights=weights)
    assert (
        assessment.provenance["forecast_weights"]
        == "trajectory 70%, area trend 30%, peer expectation 0%"
    )
    assert assessment.provenance["forecast_weights_from"] == "the campaign"
    assert any(
        note.startswith("The forecast's weights are trajectory 70%") for note in assessment.notes
    )
    assert assessment.forecast is not None
    parts = 0.7 * assessment.forecast["trajectory_share"] + 0.3 * assessment.forecast["local_share"]
    free = parts > assessment.forecast["level_share"]
    assert (assessment.forecast["final_share"] - parts)[free].abs().max() < 1e-9


def test_a_figure_that_the_area_brings_is_a_predictor_like_the_others() -> None:
    rates = read_rates(BEGIN, TODAY)
    tracts = read_tracts(rates)
    column = "indicator_asthma_share"
    figure = (1 - tracts["cumulative_share"]).fillna(0.5).clip(0, 1)
    own = Predictor(column, "local indicator", "asthma", (column,))
    assessment = assess_tracts(tracts.assign(**{column: figure}), rates, own=(own,))
    assert column in assessment.provenance["predictors_used"]
    assert assessment.importance is not None
    assert assessment.importance["loss_points"].idxmax() == "local indicator"


def test_the_assessment_has_similar_tracts_and_drivers(whole: Assessment) -> None:
    assert whole.comparable is not None
    assert whole.importance is not None
    assert whole.comparable.groupby(level=0).size().eq(5).all()
    assert (whole.comparable.index != whole.comparable["comparable"]).all()
    assert whole.comparable["cumulative_share"].notna().all()
    assert list(whole.importance.columns) == [
        "driver",
        "loss_points",
        "lowest_points",
        "highest_points",
        "verdict",
        "meaning",
    ]


@pytest.mark.slow
def test_ranges_from_a_season_of_other_invented_counties_cover_this_one() -> None:
    final = dt.date(2020, 10, 16)
    seasons = []
    for seed in (3, 5, 7, 9, 11, 13):
        rates = read_rates(BEGIN, final, InventedCounty(seed=seed))
        rates.index = pd.Index([f"99{seed:03d}{geoid[5:]}" for geoid in rates.index], name="geoid")
        seasons.append(rates)
    fitted = fit_season(
        pd.concat(seasons),
        name="invented",
        start=BEGIN,
        final=final,
        area="county",
        folds=3,
        members=1,
        hidden=(16,),
    )
    curves = build_trajectories(read_rates(BEGIN, TODAY), BEGIN)
    forecast = forecast_final(curves, fitted.model).table
    truth = county().truth.final_share.reindex(forecast.index)
    assert (
        truth.between(forecast["final_low80_share"], forecast["final_high80_share"]).mean() >= 0.75
    )
    assert (
        truth.between(forecast["final_low50_share"], forecast["final_high50_share"]).mean() >= 0.45
    )


def test_a_forecast_is_never_below_today_and_lies_within_its_range(whole: Assessment) -> None:
    forecast = whole.forecast
    assert forecast is not None
    assert (forecast["final_low80_share"] >= forecast["level_share"] - 1e-9).all()
    for name in ("low80", "low50"):
        assert (forecast[f"final_{name}_share"] <= forecast["final_share"] + 1e-9).all()
    for name in ("high50", "high80"):
        assert (forecast[f"final_{name}_share"] >= forecast["final_share"] - 1e-9).all()


def test_the_same_input_gives_the_same_output_whatever_the_tracts_did_in_2010(
    whole: Assessment,
) -> None:
    rates = read_rates(BEGIN, TODAY)
    tracts = read_tracts(rates)
    past = {
        "final_2010_share": tracts["cumulative_share"],
        "mail_return_2010_share": tracts["cumulative_share"] + 0.05,
    }
    again = assess_tracts(tracts.assign(**past), rates, deadline=dt.date(2020, 10, 15))
    assert whole.peers is not None
    assert again.peers is not None
    pd.testing.assert_frame_equal(whole.peers, again.peers)
    assert whole.forecast is not None
    assert again.forecast is not None
    pd.testing.assert_frame_equal(whole.forecast, again.forecast)
