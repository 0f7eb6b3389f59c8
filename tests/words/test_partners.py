"""Codes without a partner are counted, named from both sides, and refused beyond a small share."""

import pandas as pd
import pytest

from outreach.errors import InputError
from outreach.partners import match_codes


def match(left: list[str], right: list[str], weights: "pd.Series[float] | None" = None) -> str:
    words = ("targets of the crosswalk", "district of the file", "x.csv")
    return match_codes(left, right, *words, weights)


def test_codes_that_all_meet_need_no_word() -> None:
    assert match(["1", "2", "1"], ["2", "1", "3"]) == ""


@pytest.mark.parametrize(
    ("left", "right", "sentence"),
    [
        (
            [f"{ward:02d}" for ward in range(1, 13)],
            [str(ward) for ward in range(1, 13)],
            r"9 of 12 targets of the crosswalk \(such as 01\) are no district of .* \(such as 1\)",
        ),
        (["1", "x"], ["1"], r"1 of 2 targets of the crosswalk \(such as x\) is no district"),
        (["1"], [], r"1 of 1 targets of the crosswalk \(such as 1\) is no district of the file\."),
        (["Ward 1"], ["1"], r"such as Ward 1\) is no district of the file \(such as 1\)"),
    ],
)
def test_many_unmet_codes_are_refused_with_examples(
    left: list[str], right: list[str], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        match(left, right)


def test_few_unmet_codes_give_a_sentence() -> None:
    codes = [str(code) for code in range(100)]
    assert match(codes, codes[1:]).startswith("1 of 100 targets of the crosswalk (such as 0) is no")


def test_households_decide_where_they_are_given() -> None:
    households = pd.Series({"a": 999.0, "b": 1.0})
    assert "with 0.10% of the households, is no district" in match(["a", "b"], ["a"], households)
    with pytest.raises(InputError, match=r"with 100% of the households, is no"):
        match(["a", "b"], ["b"], households)
