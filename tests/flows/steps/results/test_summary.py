"""A headline rate says what share of the rated tracts it covers."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from flows.steps.results.summary import describe_rate, measure_rates
from outreach.tables import GeoDataFrame, Tracts, as_geo_table


def make_tracts(households: list[float | None]) -> GeoDataFrame[Tracts]:
    rates = [0.5, 0.7, 0.9]
    table = gpd.GeoDataFrame(
        {
            "name": ["1", "2", "3"],
            "status": "rated",
            "land_km2": 1.0,
            "data_date": pd.Timestamp("2020-06-12"),
            "cumulative_share": rates,
            "internet_share": rates,
            "households_count": pd.array(households, dtype="Float64").to_numpy(
                float, na_value=float("nan")
            ),
            "housing_units_count": float("nan"),
        },
        index=pd.Index(["10001000100", "10001000200", "11001000100"], name="geoid"),
        geometry=[shapely.box(x, 0, x + 1, 1) for x in range(3)],
        crs="EPSG:4326",
    )
    return as_geo_table(table, Tracts)


@pytest.mark.parametrize(
    ("households", "sentence"),
    [
        ([300, 100, 100], "62.00% weighted by households over all 3 rated tracts"),
        (
            [300, 100, None],
            (
                "55.00% weighted by households over 2 of 3 rated tracts (66.7%), because no source"
                " has the others"
            ),
        ),
        (
            [None, None, None],
            (
                "70.00% over 3 rated tracts, each counted alike because no source counts their"
                " households"
            ),
        ),
    ],
)
def test_the_rate_says_which_tracts_it_covers(
    households: list[float | None], sentence: str
) -> None:
    assert describe_rate(measure_rates(make_tracts(households)), 3) == sentence
