"""A table that breaks its declaration stops with the address of the fault."""

from typing import Any

import pandas as pd
import pytest

from outreach import tables
from outreach.errors import DataError, OutOfRange

NORTH, LOOP = "17031010100", "17031320100"


def make(index: list[str] | None = None, **changes: Any) -> pd.DataFrame:
    columns = {
        "data_date": pd.to_datetime(["2020-06-12", "2020-06-12"]),
        "cumulative_share": [0.5, 0.6],
        "internet_share": [0.4, None],
        "daily_share": 0.0,
        "daily_internet_share": 0.0,
    }
    return pd.DataFrame(
        {**columns, **changes}, index=pd.Index(index or [NORTH, LOOP], name="geoid")
    )


def test_a_sound_table_comes_back_with_declared_types_and_extra_columns() -> None:
    checked = tables.check(make(daily_share="0.25", note="x"), tables.ResponseRates, "test")
    assert checked["daily_share"].tolist() == [0.25, 0.25]
    assert checked["note"].tolist() == ["x", "x"]
    assert checked["data_date"].dtype == "datetime64[ns]"


@pytest.mark.parametrize(
    ("table", "error", "sentence"),
    [
        (
            make(cumulative_share=[0.5, 1.4]),
            OutOfRange,
            rf"cook\.csv: ResponseRates\.cumulative_share at {LOOP} is 1\.4, but the rule is",
        ),
        (make(cumulative_share=[0.5, -0.1]), OutOfRange, r"is -0\.1"),
        (make(cumulative_share=[0.5, None]), DataError, rf"cumulative_share at {LOOP} is nan"),
        (make(cumulative_share=["x", 0.5]), DataError, rf"cumulative_share at {NORTH} is 'x'"),
        (make(data_date=["soon", "later"]), DataError, rf"data_date at {NORTH} is 'soon'"),
        (
            make().drop(columns="daily_share"),
            DataError,
            r"the column 'daily_share' of ResponseRates is missing",
        ),
        (make(index=["1703101010", LOOP]), DataError, r"geoid at 1703101010 is '1703101010'"),
        (make().rename_axis("tract"), DataError, r"ResponseRates\.geoid is 'tract'"),
        (make(index=[LOOP, LOOP]), DataError, r"one row for each tract and data date"),
    ],
)
def test_a_fault_is_named_with_origin_column_row_and_value(
    table: pd.DataFrame, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence) as caught:
        tables.check(table, tables.ResponseRates, "cook.csv")
    assert type(caught.value) is error
    assert caught.value.__context__ is None


def test_a_tract_may_stand_on_two_dates_but_in_one_profile() -> None:
    two_dates = make(index=[LOOP, LOOP], data_date=pd.to_datetime(["2020-06-12", "2020-06-15"]))
    assert len(tables.check(two_dates, tables.ResponseRates, "test")) == 2
    with pytest.raises(DataError, match="geoid"):
        tables.check(pd.DataFrame(index=two_dates.index), tables.TractProfiles, "test")
