"""The results of several cities, combined."""

import numpy as np
import pandas as pd
import pytest

from models.trial.readout.pool import leave_each_out, pool_effects
from outreach.errors import ModelError

#: Standard error of a city, and an effect that it finds alone with a power of 0.3.
_ERROR = 0.00139
_EFFECT = 0.002


def _make_cities(estimates: list[float], errors: list[float] | float = _ERROR) -> pd.DataFrame:
    index = [f"City {number}" for number in range(len(estimates))]
    return pd.DataFrame({"estimate_share": estimates, "standard_error_share": errors}, index=index)


def test_the_fixed_effect_weighs_by_inverse_variance() -> None:
    pooled = pool_effects(_make_cities([0.002, 0.004], [0.001, 0.002]))

    assert pooled.fixed.estimate_share == pytest.approx((0.002 * 4 + 0.004 * 1) / 5)
    assert pooled.fixed.standard_error_share == pytest.approx(0.001 / np.sqrt(1.25))
    assert list(pooled.weights["fixed_weight_share"]) == pytest.approx([0.8, 0.2])


def test_cities_that_differ_more_than_chance_widen_the_random_effect() -> None:
    alike = pool_effects(_make_cities([0.002, 0.0021, 0.0019, 0.002]))
    unlike = pool_effects(_make_cities([0.012, -0.008, 0.009, -0.005]))

    assert alike.spread_share == 0
    assert alike.heterogeneity_share == 0
    assert unlike.spread_share == pytest.approx(np.std([12, -8, 9, -5], ddof=1) / 1000, rel=0.05)
    assert unlike.heterogeneity_share > 0.9
    assert unlike.heterogeneity_p_value < 0.001
    assert unlike.random.standard_error_share > 4 * unlike.fixed.standard_error_share


def test_equal_estimates_have_a_range_by_their_errors() -> None:
    pooled = pool_effects(_make_cities([0.002, 0.002, 0.002]))

    assert pooled.heterogeneity_share == 0
    assert pooled.random.standard_error_share == pytest.approx(_ERROR / np.sqrt(3))


def test_each_city_is_left_out_once() -> None:
    effects = _make_cities([0.001, 0.002, 0.009])

    without = leave_each_out(effects)

    rest = pool_effects(effects.iloc[:2]).random
    assert without.loc["City 2", "estimate_share"] == pytest.approx(rest.estimate_share)
    assert without.loc["City 2", "high_share"] == pytest.approx(rest.high_share)
    assert leave_each_out(effects.iloc[:2]).isna().all(axis=None)


@pytest.mark.parametrize(
    ("effect", "spread", "least", "most"),
    [(_EFFECT, 0.0, 0.9, 1.0), (0.0, 0.0, 0.035, 0.065), (0.0, 0.001, 0.035, 0.065)],
    ids=["eight cities of power 0.3", "the null", "the null on average"],
)
def test_eight_cities_together(effect: float, spread: float, least: float, most: float) -> None:
    rng = np.random.default_rng(8)
    found, alone = [], []
    for _ in range(1000):
        truth = effect + spread * rng.standard_normal(8)
        estimates = truth + _ERROR * rng.standard_normal(8)
        found.append(pool_effects(_make_cities(list(estimates))).random.p_value < 0.05)
        alone.extend(np.abs(estimates) > 1.96 * _ERROR)

    assert least <= np.mean(found) <= most
    if effect:
        assert np.mean(alone) == pytest.approx(0.3, abs=0.02)


def test_what_cannot_be_combined_is_refused() -> None:
    with pytest.raises(ModelError, match="at least two cities"):
        pool_effects(_make_cities([0.002]))
    with pytest.raises(ModelError, match="City 1 has no usable standard error"):
        pool_effects(_make_cities([0.002, 0.001], [0.001, 0.0]))
    with pytest.raises(ModelError, match="City 0 has two results"):
        pool_effects(pd.concat([_make_cities([0.002])] * 2))
