import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Polygon, box

from models.features.build import build_features
from models.features.predictors import PREDICTORS, Predictor, refuse_protected
from outreach.census.client import discover_datasets
from outreach.errors import DataError, NothingThere

GEOIDS = pd.Index([f"17031{number:06d}" for number in range(12)], name="geoid")


@pytest.fixture
def profile() -> pd.DataFrame:
    households = np.full(12, 100.0)
    return pd.DataFrame(
        {
            "households_count": households,
            "renter_households_count": np.arange(12) * 5.0,
            "housing_units_count": households + 25,
            "cumulative_share": np.linspace(0.2, 0.8, 12),
        },
        index=GEOIDS,
    )


def place(profile: pd.DataFrame) -> gpd.GeoDataFrame:
    squares = [
        box(-87 + 0.01 * number, 41, -87 + 0.01 * (number + 1), 41.01)
        for number in range(len(profile))
    ]
    return gpd.GeoDataFrame(profile.assign(land_km2=1.0), geometry=squares, crs=4326)


def test_shares_are_parts_of_their_whole(profile: pd.DataFrame) -> None:
    frame = build_features(profile).frame
    assert frame["renter_share"].tolist() == pytest.approx(
        (profile["renter_households_count"] / 100).tolist()
    )
    assert frame["vacant_share"].iloc[0] == pytest.approx(0.2)


def test_past_response_and_vacancies_are_the_anchors_and_the_rate_of_all_addresses_needs_none(
    profile: pd.DataFrame,
) -> None:
    assert build_features(profile).anchors == ()
    features = build_features(profile.assign(mail_return_2010_share=0.7))
    names = [features.frame.columns[column] for column in features.anchors]
    assert names == ["mail_return_2010_share", "vacant_share"]
    features = build_features(profile.assign(mail_return_2010_share=0.7, final_2010_share=0.6))
    assert [features.frame.columns[column] for column in features.anchors] == ["final_2010_share"]


def test_a_missing_figure_is_filled_and_counted(profile: pd.DataFrame) -> None:
    profile.loc[GEOIDS[0], "households_count"] = 0.0
    profile.loc[GEOIDS[1], "renter_households_count"] = np.nan
    profile.loc[GEOIDS[2], "renter_households_count"] = np.inf
    features = build_features(profile)
    assert features.filled_count == {"renter_share": 3}
    assert (
        features.frame["renter_share"].iloc[0] == features.frame["renter_share"].iloc[3:].median()
    )
    assert features.frame.notna().all().all()


def test_a_missing_predictor_is_listed_with_its_reason(profile: pd.DataFrame) -> None:
    profile["low_response_score"] = np.nan
    features = build_features(profile)
    assert features.used == ("renter_share", "vacant_share", "housing_units_log")
    assert set(features.used) | set(features.missing) == {
        predictor.name for predictor in PREDICTORS
    }
    assert features.missing["offline_share"] == "no column offline_households_count"
    assert features.missing["low_response_score"] == "100% of the tracts have no value"


def test_every_predictor_is_served_by_a_declared_dataset() -> None:
    served = {
        variable.name for dataset in discover_datasets().values() for variable in dataset.variables
    }
    read = {name for each in PREDICTORS for name in (*each.parts, each.whole) if name}
    assert read - served == {"land_km2"}  # of the boundary file


def test_a_profile_without_predictors_is_refused(profile: pd.DataFrame) -> None:
    with pytest.raises(NothingThere, match="no predictor"):
        build_features(profile[["cumulative_share"]])


@pytest.mark.parametrize(
    "column",
    ["hispanic_count", "black_share", "foreign_born_count", "White_NH", "asian_alone_share"],
)
def test_race_ethnicity_and_nativity_are_refused_as_predictors(
    profile: pd.DataFrame, column: str
) -> None:
    profile[column] = 0.5
    with pytest.raises(DataError, match="protected trait"):
        build_features(
            profile, (Predictor("innocent", "tenure", "innocent", (column,), form="value"),)
        )


def test_no_declared_predictor_is_protected_and_language_is_allowed() -> None:
    refuse_protected(PREDICTORS)
    assert any(
        "limited_english_households_asian_pacific_count" in predictor.parts
        for predictor in PREDICTORS
    )


def test_protected_columns_and_rates_of_the_season_are_never_read(profile: pd.DataFrame) -> None:
    tracts = place(profile)
    changed = tracts.assign(cumulative_share=0.0, internet_share=0.9, hispanic_count=50.0)
    pd.testing.assert_frame_equal(build_features(tracts).frame, build_features(changed).frame)


def test_margins_become_sampling_errors_by_the_handbook(profile: pd.DataFrame) -> None:
    profile["renter_households_count_moe"], profile["households_count_moe"] = 16.45, 8.225
    features = build_features(profile)
    share = features.frame["renter_share"].to_numpy()
    squared = 10.0**2 - (share * 5.0) ** 2
    assert features.error_sd["renter_share"].to_numpy() == pytest.approx(np.sqrt(squared) / 100)
    assert (features.error_sd["housing_units_log"] == 0).all()


def test_means_around_a_tract_leave_it_out(profile: pd.DataFrame) -> None:
    features = build_features(place(profile))
    changed = profile.copy()
    changed.loc[GEOIDS[0], "renter_households_count"] = 100.0
    again = build_features(place(changed))
    moved = (
        features.frame["renter_share_around"] - again.frame["renter_share_around"]
    ).abs() > 1e-12
    assert not moved.iloc[0]
    assert moved.iloc[1:5].all()
    assert features.concept["renter_share_around"] == "tenure around"
    assert features.places == 3


def test_distances_between_places_are_kilometers(profile: pd.DataFrame) -> None:
    where = build_features(place(profile)).frame.filter(like="place_").to_numpy()
    assert np.linalg.norm(where[1] - where[0]) == pytest.approx(
        0.01 * 111.195 * np.cos(np.radians(41.005)), rel=1e-3
    )


def test_a_tract_without_a_polygon_keeps_its_features(profile: pd.DataFrame) -> None:
    tracts = place(profile)
    tracts.loc[GEOIDS[3], "geometry"] = None
    tracts.loc[GEOIDS[4], "geometry"] = Polygon()
    frame = build_features(tracts).frame
    assert len(frame) == 12
    assert frame.notna().all().all()


def test_without_geometry_there_is_no_place_and_no_neighborhood(profile: pd.DataFrame) -> None:
    features = build_features(profile)
    assert features.places == 0
    assert not features.frame.columns.str.endswith("_around").any()
    assert len(features.groups) == features.frame.shape[1]
