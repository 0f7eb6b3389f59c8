"""Test that a backtest measures planted truths, and that no later rate reaches an earlier day."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.curves.gompertz import extrapolate_gompertz
from models.curves.trajectory import build_trajectories
from models.evaluation.backtest import Backtest, replay_season
from models.evaluation.metrics import CEILING, find_worst
from models.evaluation.replay import prepare_replay
from models.features.predictors import Predictor
from models.training.fit import SeasonFit
from outreach.errors import ModelError, NothingThere
from tests.builders import build_rules

START, FINAL = date(2020, 3, 20), date(2020, 10, 16)
DAYS = (0, 7, 14, 30, 60)


def invent_profiles(rates: pd.DataFrame, seed: int = 5) -> pd.DataFrame:
    """Invent profiles; two of their columns predict the final rate with noise."""
    rng = np.random.default_rng(seed)
    final = rates[rates["data_date"] == rates["data_date"].max()]["cumulative_share"].sort_index()
    size = len(final)
    homes = rng.integers(800, 2500, size).astype(float)
    score = 100 * (1 - final) + rng.normal(0, 5, size)
    renters = 1.1 - final + rng.normal(0, 0.05, size)
    return pd.DataFrame(
        {
            "low_response_score": score.clip(0, 100),
            "households_count": homes,
            "renter_households_count": homes * renters.clip(0, 1),
            "housing_units_count": homes,
        },
        index=final.index,
    )


@pytest.fixture(scope="module")
def rates(invent: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return invent(21, states=1, counties=3, tracts=60)


@pytest.fixture(scope="module")
def backtest(rates: pd.DataFrame, fitted: SeasonFit) -> Backtest:
    return replay_season(
        rates,
        area="the invented state",
        start=START,
        final=FINAL,
        days=DAYS,
        tracts=invent_profiles(rates),
        season_model=fitted.model,
    )


def test_a_figure_that_the_area_brings_is_replayed_with_the_others(
    rates: pd.DataFrame, fitted: SeasonFit
) -> None:
    column = "indicator_asthma_share"
    own = (Predictor(column, "local indicator", "asthma", (column,)),)
    profiles = invent_profiles(rates)
    profiles[column] = 1 - profiles["renter_households_count"] / profiles["households_count"]
    replay, _ = prepare_replay(
        rates, START, FINAL, profiles, fitted.model, None, ("en",), build_rules(), own
    )
    assert replay.features is not None
    assert column in replay.features.used
    assert replay.request is not None
    assert replay.request.own == own


def _figure(table: pd.DataFrame, rule: str, day: int, column: str) -> float:
    return float(table[(table["rule"] == rule) & (table["day"] == day)][column].iloc[0])


def test_the_share_found_is_the_overlap_of_list_and_worst_fifth() -> None:
    final = np.arange(10.0)
    assert find_worst(np.array([0, 9, 1, 2, 3, 4, 5, 6, 7, 8.0]), final) == 0.5
    assert find_worst(final, final) == 1
    assert np.isnan(find_worst(np.full(10, np.nan), final))


def test_tracts_without_a_figure_are_not_listed() -> None:
    order = np.array([np.nan, 1.0] + [np.nan] * 8)
    assert find_worst(order, np.arange(10.0)) == 0.5


def test_a_gompertz_curve_leads_to_its_own_ceiling() -> None:
    days = np.arange(3, 61, 3)
    ceiling = np.array([0.5, 0.65, 0.8])
    share = ceiling[:, None] * np.exp(-3 * np.exp(-0.08 * days))
    frame = pd.DataFrame(
        {
            "data_date": np.tile(pd.Timestamp(START) + pd.to_timedelta(days, unit="D"), 3),
            "cumulative_share": share.ravel(),
            "internet_share": share.ravel(),
        },
        index=np.repeat(["01001000100", "01001000200", "01001000300"], len(days)),
    )
    np.testing.assert_allclose(
        extrapolate_gompertz(build_trajectories(frame, START)), ceiling, atol=0.01
    )


def test_every_row_names_its_day_date_rule_and_tier(backtest: Backtest) -> None:
    assert set(backtest.days["tier"]) == {"naive", "ex ante", "hindsight"}
    assert backtest.days["data_date"][backtest.days["day"] == 0].isna().all()
    assert (
        backtest.days["data_date"][backtest.days["day"] == 30] == pd.Timestamp("2020-04-19")
    ).all()
    assert backtest.days.groupby(["day", "rule"]).size().max() == 1


def test_a_season_of_the_same_year_is_hindsight_and_of_another_is_not(
    rates: pd.DataFrame, fitted: SeasonFit
) -> None:
    def tier(name: str) -> str:
        season = type(fitted.model)(**{**vars(fitted.model), "name": name})
        table = replay_season(
            rates, area="x", start=START, final=FINAL, days=(30,), season_model=season
        ).days
        return str(table.set_index("rule")["tier"]["season forecast"])

    assert tier("2020") == "hindsight"
    assert tier("2010") == "ex ante"


def test_a_rule_whose_weights_were_set_on_the_season_is_hindsight_in_that_season(
    rates: pd.DataFrame, backtest: Backtest
) -> None:
    tier = backtest.days.drop_duplicates("rule").set_index("rule")["tier"]
    assert (tier[["blend", "most missing, blend"]] == "hindsight").all()
    assert any("weights of the blend" in note for note in backtest.notes)
    decade = pd.DateOffset(years=10)
    later = replay_season(
        rates.assign(data_date=rates["data_date"] + decade),
        area="x",
        start=date(2030, 3, 20),
        final=date(2030, 10, 16),
        days=(30,),
    )
    assert later.days.set_index("rule")["tier"]["blend"] == "ex ante"
    assert not any("weights of the blend" in note for note in later.notes)


def test_later_rates_change_no_earlier_list(
    rates: pd.DataFrame, backtest: Backtest, fitted: SeasonFit
) -> None:
    """Rates between a day and the end are scrambled and some withheld; the day's figures remain."""
    rng = np.random.default_rng(0)
    cut = pd.Timestamp("2020-04-19")
    between = (rates["data_date"] > cut) & (rates["data_date"] < pd.Timestamp(FINAL))
    other = rates.copy()
    other.loc[between, "cumulative_share"] = rng.uniform(0.2, 0.99, between.sum())
    other.loc[between, "internet_share"] = 0.1
    other = other[~(between & (rng.uniform(size=len(other)) < 0.3))]
    again = replay_season(
        other,
        area="the invented state",
        start=START,
        final=FINAL,
        days=(0, 7, 14, 30),
        tracts=invent_profiles(rates),
        season_model=fitted.model,
    )
    for name in ("days", "levels", "regions", "groups"):
        before, after = getattr(backtest, name), getattr(again, name)
        pd.testing.assert_frame_equal(
            before[before["day"] <= 30].reset_index(drop=True), after.reset_index(drop=True)
        )


