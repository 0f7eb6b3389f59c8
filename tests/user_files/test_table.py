"""A user's table reads the same whatever program saved it, and a spoiled one is named."""

import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from outreach.errors import InputError
from outreach.user_files.table import read_table

NEEDED = ("GEO_ID", "NAME", "CRRALL")
ROWS = [["17031010100", "Peña", "61.3"], ["17031010201", "O'Hare", "55.0"]]
TEXT = "GEO_ID,NAME,CRRALL\n17031010100,Peña,61.3\n17031010201,O'Hare,55.0\n"


def save(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zip_up(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def write_workbook(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


SAVED = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "Windows-1252": TEXT.encode("cp1252"),
    "semicolons": TEXT.replace(",", ";").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "bars": TEXT.replace(",", " | ").encode(),
    "Windows line ends": TEXT.replace("\n", "\r\n").encode(),
    "blanks in the header": TEXT.replace("GEO_ID,NAME", " GEO_ID , NAME\u00a0").encode(),
    "lower case": TEXT.replace("GEO_ID,NAME,CRRALL", "geo_id,name,crrall").encode(),
    "guards": TEXT.replace("17031010100", '"=""17031010100"""').encode(),
    "apostrophes": TEXT.replace("17031010100", "'17031010100").encode(),
    "quotes": TEXT.replace("Peña", '"Peña"').replace("17031010201", '"17031010201"').encode(),
    "blank last rows": (TEXT + ",,\n , ,\n\n").encode(),
    "trailing separators": TEXT.replace("\n", ",,\n").encode(),
    "gzip": gzip.compress(TEXT.encode()),
    "zip": zip_up({"rates.csv": TEXT.encode()}),
    "zip with a folder": zip_up({"day/": b"", "day/rates.csv": TEXT.encode()}),
    "zip from a Mac": zip_up({"__MACOSX/._rates.csv": b"junk", "rates.csv": TEXT.encode()}),
    "zip with a note": zip_up({"readme.md": b"hello", "rates.csv": TEXT.encode()}),
}


@pytest.mark.parametrize("kind", SAVED)
def test_every_way_to_save_a_table_reads_the_same(tmp_path: Path, kind: str) -> None:
    table = read_table(save(tmp_path, "rates.csv", SAVED[kind]), "rates", NEEDED)
    assert table.to_numpy().tolist() == ROWS
    assert tuple(table.columns) == NEEDED


def test_a_workbook_reads_as_text(tmp_path: Path) -> None:
    rows = [
        ["GEO_ID", "NAME", "CRRALL"],
        [17031010100, "Peña", 61.3],
        ["17031010201", "O'Hare", 55],
    ]
    path = write_workbook(tmp_path / "rates.xlsx", {"notes": [["see", "below"]], "rates": rows})
    table = read_table(path, "rates", NEEDED)
    assert table["GEO_ID"].tolist() == ["17031010100", "17031010201"]
    assert table["CRRALL"].tolist() == ["61.3", "55"]


def test_a_workbook_in_a_zip_is_found(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"s": [["GEO_ID", "NAME", "CRRALL"], ROWS[0]]})
    packed = save(tmp_path, "b.zip", zip_up({"a/a.xlsx": path.read_bytes()}))
    assert read_table(packed, "rates", NEEDED).to_numpy().tolist() == [ROWS[0]]


def test_two_sheets_that_fit_are_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [["GEO_ID", "NAME", "CRRALL"], [*ROWS[0]]]
    path = write_workbook(tmp_path / "a.xlsx", {"May": rows, "June": rows})
    with pytest.raises(InputError, match="several sheets that could be rates: May, June"):
        read_table(path, "rates", NEEDED)


REFUSED = {
    "": "is empty",
    "   \n \n": "is empty",
    "<!DOCTYPE html><html>": "is a web page, not rates",
    "%PDF-1.7": "is a PDF, not rates",
    "a\x00\x01\x02b\x03": "is not text",
    "GEO_ID,NAME\n1,a\n": "has no column CRRALL. Its columns are GEO_ID, NAME",
    TEXT + "17031010300,Smith, John,50.0\n": r"data row 3 has more cells than the header",
    'GEO_ID,NAME,CRRALL\n1,"a,3\n': "a quotation mark opens a cell that never closes",
    "GEO_ID,NAME,CRRALL,crrall\n1,a,3,4\n": "CRRALL appears 2 times, and in data row 1",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_table_is_refused_in_plain_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=REFUSED[text]) as caught:
        read_table(save(tmp_path, "rates.csv", text.encode()), "rates", NEEDED)
    assert "codec" not in str(caught.value)
    assert "tokeniz" not in str(caught.value)


def test_a_column_that_appears_twice_and_agrees_is_read_once(tmp_path: Path) -> None:
    path = save(tmp_path, "a.csv", b"GEO_ID,NAME,CRRALL,CRRALL\n1,a,3,3\n")
    assert read_table(path, "rates", NEEDED).to_numpy().tolist() == [["1", "a", "3"]]


ARCHIVES = {
    "empty": (zip_up({}), "is an empty zip archive"),
    "nothing wanted": (zip_up({"a.pdf": b"x"}), "holds no file that could be rates"),
    "several": (zip_up({"a.csv": b"x", "b.csv": b"y"}), "several files .*: a.csv, b.csv"),
    "damaged": (zip_up({"a.csv": b"x" * 999})[:60], "is a damaged zip archive"),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_without_one_wanted_file_says_so(tmp_path: Path, kind: str) -> None:
    content, message = ARCHIVES[kind]
    with pytest.raises(InputError, match=message):
        read_table(save(tmp_path, "a.zip", content), "rates", NEEDED)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "none.csv", "rates")
    with pytest.raises(InputError, match="it is a folder"):
        read_table(tmp_path, "rates")


def test_without_names_every_column_is_read(tmp_path: Path) -> None:
    table = read_table(save(tmp_path, "a.csv", b"\xef\xbb\xbfa, B\n1,2\n"), "a table")
    pd.testing.assert_frame_equal(table, pd.DataFrame({"a": ["1"], "B": ["2"]}), check_dtype=False)
