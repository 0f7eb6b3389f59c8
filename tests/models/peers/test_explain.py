import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from models.features.build import Features, build_features
from models.peers.drivers import rank_drivers
from models.peers.explain import explain_points, find_comparable, give_reasons
from models.peers.regressor import PeerRegressor
from outreach.errors import DataError


@pytest.fixture(scope="module")
def county() -> tuple[Features, "pd.Series[float]", PeerRegressor]:
    """Tracts whose rate falls with renters, and with nothing else."""
    rng = np.random.default_rng(5)
    index = pd.Index([f"99003{number:06d}" for number in range(300)], name="geoid")
    profile = pd.DataFrame(
        {
            "households_count": 1000.0,
            "renter_households_count": rng.uniform(50, 900, 300),
            "offline_households_count": rng.uniform(0, 400, 300),
            "low_response_score": rng.uniform(10, 40, 300),
            "housing_units_count": 1100.0,
        },
        index=index,
    )
    features = build_features(profile)
    rate = pd.Series(
        expit(1.5 - 2.5 * features.frame["renter_share"] + rng.normal(0, 0.05, 300)), index=index
    )
    return (
        features,
        rate,
        PeerRegressor(features.groups, features.places, "logit").fit(
            features.frame.to_numpy(), rate
        ),
    )


def test_points_add_up_to_the_difference_from_a_typical_tract(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, _, model = county
    points = explain_points(model, features)
    rows = features.frame.to_numpy()
    typical = np.median(rows, axis=0, keepdims=True)
    assert points.sum(axis=1).to_numpy() == pytest.approx(
        100 * (model.predict(rows) - model.predict(typical)), abs=1e-6
    )


def test_the_planted_driver_is_named_with_its_direction_and_size(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, _, model = county
    geoid = str(features.frame["renter_share"].idxmax())
    points = explain_points(model, features, [geoid])
    reason = give_reasons(points, features)[geoid]
    renters = round(100 * features.frame.loc[geoid, "renter_share"])
    assert reason.startswith(f"renters {renters}% (")
    difference = 100 * (
        expit(1.5 - 2.5 * features.frame.loc[geoid, "renter_share"])
        - expit(1.5 - 2.5 * features.frame["renter_share"].median())
    )
    assert "response; " not in reason.split(" points less response")[0]
    size = float(reason.split("which goes with ")[1].split(" points less response")[0])
    assert size == pytest.approx(-difference, abs=1.5)
    assert difference < -10


def test_a_typical_tract_has_nothing_to_explain(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, _, _ = county
    nothing = pd.DataFrame(0.0, index=features.frame.index[:1], columns=list(features.concept))
    assert give_reasons(nothing, features).iloc[0] == ""


def test_comparable_tracts_are_similar_and_never_the_tract_itself(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, _, model = county
    pairs = find_comparable(model, features, count=4)
    assert (pairs["geoid"] != pairs["comparable"]).all()
    assert pairs.groupby("geoid").size().eq(4).all()
    assert pairs.groupby("geoid")["dissimilarity"].is_monotonic_increasing.all()
    renters, offline = features.frame["renter_share"], features.frame["offline_share"]
    apart = {
        name: np.abs(
            share[pairs["geoid"]].to_numpy() - share[pairs["comparable"]].to_numpy()
        ).mean()
        / share.std()
        for name, share in {"renters": renters, "offline": offline}.items()
    }
    assert apart["renters"] < 0.5 * apart["offline"]


def test_the_planted_driver_ranks_first_on_held_out_parts(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, rate, _ = county
    drivers = rank_drivers(features, rate, folds=3, repeats=1)
    assert drivers.index[0] == "tenure"
    assert drivers["loss_points"].iloc[0] > 5
    assert drivers["loss_points"].iloc[1:].abs().max() < 0.5
    assert drivers.loc["tenure", "driver"] == "tenure: renters, vacant homes"
    assert drivers.loc["tenure", "verdict"] == "matters"
    assert (drivers["lowest_points"] <= drivers["loss_points"]).all()
    assert (drivers["loss_points"] <= drivers["highest_points"]).all()
    part = rank_drivers(features, rate, folds=3, repeats=1, most=120)
    assert part.index[0] == "tenure"
    assert part.loc["tenure", "loss_points"] != drivers.loc["tenure", "loss_points"]


def test_the_tracts_to_choose_from_can_be_limited(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, _, model = county
    allowed = list(features.frame.index[:50])
    assert set(find_comparable(model, features, among=allowed)["comparable"]) <= set(allowed)
    assert find_comparable(model, features, most=40)["comparable"].nunique() <= 40


def test_an_unknown_tract_is_refused(
    county: tuple[Features, "pd.Series[float]", PeerRegressor],
) -> None:
    features, _, model = county
    with pytest.raises(DataError, match="1 tracts have no features"):
        explain_points(model, features, ["17031000000"])