def test_a_gap_on_the_day_is_not_filled_from_later(rates: pd.DataFrame) -> None:
    """A tract without a rate on day 30 has the one before, not a mean with the next one."""
    hole = rates.index.unique()[:40]
    gap = rates[~(rates.index.isin(hole) & (rates["data_date"] == pd.Timestamp("2020-04-19")))]
    risen = gap.copy()
    risen.loc[risen["data_date"].between("2020-04-20", "2020-10-15"), "cumulative_share"] = 0.98
    first, second = (
        replay_season(table, area="x", start=START, final=FINAL, days=(30,)).days
        for table in (gap, risen)
    )
    pd.testing.assert_frame_equal(first, second)


def test_lists_improve_and_the_ceiling_beats_the_score_alone(backtest: Backtest) -> None:
    shares = [
        _figure(backtest.days, "lowest rate first", day, "worst_found_share") for day in (7, 30, 60)
    ]
    assert shares[0] < shares[-1]
    assert _figure(backtest.days, CEILING, 0, "worst_found_share") >= _figure(
        backtest.days, "Low Response Score alone", 0, "worst_found_share"
    )
    assert _figure(backtest.days, "blend", 7, "worst_found_share") > shares[0]


def test_the_most_missing_list_covers_more_missing_households_than_the_lowest_rates(
    backtest: Backtest,
) -> None:
    for day in (14, 30):
        assert _figure(
            backtest.days, "most missing, blend", day, "missing_covered_share"
        ) > _figure(backtest.days, "lowest rate first", day, "missing_covered_share")


