from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.curves.area_pace import fit_area_pace
from models.curves.invitations import find_invitation_days
from models.curves.pace import draw_start_band, judge_pace
from models.curves.season_file import load_season_model
from models.curves.season_model import SeasonModel
from models.curves.trajectory import build_trajectories
from models.training.fit import SeasonFit
from outreach.errors import ModelError
from outreach.rates import Event

Invent = Callable[..., pd.DataFrame]
START = date(2020, 3, 20)


@pytest.fixture(scope="module")
def season(fitted: SeasonFit) -> SeasonModel:
    return fitted.model


@pytest.mark.parametrize("stated", [0.02, 0.05, 0.1])
@pytest.mark.parametrize(("day", "window"), [(30, 14), (45, 14), (60, 28), (95, 14)])
def test_no_more_tracts_than_stated_are_called_behind_without_a_lag(
    season: SeasonModel, invent: Invent, stated: float, day: int, window: int
) -> None:
    curves = build_trajectories(invent(21, states=10, counties=4), START)
    pace = judge_pace(curves, season, day=day, window_days=window, false_alarm_share=stated)
    behind = (pace.table["pace"] == "behind").mean()
    assert 0.2 * stated < behind < 1.5 * stated + 0.01


def test_a_planted_lag_of_one_district_is_found(season: SeasonModel, invent: Invent) -> None:
    district = 12
    curves = build_trajectories(
        invent(22, states=3, lagging=lambda position: position % 50 < district), START
    )
    table = judge_pace(curves, season, day=45).table
    lagging = np.arange(len(table)) % 50 < district
    behind = (table["pace"] == "behind").to_numpy()
    assert behind[lagging].mean() > 0.65
    assert behind[~lagging].mean() < 0.08
    assert table["shortfall_share"][lagging].mean() > 0.015


def test_a_slow_area_shows_in_its_offset_and_not_in_its_tracts(
    season: SeasonModel, invent: Invent
) -> None:
    usual = judge_pace(build_trajectories(invent(23, states=3), START), season, day=45).table
    slow = judge_pace(
        build_trajectories(invent(23, states=3, lagging=lambda position: position >= 0), START),
        season,
        day=45,
    ).table
    assert slow["area_offset_share"].mean() < usual["area_offset_share"].mean() - 0.02
    assert (slow["pace"] == "behind").mean() < 0.09


def test_tracts_not_yet_invited_are_never_called_behind(
    season: SeasonModel, invent: Invent
) -> None:
    late = 20
    curves = build_trajectories(invent(24, states=3, late=late), START)
    verdicts = {
        day: judge_pace(curves, season, day=day).table["pace"].iloc[:late] for day in (30, 60, 80)
    }
    assert (verdicts[30] == "not invited yet").all()
    assert (verdicts[60] == "not invited yet").all()
    assert (verdicts[80] == "just invited").all()
    assert (judge_pace(curves, season, day=60).table["pace"].iloc[late:] != "not invited yet").all()


def test_the_day_of_invitation_is_read_from_the_curve(season: SeasonModel, invent: Invent) -> None:
    curves = build_trajectories(invent(24, states=3, late=20), START)
    days = find_invitation_days(curves, season.mean_level(20))
    assert (days[20:] == 0).all()
    assert ((days[:20] > 69) & (days[:20] < 78)).all()


def test_a_stated_day_of_invitation_overrules_the_curve(
    season: SeasonModel, invent: Invent
) -> None:
    curves = build_trajectories(invent(24, states=3), START)
    invited = pd.Series(pd.Timestamp("2020-05-20"), index=curves.geoid[:3])
    table = judge_pace(curves, season, day=45, invited=invited).table
    assert (table["pace"].iloc[:3] == "not invited yet").all()
    assert (
        judge_pace(curves, season, day=70, invited=invited).table["pace"].iloc[:3] == "just invited"
    ).all()


def test_the_band_opens_with_time_and_narrows_with_the_alarm_rate(
    season: SeasonModel, invent: Invent
) -> None:
    curves = build_trajectories(invent(25, states=2), START)
    table = draw_start_band(curves, season, since_day=20, days=(26, 34, 45))
    width = (table["start_high_share"] - table["start_low_share"]).groupby(table["day"]).mean()
    assert width.is_monotonic_increasing
    loose = draw_start_band(curves, season, since_day=20, days=(34,), false_alarm_share=0.25)
    assert (
        loose["start_low_share"].to_numpy()
        >= table.loc[table["day"] == 34, "start_low_share"].to_numpy() - 1e-12
    ).all()


def test_later_rates_do_not_change_a_judgment(season: SeasonModel, invent: Invent) -> None:
    rates = invent(26, states=2)
    early = rates[rates["data_date"] <= pd.Timestamp(START) + pd.Timedelta(days=45)]
    whole, cut = (
        judge_pace(build_trajectories(r, START), season, day=45).table for r in (rates, early)
    )
    pd.testing.assert_frame_equal(whole, cut)


def test_a_judgment_that_is_too_early_or_not_calibrated_is_refused(
    season: SeasonModel, invent: Invent
) -> None:
    curves = build_trajectories(invent(26, states=1), START)
    with pytest.raises(ModelError, match="so day 9 has no earlier one"):
        judge_pace(curves, season, day=9)
    with pytest.raises(ModelError, match="not calibrated"):
        judge_pace(curves, season, day=45, false_alarm_share=0.5)


def test_a_small_group_is_compared_with_the_season() -> None:
    gain, expected = np.array([0.1, 0.2]), np.array([0.12, 0.18])
    offset, unit = fit_area_pace(
        gain, expected, np.array([0.01, 0.02]), np.zeros(2, dtype=np.int64)
    )
    assert unit == pytest.approx([0.01, 0.02])
    assert (offset == 0).all()


def test_events_between_start_and_judgment_are_listed(season: SeasonModel, invent: Invent) -> None:
    curves = build_trajectories(invent(26, states=1), START)
    mailing = Event(
        "reminder", START + timedelta(days=36), START + timedelta(days=40), "assumed", ""
    )
    season = SeasonModel(**{**vars(season), "events": (mailing,)})
    assert judge_pace(curves, season, day=45).events == (mailing,)
    assert judge_pace(curves, season, day=60).events == ()


@pytest.mark.real
def test_alarms_in_a_real_state_stay_near_the_stated_rate(real_data: Path) -> None:
    frame = pd.read_parquet(real_data / "responserate" / "state_24.parquet")
    rates = pd.DataFrame(
        {
            "data_date": pd.to_datetime(frame["RESP_DATE"]).to_numpy(),
            "cumulative_share": frame["CRRALL"].astype(float).round(1).to_numpy() / 100,
            "internet_share": frame["CRRINT"].astype(float).round(1).to_numpy() / 100,
        },
        index=pd.Index(frame["GEO_ID"].str[-11:], name="geoid"),
    )
    curves = build_trajectories(rates, START)
    for day in (30, 45, 60, 95):
        behind = (
            judge_pace(curves, load_season_model("2020"), day=day).table["pace"] == "behind"
        ).mean()
        assert 0.005 < behind < 0.12
