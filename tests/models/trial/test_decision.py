"""What to do with the next weeks' money after a test."""

import numpy as np
import pytest

from models.trial.decision import PRIOR_HIGH, PRIOR_MODE, Option, weigh_options

#: A test of 100,000 households for 50,000 dollars.
_HOUSEHOLDS_PER_USD = 2.0


def test_a_sharp_result_outweighs_the_prior() -> None:
    outlook = weigh_options(
        0.006, 0.0001, households_per_usd=2.0, money_usd=10_000, worth_usd=100.0
    )

    assert outlook.mean_share == pytest.approx(0.006, abs=0.0001)
    assert outlook.break_even_share == pytest.approx(0.005)
    assert outlook.chance_worth_share > 0.99
    best = outlook.prospects[0]
    assert best.option is Option.GO_ON
    assert best.responses_count == pytest.approx(0.006 * 2 * 10_000, rel=0.02)
    assert best.gain_usd == pytest.approx(100 * best.responses_count - 10_000, rel=1e-6)
    assert best.regret_usd < 5


def test_a_blunt_result_leaves_the_prior_as_it_was() -> None:
    outlook = weigh_options(0.3, 50.0, households_per_usd=2.0, money_usd=10_000, worth_usd=100.0)

    # The mean of a triangle is the mean of its corners.
    assert outlook.mean_share == pytest.approx((0 + PRIOR_MODE + PRIOR_HIGH) / 3, rel=0.01)


def test_an_estimate_below_zero_says_stop_and_never_less_than_no_effect() -> None:
    outlook = weigh_options(
        -0.004, 0.001, households_per_usd=2.0, money_usd=10_000, worth_usd=100.0
    )

    assert outlook.low_share >= 0
    assert outlook.prospects[0].option is Option.STOP
    assert outlook.prospects[0].gain_usd == 0
    assert outlook.prospects[1].gain_usd < 0


def test_money_moves_where_a_response_costs_less_elsewhere() -> None:
    without = weigh_options(0.003, 0.001, households_per_usd=2.0, money_usd=10_000, worth_usd=300.0)
    with_other = weigh_options(
        0.003, 0.001, households_per_usd=2.0, money_usd=10_000, worth_usd=300.0, other_cost_usd=80.0
    )

    assert {prospect.option for prospect in without.prospects} == {Option.GO_ON, Option.STOP}
    assert with_other.prospects[0].option is Option.MOVE
    assert with_other.prospects[0].responses_count == pytest.approx(125)


def test_regret_is_what_knowing_the_effect_would_gain() -> None:
    """Against a plain simulation of effects after the test."""
    estimate, error, worth, money = 0.003, 0.002, 180.0, 10_000.0
    rng = np.random.default_rng(3)
    effects = rng.triangular(0, PRIOR_MODE, PRIOR_HIGH, 400_000)
    weights = np.exp(-(((effects - estimate) / error) ** 2) / 2)
    gains = worth * effects * _HOUSEHOLDS_PER_USD * money - money
    regret = np.average(np.maximum(gains, 0) - gains, weights=weights)

    outlook = weigh_options(
        estimate, error, households_per_usd=2.0, money_usd=money, worth_usd=worth
    )

    own = next(prospect for prospect in outlook.prospects if prospect.option is Option.GO_ON)
    assert own.regret_usd == pytest.approx(regret, rel=0.03)
    assert own.gain_usd == pytest.approx(np.average(gains, weights=weights), abs=25)
    assert outlook.chance_worth_share == pytest.approx(
        np.average(gains > 0, weights=weights), abs=0.01
    )
