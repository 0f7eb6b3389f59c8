"""No text starts a formula, and figures keep their form."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.exporters.base.cells import (
    defuse_text,
    floor_cents,
    format_degrees,
    format_figure,
    write_table,
)

#: Spreadsheets read these as a formula, even after invisible characters.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
INVISIBLE = " \u00a0\ufeff\u200b\u200e\u2060\t\r\n\0"

hostile = st.one_of(
    st.text(),
    st.text(alphabet=[*FORMULA, *INVISIBLE, "A", "1", '"', ",", "'"]),
    st.sampled_from(
        [
            "=HYPERLINK(1)",
            "\ufeff=1+1",
            " @SUM(A1)",
            "\u200b-2",
            "+cmd|' /C calc'!A0",
            '"=1',
            "\r\n=1",
        ]
    ),
)


@given(hostile)
def test_no_text_starts_a_formula_even_after_invisible_characters(text: str) -> None:
    safe = defuse_text(text)
    assert not safe.lstrip(INVISIBLE).startswith(FORMULA)
    assert not any(character in safe for character in "\r\n\t\0")


@given(hostile)
def test_defusing_twice_changes_nothing(text: str) -> None:
    assert defuse_text(defuse_text(text)) == defuse_text(text)


@given(st.lists(st.tuples(hostile, hostile), min_size=1))
def test_a_table_reads_back_with_as_many_rows_and_no_formula(rows: list[tuple[str, str]]) -> None:
    content = write_table(rows, ("a", "b"), bom=True)
    back = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert back[0] == ["a", "b"]
    assert len(back) == len(rows) + 1
    assert not any(cell.lstrip(INVISIBLE).startswith(FORMULA) for row in back[1:] for cell in row)


def test_a_figure_is_written_unchanged_and_text_is_defused() -> None:
    content = write_table([(format_degrees(-87.5), "-87.5")], None, bom=False)
    assert content == b"-87.500000,'-87.5\r\n"


@given(st.floats(-180, 180))
def test_an_angle_has_six_decimals_and_no_exponent(angle: float) -> None:
    text = str(format_degrees(angle))
    assert len(text.split(".")[1]) == 6
    assert "e" not in text.lower()


@pytest.mark.parametrize(
    ("money", "cents"), [(0.019, "0.01"), (12.3, "12.3"), (0.29, "0.29"), (1e6 / 3, "333333.33")]
)
def test_money_is_never_rounded_up(money: float, cents: str) -> None:
    assert floor_cents(money) == Decimal(cents)


def test_a_missing_figure_is_an_empty_cell() -> None:
    assert format_figure(float("nan")) == ""
    assert str(format_figure(1200.0)) == "1200"
    assert str(format_figure(0.5)) == "0.5"
