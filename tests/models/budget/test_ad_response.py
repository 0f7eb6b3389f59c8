"""Test reach and response against the reference's table, their slopes and their inverses."""

import numpy as np
import pandas as pd
import pytest

from models.budget.ad_price import AdPrice
from models.budget.ad_response import ResponseCurve, set_fee
from models.budget.assumptions import Assumption, Case
from models.budget.channels import DISPLAY, META, describe_channel, price_social_media
from models.budget.exposure import (
    count_exposures,
    find_useful_frequency,
    measure_frequency,
    reach_households,
)
from outreach.campaign import Campaign
from outreach.errors import ModelError
from outreach.evidence import Evidence, Status

GRIDS = np.array([0.5, 1, 2, 3, 5, 7, 10])


def units(**columns: object) -> pd.DataFrame:
    usual = {
        "households_count": 1000.0,
        "missing_households_count": 400.0,
        "addressable_share": 0.8,
        "persuadable_share": 1.0,
    }
    return pd.DataFrame({**usual, **columns}, index=["60629"])


def test_reach_matches_the_published_table() -> None:
    published = [0.393, 0.632, 0.865, 0.950, 0.993, 0.999, 1.000]
    reach = ResponseCurve().reach_share(GRIDS, np.ones(7))
    np.testing.assert_allclose(reach, published, atol=5.1e-4)


def test_the_knee_lies_at_230_gross_rating_points() -> None:
    ten_more = np.array([2.2526, 2.3526])  # 10 GRP round about ln 10
    reach = ResponseCurve().reach_share(ten_more, np.ones(2))
    assert np.diff(reach)[0] == pytest.approx(0.01, abs=1e-4)


def test_reach_never_passes_the_addressable_share() -> None:
    reach = ResponseCurve().reach_share(np.array([1e6, 5.0, 5.0]), np.array([0.6, 0.0, 0.6]))
    assert reach[0] == pytest.approx(0.6)
    assert reach[1] == 0
    assert 0 < reach[2] < 0.6


def test_the_marginal_value_is_the_slope_and_the_spend_its_inverse() -> None:
    curves = ResponseCurve().spend_curves(units(), META)
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
    seen = impressions / (households * 0.8 * 0.7)
    won = curve.spend_curves(units(), META).responses(np.array([spend]))
    counted = count_exposures(seen, 3)
    np.testing.assert_allclose(won, 400 * 0.8 * 0.7 * 0.017 * 0.05 * counted)


def test_the_first_dollar_counts_one_exposure_for_one_impression() -> None:
    curves = ResponseCurve().spend_curves(units(), META)
    first = float(curves.marginal(np.zeros(1))[0])
    # One impression reaches one household; 4 of 10 are missing, and 0.017 x 0.05 of those answer.
    assert first == pytest.approx(0.4 * 0.017 * 0.05 / (0.01475 * 1.15))


def test_the_mean_of_ads_that_wear_out_by_a_third_is_the_formula() -> None:
    """Each further ad wins two thirds of what the one before won, over a Poisson number of ads."""
    for seen in (0.1, 1.0, 9.0, 24.0):
        number = np.arange(200)
        logs = number * np.log(seen) - seen - np.cumsum(np.log(np.maximum(number, 1)))
        counted = 3 * (1 - (2 / 3) ** number)
        expected = float((np.exp(logs) * counted).sum())
        assert count_exposures(seen, 3) == pytest.approx(expected, rel=1e-9)


def test_a_reached_household_sees_at_least_one_ad_and_in_the_end_all_that_are_meant() -> None:
    seen = np.array([0.0, 1e-9, 0.5, 1.0, 24.0])
    frequency = measure_frequency(seen)
    assert (frequency >= 1).all()
    np.testing.assert_allclose(frequency * reach_households(seen), seen, atol=1e-12)
    assert frequency[-1] == pytest.approx(24, rel=1e-9)


def test_the_default_frequency_is_where_the_next_ad_wins_a_twentieth_of_the_first() -> None:
    assert find_useful_frequency(3, 0.05) == pytest.approx(8.99, abs=0.01)
    assert (
        round(find_useful_frequency(3, 0.05))
        == Campaign.model_fields["impressions_per_household"].default
    )


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
    assert ResponseCurve().conversion_share(META) == pytest.approx(3 * 0.017 * 0.05)
    always = describe_channel("meta", click_share=1.0)
    assert ResponseCurve().conversion_share(always) == pytest.approx(0.05)


@pytest.mark.parametrize(
    "column", ["households_count", "missing_households_count", "addressable_share"]
)
def test_where_nobody_can_be_reached_nothing_is_won(column: str) -> None:
    curves = ResponseCurve().spend_curves(units(**{column: 0.0}), META)
    assert curves.responses(np.array([1e6]))[0] == 0
    assert curves.spend_at(-50.0)[0] == 0


def test_every_assumption_is_printed_with_its_range_and_source() -> None:
    table = ResponseCurve().list_assumptions([META, DISPLAY])
    assert len(table) == 4 + 2 * 3
    assert (table["low"] <= table["mid"]).all()
    assert (table["mid"] <= table["high"]).all()
    assert (table["source"].str.len() > 5).all()
    assert set(table["status"]) == {"ASSUMED", "VERIFIED (3P)"}


def test_an_assumption_out_of_order_is_refused() -> None:
    with pytest.raises(ModelError, match="rising order"):
        Assumption(
            "clicks", 0.3, 0.2, 0.4, "share", Evidence(status=Status.ASSUMED, source="nobody")
        )


def test_prices_hold_the_fee_and_are_the_same_by_campaign_and_by_channel() -> None:
    price = AdPrice(cpm_usd=14.0, fee_share=0.2, impressions_per_household=10.0)
    assert price.impression_usd == pytest.approx(0.0168)
    assert price.household_usd == pytest.approx(0.168)
    channel, curve = price_social_media(price.cpm_usd), set_fee(price.fee_share)
    for case in Case:
        assert curve.price_usd(channel, case) == price.impression_usd
    table = curve.list_assumptions([channel])
    own = table[table["source"] == "the campaign"]
    assert own["mid"].tolist() == [0.2, 14.0]
