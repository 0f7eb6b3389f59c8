"""Reach and response: the reference's table, concavity, inverses, and cases that stand in order."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from models.budget.ad_response import DISPLAY, META, Assumption, Case, ResponseCurve, price_season
from outreach.errors import ModelError
from outreach.evidence import Status

GRIDS = np.array([0.5, 1, 2, 3, 5, 7, 10])


def units(**columns: object) -> pd.DataFrame:
    usual = {
        "households_count": 1000.0,
        "missing_households_count": 400.0,
        "addressable_share": 0.8,
        "persuadable_share": 1.0,
        "price_factor": 1.0,
    }
    return pd.DataFrame({**usual, **columns}, index=["60629"])


@pytest.mark.parametrize(
    ("curve", "published"),
    [
        (ResponseCurve("poisson"), [0.393, 0.632, 0.865, 0.950, 0.993, 0.999, 1.000]),
        (ResponseCurve("nbd", heterogeneity=1), [0.333, 0.500, 0.667, 0.750, 0.833, 0.875, 0.909]),
        (
            ResponseCurve("nbd", heterogeneity=0.5),
            [0.293, 0.423, 0.553, 0.622, 0.698, 0.742, 0.782],
        ),
    ],
)
def test_reach_is_that_of_the_published_table(curve: ResponseCurve, published: list[float]) -> None:
    np.testing.assert_allclose(curve.reach_share(GRIDS, np.ones(7)), published, atol=5.1e-4)


def test_the_knee_lies_at_230_gross_rating_points() -> None:
    ten_more = np.array([2.2526, 2.3526])  # 10 GRP round about ln 10
    reach = ResponseCurve().reach_share(ten_more, np.ones(2))
    assert np.diff(reach)[0] == pytest.approx(0.01, abs=1e-4)


def test_reach_never_passes_the_addressable_share() -> None:
    reach = ResponseCurve().reach_share(np.array([1e6, 5.0, 5.0]), np.array([0.6, 0.0, 0.6]))
    assert reach[0] == pytest.approx(0.6)
    assert reach[1] == 0
    assert 0 < reach[2] < 0.6


@pytest.mark.parametrize("name", ["exponential", "poisson", "nbd"])
def test_the_marginal_value_is_the_slope_and_the_spend_its_inverse(name: str) -> None:
    curves = ResponseCurve(name).spend_curves(units(), META)
    spend = np.array([0.0, 1.0, 40.0, 400.0])
    step = 1e-4
    slope = (curves.responses(spend + step) - curves.responses(spend)) / step
    np.testing.assert_allclose(curves.marginal(spend), slope, rtol=1e-5, atol=1e-12)
    assert (np.diff(curves.marginal(spend)) < 0).all()
    np.testing.assert_allclose(
        [curves.spend_at(np.log(m))[0] for m in curves.marginal(spend)], spend, atol=1e-9
    )
    assert curves.spend_at(curves.log_first + 1)[0] == 0


def test_a_spend_far_into_saturation_still_has_its_inverse() -> None:
    curves = ResponseCurve().spend_curves(units(), META)
    assert curves.spend_at(curves.log_first - 1e6)[0] == pytest.approx(1e6 / curves.rate[0])


def test_spend_buys_the_reach_of_its_impressions() -> None:
    curve = ResponseCurve()
    households, spend = 1000.0, 30.0
    impressions = spend / curve.price_usd(META)
    reach = curve.reach_share(np.array([impressions / households]), np.array([0.8 * 0.7]))
    won = curve.spend_curves(units(), META).responses(np.array([spend]))
    np.testing.assert_allclose(won, 400 * curve.conversion_share(META) * reach)


def test_no_spend_wins_more_than_is_missing_even_in_the_high_case() -> None:
    for channel in (META, DISPLAY):
        won = ResponseCurve().spend_curves(units(), channel, Case.HIGH).responses(np.array([1e12]))
        assert won[0] <= 400 * 0.8


def test_the_low_case_wins_least_and_the_high_case_most() -> None:
    spend = np.array([50.0])
    low, mid, high = (
        ResponseCurve().spend_curves(units(), META, case).responses(spend)[0] for case in Case
    )
    assert 0 < low < mid < high


def test_the_default_conversion_is_clicks_times_completions() -> None:
    assert ResponseCurve().conversion_share(META) == pytest.approx((1 - 0.983**3) * 0.05)


@pytest.mark.parametrize(
    "column", ["households_count", "missing_households_count", "addressable_share"]
)
def test_where_nobody_can_be_reached_nothing_is_won(column: str) -> None:
    curves = ResponseCurve().spend_curves(units(**{column: 0.0}), META)
    assert curves.responses(np.array([1e6]))[0] == 0
    assert curves.spend_at(-50.0)[0] == 0


def test_every_assumption_is_printed_with_its_range_and_source() -> None:
    table = ResponseCurve().assumptions([META, DISPLAY])
    assert len(table) == 4 + 2 * 3
    assert (table["low"] <= table["mid"]).all()
    assert (table["mid"] <= table["high"]).all()
    assert (table["source"].str.len() > 5).all()
    assert set(table["status"]) == {"ASSUMED", "VERIFIED (3P)"}


def test_an_assumption_out_of_order_is_refused() -> None:
    with pytest.raises(ModelError, match="rising order"):
        Assumption("clicks", 0.3, 0.2, 0.4, "share", Status.ASSUMED, "nobody")


def test_an_unknown_reach_curve_is_refused() -> None:
    with pytest.raises(ModelError, match="Choose exponential"):
        ResponseCurve("logistic")


def test_a_spring_flight_is_cheaper_than_one_in_november() -> None:
    assert price_season(dt.date(2030, 4, 1), dt.date(2030, 5, 31)) == pytest.approx(0.95)
    assert price_season(dt.date(2030, 11, 1), dt.date(2030, 11, 30)) == pytest.approx(1.23)
    assert price_season(dt.date(2030, 6, 30), dt.date(2030, 7, 1)) == pytest.approx(0.975)
    with pytest.raises(ModelError, match="before it starts"):
        price_season(dt.date(2030, 6, 30), dt.date(2030, 6, 1))
