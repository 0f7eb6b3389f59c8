"""Test that planted effects are detected as often as the table promises."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.trial.design import ARMS, Ties, design_arms
from models.trial.effect import prepare_comparison
from models.trial.power import (
    find_mde,
    list_covariates,
    tabulate_power,
    warn_events,
)
from outreach.errors import ModelError
from outreach.rates import Event
from outreach.units import Arm

Season = tuple[pd.DataFrame, pd.DataFrame]


def invented(units: int = 40, days: int = 70, spread: float = 0.004) -> Season:
    rng = np.random.default_rng(0)
    index = pd.Index([f"{60001 + each}" for each in range(units)], name="unit_id")
    daily = (
        0.004 + rng.normal(0, spread, (units, 1)) / 10 + rng.normal(0, spread, (units, days)) / 10
    )
    dates = pd.date_range("2030-04-01", periods=days)
    history = pd.DataFrame(0.3 + daily.cumsum(axis=1), index=index, columns=dates)
    return history, pd.DataFrame({"households_count": rng.integers(500, 9000, units)}, index=index)


def test_the_table_has_a_row_for_each_design_and_window_and_longer_holdouts_see_more() -> None:
    table = tabulate_power(*invented(), weeks=(2, 3), holdout_shares=(0.1, 0.5), permutations=400)
    assert len(table) == 2 * 2 * 2
    assert (table["end"] - table["start"]).dt.days.tolist() == [14] * 4 + [21] * 4
    assert table.loc[table["window"] == 0, "end"].eq(pd.Timestamp("2030-06-09")).all()
    wide = table.pivot_table(index=["weeks", "window"], columns="holdout_share", values="mde_share")
    assert (wide[0.1] > wide[0.5]).all()
    assert (table["treat_units_count"] + table["holdout_units_count"] == 40).all()


def test_the_mde_is_about_2_8_standard_errors_where_the_normal_law_holds() -> None:
    table = tabulate_power(
        *invented(200), weeks=(2,), holdout_shares=(0.5,), windows=1, permutations=1000
    )
    ratio = table["mde_share"] / table["standard_error_share"]
    assert ratio[0] == pytest.approx(2.8, rel=0.1)


def test_with_buffers_the_promised_effect_is_detected_as_often_as_promised() -> None:
    history, units = invented(120)
    ring = tuple(zip(units.index, np.roll(units.index, 1), strict=True))
    ties = Ties(pd.Series(np.arange(120) // 4, index=units.index), ring, Arm.TREAT)
    table = tabulate_power(history, units, (2,), (0.5,), windows=1, permutations=600, ties=ties)
    assert table["treat_units_count"][0] + table["holdout_units_count"][0] < 120
    start, end = (history.columns.get_loc(table[name][0]) for name in ("start", "end"))
    known = list_covariates(history, units, start)
    both = known.assign(households_count=units["households_count"])
    design = design_arms(both, 0.5, list(known.columns), ties)
    judge = prepare_comparison(design, units["households_count"], known, permutations=999, seed=2)
    change, detected = history.iloc[:, end] - history.iloc[:, start], 0
    for codes in design.randomize(300, seed=3):
        arms = pd.Series(np.array(ARMS, dtype=object)[codes], index=units.index)
        planted = change + table["mde_share"][0] * (arms == Arm.TREAT)
        detected += judge.estimate(arms, planted).p_value <= 0.05
    assert detected / 300 == pytest.approx(0.8, abs=3 * np.sqrt(0.8 * 0.2 * (1 / 300 + 2 / 600)))


def test_units_without_a_past_are_refused() -> None:
    history, units = invented()
    with pytest.raises(ModelError, match="no rates history"):
        tabulate_power(history.iloc[:0], units.iloc[:0])


def test_the_same_history_has_the_same_table() -> None:
    def tabulate() -> pd.DataFrame:
        return tabulate_power(*invented(), weeks=(2,), holdout_shares=(0.2,), permutations=200)

    pd.testing.assert_frame_equal(tabulate(), tabulate())


def test_a_window_over_unpublished_days_starts_on_the_data_date_before() -> None:
    history, units = invented()
    holed = history.drop(
        columns=pd.date_range("2030-05-25", "2030-05-27")
    )  # 14 days before the last lies in the hole
    table = tabulate_power(
        holed, units, weeks=(2,), holdout_shares=(0.5,), windows=1, permutations=100
    )
    assert table["start"][0] == pd.Timestamp("2030-05-24")


def test_a_design_with_too_few_units_never_sees_anything() -> None:
    history, units = invented(4)
    table = tabulate_power(
        history, units, weeks=(2,), holdout_shares=(0.5,), windows=1, permutations=200
    )
    assert np.isinf(table["mde_share"][0])


def test_a_history_shorter_than_the_flight_is_refused() -> None:
    history, units = invented(days=10)
    with pytest.raises(ModelError, match="covers 9 days"):
        tabulate_power(history, units, weeks=(2,))


def test_pace_is_measured_over_real_days() -> None:
    history, units = invented()
    known = list_covariates(history.drop(columns=history.columns[20:40]), units, 20)
    shift = (history.iloc[:, 40] - history.iloc[:, 19]) / 21
    np.testing.assert_allclose(known["pace_share"], shift)
    assert list(list_covariates(history, units, 0).columns) == ["rate_share"]


def test_a_flight_that_touches_a_mailing_is_warned_of() -> None:
    mailing = Event("fourth mailing", dt.date(2030, 4, 8), dt.date(2030, 4, 16))
    visits = Event("door-to-door visits", dt.date(2030, 8, 1), dt.date(2030, 9, 30))
    warned = warn_events(dt.date(2030, 4, 16), dt.date(2030, 5, 10), [mailing, visits])
    assert len(warned) == 1
    assert "fourth mailing" in warned[0]
    assert not warn_events(dt.date(2030, 4, 17), dt.date(2030, 5, 10), [mailing, visits])


@pytest.mark.real
def test_what_the_table_promises_is_what_a_planted_effect_needs(cook_season: Season) -> None:
    history, units = cook_season
    start, end = (
        int(history.columns.get_loc(pd.Timestamp(day))) for day in ("2020-04-30", "2020-05-28")
    )
    known = list_covariates(history, units, start)
    design = design_arms(
        known.assign(households_count=units["households_count"]), 0.2, list(known.columns)
    )
    change = history.iloc[:, end] - history.iloc[:, start]
    planned = prepare_comparison(
        design, units["households_count"], known, permutations=2000, seed=1
    )
    mde = find_mde(planned, change.to_numpy())
    judge = prepare_comparison(design, units["households_count"], known, permutations=3999, seed=2)
    runs = 1000
    detected = 0
    for codes in design.randomize(runs, seed=3):
        arms = pd.Series(np.array(ARMS, dtype=object)[codes], index=units.index)
        detected += judge.estimate(arms, change + mde * (arms == Arm.TREAT)).p_value <= 0.05
    print(
        f"\n{len(units)} units: {100 * mde:.3f} points planted,"
        f" detected in {detected / runs:.3f} of {runs} permutations"
    )
    # Monte-Carlo error (2.2%) of three estimates: the runs here, and the planned effect's critical
    # value and power from 2,000 permutations.
    assert detected / runs == pytest.approx(0.8, abs=3 * 0.022)
