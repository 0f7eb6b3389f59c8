"""The hidden truths of the county act as documented."""

import datetime as dt

import numpy as np
import pytest

from outreach.sandbox.county.world import InventedCounty
from tests.sandbox.county.served import (
    count_days,
)


def test_one_ward_lags_from_the_planted_day(county: InventedCounty) -> None:
    truth, season = county.truth, county.season
    slow = np.isin(season.geoids, truth.lagging_tracts)
    behind = truth.final_share - truth.factor_share
    others = set(county.ground.blocks["ward"]) - {"", truth.lagging_ward}
    assert len(others) == 11
    assert 20 < slow.sum() < 60
    assert behind[slow].mean() < behind[~slow].mean() - 0.08
    before = count_days(truth.lag_from) - 1
    early = season.cumulative[:, before] / season.addresses / truth.factor_share.to_numpy()
    assert abs(early[slow].mean() - early[~slow].mean()) < 0.04


def test_tracts_invited_by_hand_start_late_and_catch_up(county: InventedCounty) -> None:
    season = county.season
    for geoid, start in county.truth.update_leave.items():
        share_by_day = (
            season.cumulative[season.geoids.index(geoid)]
            / season.addresses[season.geoids.index(geoid)]
        )
        assert share_by_day[count_days(start) - 1] < 0.06
        assert share_by_day[-1] > 0.25


def test_advertising_wins_the_documented_share_and_changes_nothing_else(
    county: InventedCounty,
) -> None:
    start = dt.date(2020, 5, 1)
    shown = dict.fromkeys(county.season.geoids[::2], 24.0)
    advertised = InventedCounty(advertising=shown, advertising_from=start)
    truth = county.truth
    won = advertised.truth.final_share - truth.final_share
    missing = 1 - county.season.cumulative[:, count_days(start)] / county.season.addresses
    effect = truth.ad_effect * truth.persuadability * (1 - np.exp(-1)) * missing
    assert (won[1::2] == 0).all()
    assert np.corrcoef(won[::2], effect[::2])[0, 1] > 0.98
    assert won[::2].mean() == pytest.approx(effect[::2].mean(), rel=0.03)
    before = count_days(start)
    assert np.array_equal(
        advertised.season.cumulative[:, :before], county.season.cumulative[:, :before]
    )


def test_persuadable_tracts_are_behind_and_online(county: InventedCounty) -> None:
    truth = county.truth
    table = county.people[2020].table.loc[list(county.season.geoids)]
    assert truth.persuadability.between(0, 1).all()
    assert truth.persuadability.std() > 0.1
    assert np.corrcoef(truth.persuadability, table["unexplained"])[0, 1] < -0.5
