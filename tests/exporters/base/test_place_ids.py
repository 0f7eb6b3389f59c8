"""A platform's list gives each ZIP the ID that is valid, however the list was packed or saved."""

import zipfile
from pathlib import Path

import pytest

from outreach.errors import InputError
from outreach.exporters.base.place_ids import read_geotargets, read_location_codes
from outreach.exporters.base.rules import load_rules

HEADER = "Criteria ID,Name,Canonical Name,Parent ID,Country Code,Target Type,Status"
CODES = "Location Id,AdWords Location Id,Location Type,Status"


def write_list(folder: Path, *rows: tuple[str, str, str], header: str = HEADER) -> Path:
    """Write a list of geo targets: ID, ZIP and status of each row."""
    path = folder / "geotargets.csv"
    lines = [
        f'{number},{code},"Somewhere,Massachusetts,United States",21152,US,Postal Code,{status}'
        for number, code, status in rows
    ]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> dict[str, str]:
    return read_geotargets(path, load_rules("google"))


@pytest.mark.parametrize("first", ["Removal Planned", "removal planned", "Paused"])
def test_an_active_id_goes_before_one_planned_for_removal(tmp_path: Path, first: str) -> None:
    path = write_list(
        tmp_path,
        ("1000000", "01001", first),
        ("1000001", "01002", first),
        ("9000000", "01001", "Active"),
        ("9000003", "01003", "Active"),
        ("1000003", "01003", first),
    )
    assert read(path) == {"01001": "9000000", "01003": "9000003", "01002": "1000001"}


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("9.00E+06", r"Criteria ID is '9.00E\+06': a spreadsheet rounded"),
        ("9e6", "a spreadsheet rounded"),
        ("9000000.5", "is '9000000.5', not a whole number"),
        ("", "is '', not a whole number"),
        ("-1", "is '-1', not a whole number"),
        ("#REF!", "is '#REF!', not a whole number"),
    ],
)
def test_an_id_that_is_no_whole_number_is_refused(
    tmp_path: Path, number: str, sentence: str
) -> None:
    path = write_list(tmp_path, ("9000001", "01002", "Active"), (number, "01001", "Active"))
    with pytest.raises(InputError, match=sentence):
        read(path)


def test_a_spoiled_id_of_another_country_does_no_harm(tmp_path: Path) -> None:
    path = write_list(tmp_path, ("9000001", "01002", "Active"))
    with path.open("a", encoding="utf-8") as file:
        file.write("9.00E+06,75001,Paris,1,FR,Postal Code,Active\n")
    assert read(path) == {"01002": "9000001"}


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ([("9000001", "1001", "Active"), ("9000002", "501", "Active")], {"01001", "00501"}),
        ([("9000001.0", "1001", "Active")], {"01001"}),
        ([('"=""9000001"""', '"=""01001"""', "Active")], {"01001"}),
        ([("'9000001", "'01001", "Active")], {"01001"}),
        ([("9000001", "01001", "Active"), ("9000002", "606", "Active")], {"01001", "606"}),
    ],
)
def test_zeros_and_guards_of_spreadsheets_make_no_difference(
    tmp_path: Path, rows: list[tuple[str, str, str]], ids: set[str]
) -> None:
    found = read(write_list(tmp_path, *rows))
    assert set(found) == ids
    assert all(number.isdigit() for number in found.values())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("header", [HEADER, HEADER.lower(), HEADER.replace(",", " , ")])
def test_encoding_and_header_make_no_difference(tmp_path: Path, encoding: str, header: str) -> None:
    path = write_list(tmp_path, ("9000001", "01001", "Active"), header=header)
    text = path.read_text(encoding="utf-8") + "1,X,Doña,1,US,City,Active\n"
    path.write_bytes(text.encode(encoding))
    assert read(path) == {"01001": "9000001"}


def pack(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / "geotargets.zip", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return folder / "geotargets.zip"


def test_the_one_list_of_an_archive_is_taken(tmp_path: Path) -> None:
    data = write_list(tmp_path, ("9000001", "01001", "Active")).read_bytes()
    members = {"geo/": b"", "geo/list.csv": data, "__MACOSX/geo/._list.csv": b"x", "geo/a.md": b"x"}
    assert read(pack(tmp_path, members)) == {"01001": "9000001"}


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ({}, "is an empty zip archive"),
        ({"geo/": b""}, "holds no file that could be Google's list of geo targets"),
        ({"a.csv": b"x", "b.csv": b"x"}, r"several files .*: a\.csv, b\.csv"),
        ({"a.csv": b""}, "is empty"),
        ({"a.csv": b"ID,Name\n1,2\n"}, "has no column Criteria ID"),
    ],
)
def test_an_archive_without_one_list_says_so(
    tmp_path: Path, members: dict[str, bytes], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        read(pack(tmp_path, members))


def test_location_codes_prefer_the_active_id_and_refuse_a_spoiled_one(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    rows = [
        "7,9001001,PostalCode,PendingDeprecation",
        "8,9001001,PostalCode,Active",
        "9,9001002,PostalCode,Deprecated",
        "10,,PostalCode,Active",
        "11,9001003,City,Active",
    ]
    path.write_text("\n".join([CODES, *rows]), encoding="utf-8")
    google_ids = {"01001": "9001001", "01002": "9001002", "01003": "9001003"}
    assert read_location_codes(path, google_ids, load_rules("microsoft")) == {"01001": "8"}
    path.write_text("\n".join([CODES, *rows]).replace("\n8,", "\n8E+06,"), encoding="utf-8")
    with pytest.raises(InputError, match="Location Id is '8E\\+06': a spreadsheet rounded"):
        read_location_codes(path, google_ids, load_rules("microsoft"))
