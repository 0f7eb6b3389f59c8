from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from models.peers.regressor import PeerRegressor
from outreach.errors import ModelError

RNG = np.random.default_rng(7)
PLACE = RNG.uniform(0, 30, (400, 2))
PREDICTORS = RNG.normal(size=(400, 4))
RATE = 1 / (
    1
    + np.exp(
        -(0.6 + 0.5 * PREDICTORS[:, 0] - 0.3 * PREDICTORS[:, 1] ** 2 + RNG.normal(0, 0.1, 400))
    )
)
ROWS = np.hstack([PREDICTORS, PLACE])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks([PeerRegressor(), PeerRegressor(region_rows=25, tune_rows=40)])
def test_it_passes_the_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_learns_a_curve_and_stays_within_shares() -> None:
    model = PeerRegressor(places=2, link="logit").fit(ROWS[:300], RATE[:300])
    expected = model.predict(ROWS[300:])
    assert (
        np.abs(expected - RATE[300:]).mean() < 0.6 * np.abs(RATE[300:] - RATE[:300].mean()).mean()
    )
    assert ((expected > 0) & (expected < 1)).all()


def test_the_spread_covers_as_stated() -> None:
    model = PeerRegressor(places=2).fit(ROWS[:300], RATE[:300])
    mean, spread = model.predict_link(ROWS[300:])
    assert 0.7 < (np.abs(RATE[300:] - mean) < 1.28 * spread).mean() < 0.93


def test_a_block_is_predicted_without_its_own_figures() -> None:
    model = PeerRegressor(places=2, link="logit")
    mean, _, block = model.predict_held_out(ROWS, RATE, blocks=6)
    own = block == block[0]
    changed = RATE.copy()
    changed[own] = 1 - changed[own]
    again, _, _ = model.predict_held_out(ROWS, changed, blocks=6)
    assert again[own] == pytest.approx(mean[own], abs=1e-6)
    assert np.abs(again[~own] - mean[~own]).max() > 0.01


def test_a_block_of_a_large_area_is_predicted_without_its_own_figures() -> None:
    model = PeerRegressor(places=2, link="logit", region_rows=60, tune_rows=80)
    mean, _, block = model.predict_held_out(ROWS, RATE, blocks=4)
    own = block == block[0]
    changed = RATE.copy()
    changed[own] = 1 - changed[own]
    again, _, _ = model.predict_held_out(ROWS, changed, blocks=4)
    assert len(np.unique(block)) == 7 * 4
    assert again[own] == pytest.approx(mean[own], abs=1e-6)


def test_regions_predict_nearly_what_the_whole_area_predicts() -> None:
    whole = PeerRegressor(places=2, link="logit").fit(ROWS[:300], RATE[:300])
    parted = PeerRegressor(places=2, link="logit", region_rows=100).fit(ROWS[:300], RATE[:300])
    assert (len(whole.regions_), len(parted.regions_)) == (1, 3)
    error = [np.abs(model.predict(ROWS[300:]) - RATE[300:]).mean() for model in (whole, parted)]
    assert error[1] < 1.6 * error[0]


def test_the_same_data_give_the_same_model() -> None:
    first, second = (
        PeerRegressor(places=2, tune_rows=100).fit(ROWS, RATE).predict(ROWS) for _ in range(2)
    )
    assert (first == second).all()


def test_inputs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match="do not fit 2 groups"):
        PeerRegressor(groups=[0, 1]).fit(ROWS, RATE)
    with pytest.raises(ModelError, match="not shares"):
        PeerRegressor(link="logit").fit(ROWS, 100 * RATE)
    with pytest.raises(ModelError, match="no link"):
        PeerRegressor(link="probit").fit(ROWS, RATE)
