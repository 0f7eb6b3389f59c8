"""The people of the invented county relate to response as in reality."""

import numpy as np
import pandas as pd
import pytest
import shapely

from outreach.sandbox.county.world import InventedCounty
from tests.sandbox.county.served import (
    find_share,
    read_rows,
)


def test_predictors_correlate_with_response_as_in_reality(county: InventedCounty) -> None:
    final = county.truth.final_share
    acs, planning = read_rows(county, 2022, "acs/acs5"), read_rows(county, 2020, "pdb/tract")

    def correlate(figure: "pd.Series[float]") -> float:
        return float(pd.concat([figure, final], axis=1).dropna().corr().iloc[0, 1])

    assert -0.92 < correlate(pd.to_numeric(planning["Low_Response_Score"])) < -0.83
    assert -0.85 < correlate(find_share(acs, "B25003_003E", "B25003_001E")) < -0.4
    assert -0.8 < correlate(find_share(acs, "B17001_002E", "B17001_001E")) < -0.3
    assert -0.7 < correlate(find_share(acs, "B28002_013E", "B28002_001E")) < -0.1
    assert (
        0.8
        < correlate(pd.to_numeric(read_rows(county, 2010, "dec/responserate")["FSRR2010"]))
        < 0.95
    )
    assert 0.08 < final.std() < 0.16


def test_factors_are_smooth_in_space(county: InventedCounty) -> None:
    tracts = county.ground.dissolve("tract20")
    poverty = county.people[2020].table["poverty"]
    middle = tracts.centroid
    tree = shapely.STRtree(middle.to_numpy())
    near = tree.query(middle.to_numpy(), predicate="dwithin", distance=1_500)
    pairs = near[:, near[0] < near[1]]
    assert np.corrcoef(poverty.to_numpy()[pairs[0]], poverty.to_numpy()[pairs[1]])[0, 1] > 0.5


@pytest.mark.parametrize(
    ("total", "parts"),
    [
        ("B25003_001", ["B25003_002", "B25003_003"]),
        ("B25003_001", ["B28002_002", "B28002_012", "B28002_013"]),
        ("B17001_002", ["C17002_002", "C17002_003"]),
        ("C17002_001", [f"C17002_{number:03d}" for number in range(2, 9)]),
        ("B25003_001", ["B28001_002", "B28001_011"]),
        ("B25003_002", [f"B25007_{number:03d}" for number in range(3, 12)]),
        ("B25003_001", ["C16002_002", "C16002_003", "C16002_006", "C16002_009", "C16002_012"]),
        ("B25001_001", ["B25002_002", "B25002_003"]),
        ("B01001_001", ["B25008_001", "B26001_001"]),
        ("C16001_001", ["C16001_002", *(f"C16001_{number:03d}" for number in range(3, 39, 3))]),
    ],
)
def test_the_cells_of_a_table_add_up(county: InventedCounty, total: str, parts: list[str]) -> None:
    acs = read_rows(county, 2018, "acs/acs5")
    summed = sum(pd.to_numeric(acs[f"{part}E"]) for part in parts)
    assert (summed == pd.to_numeric(acs[f"{total}E"])).all()


def test_margins_of_error_match_the_spread_of_surveys(county: InventedCounty) -> None:
    surveys = [read_rows(county, year, "acs/acs5") for year in (2020, 2021, 2022, 2023, 2024)]
    renters = pd.concat([pd.to_numeric(survey["B25003_003E"]) for survey in surveys], axis=1)
    inhabited = renters.mean(axis=1) > 100
    seen = renters[inhabited].std(axis=1).median()
    stated = pd.to_numeric(surveys[0]["B25003_003M"])[inhabited].median() / 1.645
    assert 0.5 < seen / stated < 1.5


def test_the_median_of_an_empty_tract_is_a_jam_value(county: InventedCounty) -> None:
    acs = read_rows(county, 2018, "acs/acs5")
    empty = acs[pd.to_numeric(acs["B25003_001E"]) == 0]
    assert len(empty) >= 8
    assert set(empty["B19013_001E"]) == {"-666666666"}
    assert set(empty["B19013_001M"]) == {"-222222222"}
    assert read_rows(county, 2020, "pdb/tract").loc[empty.index, "Low_Response_Score"].isna().all()