def test_intervals_of_a_similar_season_cover_about_as_stated(backtest: Backtest) -> None:
    for day in (30, 60):
        assert 0.7 <= _figure(backtest.days, "season forecast", day, "covered80_share") <= 0.93
        assert 0.38 <= _figure(backtest.days, "season forecast", day, "covered50_share") <= 0.68
    overall = backtest.levels[backtest.levels["day"] == 30]
    mean = np.average(overall["covered80_share"], weights=overall["tracts_count"])
    assert mean == pytest.approx(_figure(backtest.days, "season forecast", 30, "covered80_share"))


def test_without_profiles_only_rules_that_need_none_remain(rates: pd.DataFrame) -> None:
    bare = replay_season(rates, area="x", start=START, final=FINAL, days=(0, 30))
    assert set(bare.days["rule"]) == {"lowest rate first", "Gompertz", "blend"}
    assert (bare.days["day"] == 30).all()
    assert any("no profiles" in note for note in bare.notes)
    assert set(bare.regions["region"]) == {"county 01001", "county 01002", "county 01003"}


def test_a_day_after_the_end_and_an_unpublished_end_are_refused(rates: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match="Day 210"):
        replay_season(rates, area="x", start=START, final=FINAL, days=(210,))
    with pytest.raises(ModelError, match="no publication"):
        replay_season(rates, area="x", start=START, final=date(2020, 10, 17), days=(30,))


def test_days_before_a_late_archive_begins_have_no_rule(rates: pd.DataFrame) -> None:
    late = rates[rates["data_date"] >= pd.Timestamp("2020-07-01")]
    with pytest.raises(NothingThere, match="No rule says anything about x on day 7, 30"):
        replay_season(late, area="x", start=START, final=FINAL, days=(30, 7))
    table = replay_season(late, area="x", start=START, final=FINAL, days=(7, 110)).days
    assert set(table["day"]) == {110}


def test_a_handful_of_tracts_is_measured_as_far_as_it_can_be(
    rates: pd.DataFrame, fitted: SeasonFit
) -> None:
    few = rates[rates.index.isin(sorted(set(rates.index))[:5])]
    backtest = replay_season(
        few,
        area="x",
        start=START,
        final=FINAL,
        days=(0, 14, 30),
        tracts=invent_profiles(few),
        season_model=fitted.model,
    )
    assert backtest.tracts_count == 5
    assert backtest.regions.empty
    assert {"lowest rate first", "blend", "season forecast"} <= set(backtest.days["rule"])


def test_the_naive_rules_in_cook_county_are_as_measured(real_data: Path) -> None:
    """The lowest rates find 0.835 and 0.880 on days 14 and 30; the bare blend finds more."""
    stored = pd.read_parquet(
        real_data / "responserate" / "state_17.parquet", filters=[("county", "==", "031")]
    )
    dates = pd.to_datetime(stored["RESP_DATE"])
    table = pd.DataFrame(
        {
            "data_date": dates.to_numpy(),
            "cumulative_share": stored["CRRALL"].astype(float).round(1).to_numpy() / 100,
            "internet_share": stored["CRRINT"].astype(float).round(1).to_numpy() / 100,
        },
        index=pd.Index(stored["GEO_ID"].str[-11:], name="geoid"),
    )[(dates <= pd.Timestamp(FINAL)).to_numpy()]
    days = replay_season(table, area="Cook County", start=START, final=FINAL, days=(14, 30)).days
    assert _figure(days, "lowest rate first", 14, "worst_found_share") == pytest.approx(
        0.835, abs=0.001
    )
    assert _figure(days, "lowest rate first", 30, "worst_found_share") == pytest.approx(
        0.880, abs=0.001
    )
    for day in (14, 30):
        assert _figure(days, "blend", day, "worst_found_share") > _figure(
            days, "lowest rate first", day, "worst_found_share"
        )
