"""No text of a table starts a formula, and figures are written unchanged."""

import csv
import io
from decimal import Decimal

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from outreach.spreadsheet import defuse_text, write_csv, write_table

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
    content = write_table([(Decimal("-87.5"), "-87.5")], None, bom=False)
    assert content == b"-87.5,'-87.5\r\n"


def test_every_text_of_a_data_frame_is_defused_and_every_figure_stays() -> None:
    table = pd.DataFrame(
        {
            "=a": ["@SUM(A1)", "plain"],
            "figure": [-1.5, 2.0],
            "kind": pd.Categorical(["+1", "b"]),
            "mixed": ["=1", None],
        },
        index=pd.MultiIndex.from_tuples([("=x", 1), ("y", -2)], names=["place", "number"]),
    )
    assert write_csv(table).splitlines() == [
        "place,number,'=a,figure,kind,mixed",
        "'=x,1,'@SUM(A1),-1.5,'+1,'=1",
        "y,-2,plain,2.0,b,",
    ]
    assert write_csv(table, index=False, line_end="\r\n").endswith("plain,2.0,b,\r\n")
    assert table["=a"].tolist() == ["@SUM(A1)", "plain"]
