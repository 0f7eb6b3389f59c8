import numpy as np
import pandas as pd
import pytest

from outreach.errors import DataError
from outreach.rates import (
    average_dates,
    average_groups,
    average_rate,
    measure_change,
    pivot_rates,
)


def make_history(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["geoid", "data_date", "cumulative_share"])
    return table.assign(data_date=pd.to_datetime(table["data_date"])).set_index("geoid")


def make_matrix(dates: list[str], *rows: list[float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=pd.to_datetime(dates))


def test_a_history_becomes_a_matrix_in_order_with_gaps() -> None:
    history = make_history(
        ("17031000200", "2020-04-02", 0.5),
        ("17031000100", "2020-04-02", 0.4),
        ("17031000100", "2020-04-01", 0.3),
    )
    matrix = pivot_rates(history)
    assert matrix.index.tolist() == ["17031000100", "17031000200"]
    assert matrix.columns.tolist() == list(pd.to_datetime(["2020-04-01", "2020-04-02"]))
    np.testing.assert_array_equal(matrix.to_numpy(), [[0.3, 0.4], [np.nan, 0.5]])


def test_an_index_without_a_name_holds_tracts_all_the_same() -> None:
    history = make_history(("17031000100", "2020-04-01", 0.3)).rename_axis(None)
    assert pivot_rates(history).loc["17031000100"].tolist() == [0.3]


def test_a_tract_twice_on_a_date_is_refused_even_with_the_same_rate() -> None:
    history = make_history(
        ("17031000100", "2020-04-01", 0.3),
        ("17031000100", "2020-04-02", 0.3),
        ("17031000100", "2020-04-02", 0.3),
    )
    with pytest.raises(DataError, match="tract 17031000100 twice on 2020-04-02") as failure:
        pivot_rates(history)
    assert failure.value.todo


def test_a_change_counts_the_days_that_really_passed() -> None:
    # Friday the 3rd is the last date at least 7 days before Monday the 13th: 10 days.
    matrix = make_matrix(["2020-04-03", "2020-04-07", "2020-04-13"], [0.40, 0.47, 0.50])
    assert measure_change(matrix, 7).iloc[0] == pytest.approx(0.10 * 7 / 10)


def test_a_change_is_missing_where_the_season_is_too_short_or_a_rate_is() -> None:
    matrix = make_matrix(["2020-04-01", "2020-04-08"], [0.4, 0.5], [np.nan, 0.5])
    assert measure_change(matrix, 7).isna().tolist() == [False, True]
    assert measure_change(matrix, 8).isna().all()


def test_a_mean_leaves_out_places_without_a_rate_or_households() -> None:
    rates = pd.Series([0.2, 0.8, np.nan, 0.9, 0.1])
    households = pd.Series([300.0, 100.0, 1000.0, np.nan, 0.0])
    assert average_rate(rates, households) == pytest.approx((0.2 * 300 + 0.8 * 100) / 400)
    assert np.isnan(average_rate(rates, households * 0))


def test_groups_are_averaged_over_the_households_that_have_each_rate() -> None:
    rates = pd.DataFrame({"a": [0.2, 0.8, 0.5], "b": [np.nan, 0.6, np.nan]})
    households = pd.Series([300.0, 100.0, np.nan])
    averages, behind = average_groups(rates, households, pd.Series(["x", "x", "y"], name="ward"))
    assert averages.index.name == "ward"
    assert averages.loc["x"].tolist() == pytest.approx([0.35, 0.6])
    assert averages.loc["y"].isna().all()
    assert behind.loc["x"].tolist() == [400.0, 100.0]


def test_each_date_is_averaged_over_the_places_that_have_a_rate_on_it() -> None:
    rates = np.array([[0.2, np.nan], [0.4, 0.8], [np.nan, np.nan]])
    households = np.array([[100.0, 300.0], [0.0, 300.0]])
    averages = average_dates(rates, households)
    np.testing.assert_allclose(averages, [[0.2, np.nan], [0.7, 0.8], [np.nan, np.nan]])
