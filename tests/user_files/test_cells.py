"""Codes, days and figures come out as they were meant, or the first wrong one is named."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import InputError
from outreach.user_files import cells


def column(*values: str, name: str = "GEO_ID") -> "pd.Series[str]":
    return pd.Series([*values], name=name, dtype="str")


def test_lost_zeros_come_back() -> None:
    codes = cells.read_codes(column("1001020100", "17031010100", "17031010200.0"), 11, "f.csv")
    assert codes.tolist() == ["01001020100", "17031010100", "17031010200"]
    assert cells.read_codes(column("501", "60601"), 5, "f.csv", lost_zeros=2).tolist() == [
        "00501",
        "60601",
    ]


@pytest.mark.parametrize("code", ["1.7031E+10", "1.70310101E+10", "9.00E+06", "1,7031E+10", "2e7"])
def test_a_code_that_a_spreadsheet_rounded_is_named(code: str) -> None:
    with pytest.raises(InputError, match="a spreadsheet rounded the code"):
        cells.read_codes(column("17031010100", code), 11, "f.csv")


@pytest.mark.parametrize("code", ["", "170310101", "1703101010O", "-7031010100", "170310101001"])
def test_what_is_no_code_is_quoted(code: str) -> None:
    with pytest.raises(InputError, match=f"is '{code}', not a code of 11 digits"):
        cells.read_codes(column("17031010100", code), 11, "f.csv")


@given(st.lists(st.integers(1001000100, 56045999999), min_size=1, max_size=20))
def test_every_tract_code_survives_the_loss_of_its_zero(numbers: list[int]) -> None:
    codes = [f"{number:011d}" for number in numbers]
    assert cells.read_codes(column(*map(str, numbers)), 11, "f.csv").tolist() == codes


TRACTS = {
    ("010100", "840101"): ["010100", "840101"],
    ("10100", "840101"): ["010100", "840101"],
    ("101.00", "8401.01"): ["010100", "840101"],
    ("101", "8401.01"): ["010100", "840101"],
    ("1.5", "12"): ["000150", "001200"],
}


@pytest.mark.parametrize("written", TRACTS)
def test_labels_and_codes_of_tracts_mean_the_same(written: tuple[str, ...]) -> None:
    assert cells.read_tract_codes(column(*written), "f.csv").tolist() == TRACTS[written]


@pytest.mark.parametrize("written", [("101", "8401"), ("101",), ("0101", "8401")])
def test_labels_that_could_be_codes_are_refused(written: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match=r"can be the label of tract .* or a code that lost"):
        cells.read_tract_codes(column(*written, name="tract"), "f.csv")


DAYS = [
    "2020-10-16",
    "2020-10-16T20:00:00-05:00",
    "2020-10-16T23:59:59Z",
    "2020-10-16 00:00:00+09:00",
    "2020-10-16T00:00:00.000",
    "10/16/2020",
    "10/16/20",
    "10/16/2020 8:00:00 PM",
    "20201016",
]


@pytest.mark.parametrize("day", DAYS)
def test_a_day_is_the_one_that_is_written(day: str) -> None:
    assert cells.parse_days(column(day)).tolist() == [pd.Timestamp("2020-10-16")]


@pytest.mark.parametrize("day", ["", "2020", "2020-13-01", "16.10.2020", "44120", "2020-10-166"])
def test_what_is_no_day_is_missing(day: str) -> None:
    assert cells.parse_days(column("2020-10-16", day)).isna().tolist() == [False, True]


def test_figures_may_have_commas_and_blanks() -> None:
    figures = cells.read_numbers(column("1,234.5", "", "(X)", "-3"), "f.csv", blank=True)
    assert figures.tolist()[0::3] == [1234.5, -3.0]
    assert figures.isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize("figure", ["", "inf", "1,23", "abc", "-1", "61,3"])
def test_a_wrong_figure_is_quoted(figure: str) -> None:
    with pytest.raises(InputError, match="in data row 2, not a number of 0 or more"):
        cells.read_numbers(column("1", figure), "f.csv", low=0)


def test_pairs_that_repeat_are_named() -> None:
    table = pd.DataFrame({"TRACT": ["1", "1", "1"], "ZIP": ["a", "b", "a"]})
    with pytest.raises(InputError, match="TRACT 1 and ZIP a appear in more than one row"):
        cells.refuse_repeats(table, ("TRACT", "ZIP"), "f.csv")
