"""Who gets a mail is read from any table, and what is wrong in it is named."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest

from outreach.errors import ExportError, InputError
from outreach.reports.data.inputs import ReportView
from outreach.reports.mail.recipients import (
    Recipient,
    find_district,
    parse_recipient,
    read_address,
    read_allow_list,
    read_recipients,
)


def test_recipients_come_from_a_table_or_the_command_line(view: ReportView, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "Address,District,Language\nana@city.example,ward 2,es\n\nbob@city.example,season,\n",
        "utf-8-sig",
    )
    listed = read_recipients(file)
    assert listed == [
        Recipient("ward 2", "ana@city.example", "es"),
        Recipient("season", "bob@city.example"),
    ]
    assert [find_district(one, view) for one in listed] == ["../2", None]
    assert find_district(parse_recipient("1=ana@city.example"), view) == "1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ward,address\n1,ana@city.example\n", "has no column district"),
        ("district,address\n1,ana@city.example\n2,\n", "data row 2, has no address"),
        ("district,address\n1,ana\n", "data row 1: 'ana' is not a mail address"),
    ],
)
def test_a_faulty_list_of_recipients_is_reported_by_line(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises((ExportError, InputError), match=sentence):
        read_recipients(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_recipients_are_read_whatever_program_saved_them(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    rows = [("District ", "ADDRESS"), ("Doña Ana", "ana@city.example"), ('"=""07"""', "b@city.org")]
    file = tmp_path / "people.csv"
    file.write_bytes("\n".join(separator.join(row) for row in rows).encode(encoding))
    listed = [Recipient("Doña Ana", "ana@city.example"), Recipient("07", "b@city.org")]
    assert read_recipients(file) == listed
    with zipfile.ZipFile(tmp_path / "people.zip", "w") as archive:
        archive.write(file, "lists/people.csv")
        archive.writestr("__MACOSX/lists/._people.csv", b"x")
    assert read_recipients(tmp_path / "people.zip") == listed


def test_recipients_come_from_a_workbook_with_numbered_districts(tmp_path: Path) -> None:
    table = pd.DataFrame({"district": [7], "address": ["ana@city.example"]})
    table.to_excel(tmp_path / "people.xlsx", index=False)
    assert read_recipients(tmp_path / "people.xlsx") == [Recipient("7", "ana@city.example")]


def test_an_allow_list_is_read_in_any_encoding_and_a_missing_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "allowed.txt"
    file.write_bytes("@city.example  # Doña\none@other.example\n".encode("utf-16"))
    assert read_allow_list(file) == ("@city.example", "one@other.example")
    with pytest.raises(InputError, match=r"Cannot read .*gone\.txt"):
        read_allow_list(tmp_path / "gone.txt")


def test_an_unknown_district_is_refused_with_examples(view: ReportView) -> None:
    with pytest.raises(ExportError, match=r"No Ward is called '51'.*such as 1, "):
        find_district(Recipient("51", "ana@city.example"), view)


@pytest.mark.parametrize("text", ["ana@city.example", " o'hara+census@mail.city.example ", "a@b"])
def test_an_address_is_read_without_the_network(text: str) -> None:
    assert str(read_address(text)) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["ana", "@city.example", "ana@", "a b@city.example", "ana@city..example", "ana@-city.example"],
)
def test_invalid_addresses_are_refused(text: str) -> None:
    with pytest.raises(ExportError, match="is not a mail address"):
        read_address(text)
