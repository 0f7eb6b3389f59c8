"""Test what the blend orders by, and what it must not see."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from models.curves.blend import (
    PHASES,
    BlendWeights,
    blend_rates,
    predict_week_growth,
    rate_past_response,
    weigh_phase,
)
from models.curves.trajectory import build_trajectories
from models.features.build import build_features
from outreach.errors import ModelError

START = date(2020, 3, 20)


def invent_profiles(rates: pd.DataFrame, seed: int = 5, noise: float = 3.0) -> pd.DataFrame:
    """Invent a Low Response Score with noise about the final rate, and some vacant homes."""
    rng = np.random.default_rng(seed)
    final = rates[rates["data_date"] == rates["data_date"].max()]["cumulative_share"].sort_index()
    homes = rng.integers(800, 2500, len(final)).astype(float)
    occupied = rng.uniform(0.75, 1.0, len(final))
    score = 100 * (1 - final / occupied) + rng.normal(0, noise, len(final))
    return pd.DataFrame(
        {
            "low_response_score": score.clip(0, 100),
            "households_count": homes * occupied,
            "housing_units_count": homes,
            "renter_households_count": homes * occupied * rng.uniform(0.1, 0.8, len(final)),
        },
        index=final.index,
    )


@pytest.fixture(scope="module")
def rates(invent: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return invent(11, states=1, counties=3, tracts=60)


def test_past_response_orders_tracts_before_the_first_publication(rates: pd.DataFrame) -> None:
    profiles = invent_profiles(rates)
    table = blend_rates(None, features=build_features(profiles))
    expected = (
        (1 - profiles["low_response_score"] / 100)
        * profiles["households_count"]
        / profiles["housing_units_count"]
    )
    np.testing.assert_allclose(table["ending_share"], expected.reindex(table.index), atol=1e-9)
    assert table["level_share"].isna().all()


def test_a_2010_self_response_rate_is_not_multiplied_by_occupied_homes(rates: pd.DataFrame) -> None:
    profiles = (
        invent_profiles(rates).drop(columns="low_response_score").assign(final_2010_share=0.6)
    )
    past = rate_past_response(build_features(profiles))
    assert past is not None
    np.testing.assert_allclose(past, 0.6)


def test_neither_rates_nor_past_response_is_refused(rates: pd.DataFrame) -> None:
    profiles = invent_profiles(rates).drop(columns="low_response_score")
    with pytest.raises(ModelError, match="neither rates nor past"):
        blend_rates(None, features=build_features(profiles))


def test_the_blend_is_the_current_rate_at_the_end(rates: pd.DataFrame) -> None:
    curves = build_trajectories(rates, START)
    table = blend_rates(curves, day=95, features=build_features(invent_profiles(rates)))
    assert spearmanr(table["ending_share"], curves.cumulative_at(95)).statistic == pytest.approx(1)


def test_past_response_and_growth_improve_an_early_order(
    rates: pd.DataFrame,
) -> None:
    curves = build_trajectories(rates, START)
    final = curves.cumulative_at(210)
    early = blend_rates(curves, day=14, features=build_features(invent_profiles(rates)))
    assert (
        spearmanr(early["ending_share"], final).statistic
        > spearmanr(curves.cumulative_at(14), final).statistic + 0.02
    )


def test_growth_is_predicted_for_a_tract_without_last_weeks_rate(rates: pd.DataFrame) -> None:
    """Growth is learned from other tracts, so a tract without last week's rate gets one too."""
    hidden = rates.index.unique()[0]
    late = (
        (rates.index == hidden)
        & (rates["data_date"] > pd.Timestamp("2020-03-27"))
        & (rates["data_date"] <= pd.Timestamp("2020-04-03"))
    )
    growth = predict_week_growth(build_trajectories(rates[~late], START).until(14))
    assert np.isfinite(growth).all()
    assert growth.std() > 0


def test_later_rates_change_nothing(rates: pd.DataFrame) -> None:
    later = rates.copy()
    after = later["data_date"] > pd.Timestamp("2020-04-19")
    later.loc[after, ["cumulative_share", "internet_share"]] = 0.999
    features = build_features(invent_profiles(rates))
    pd.testing.assert_frame_equal(
        blend_rates(build_trajectories(rates, START), day=30, features=features),
        blend_rates(build_trajectories(later, START), day=30, features=features),
    )


@pytest.mark.parametrize("weights", [(-1.0, 0.5), (1.0, 1.5), (0.0, -0.1)])
def test_impossible_weights_are_refused(weights: tuple[float, float]) -> None:
    with pytest.raises(ModelError, match="out of range"):
        BlendWeights(*weights)


def test_weights_can_be_set_and_are_read_from_the_phase_otherwise(rates: pd.DataFrame) -> None:
    curves = build_trajectories(rates, START)
    alone = blend_rates(curves, day=30, weights=BlendWeights(0, 0))
    np.testing.assert_allclose(alone["ending_share"], curves.cumulative_at(30))
    assert weigh_phase(14) == BlendWeights(*PHASES[14])
    assert PHASES[30][1] < weigh_phase(25).past < PHASES[14][1]
