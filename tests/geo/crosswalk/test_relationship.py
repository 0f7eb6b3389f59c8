"""Files that relate the tracts of two censuses are read by their declaration."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from geo.crosswalk.relationship import (
    fetch_relationship,
    find_relationship,
    list_relationships,
    read_relationship,
)
from outreach.errors import GeographyError
from outreach.evidence import Status
from outreach.transport import Transport

HEADER = "GEOID10,GEOID20,AREAPT,AREALANDPT,HUCURPCT_T10,HUCURPCT_T20"
ROWS = [
    "01001000100,01001000101,60,60,75.0,100.0",
    "01001000100,01001000102,40,40,25.0,50.1",
    "01001000200,01001000102,10,10,100.0,50.0",
    "01001000300,01001000300,30,30,,",
    "01001000300,01001000400,10,10,,",
    "01001990000,01001990000,99,0,,",
]


def relationship_file(
    delimiter: str = ",", bom: str = "\ufeff", header: str = HEADER, *, zipped: bool = True
) -> bytes:
    text = bom + "\r\n".join([header, *ROWS]).replace(",", delimiter) + "\r\n"
    if not zipped:
        return text.encode()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("rr_tract_rel.txt", text.encode())
    return content.getvalue()


@pytest.mark.parametrize("delimiter", [",", "|", "\t"])
@pytest.mark.parametrize("zipped", [True, False])
def test_the_relationship_file_is_read_with_any_delimiter_zipped_or_not(
    delimiter: str, *, zipped: bool
) -> None:
    forward, backward = read_relationship(relationship_file(delimiter, zipped=zipped))
    weights = forward.set_index(["source", "target"])["weight"]
    assert weights["01001000100", "01001000101"] == 0.75
    assert weights["01001000200", "01001000102"] == 1.0
    back = backward.set_index(["source", "target"])["weight"]
    assert back["01001000102", "01001000100"] == pytest.approx(50.1 / 100.1)
    assert (forward["source_kind"].iloc[0], forward["target_kind"].iloc[0]) == (
        "tract2010",
        "tract2020",
    )
    assert (backward["source_kind"].iloc[0], backward["target_kind"].iloc[0]) == (
        "tract2020",
        "tract2010",
    )


def test_tracts_without_housing_fall_back_to_land_and_then_to_area_and_say_so() -> None:
    forward, _ = read_relationship(relationship_file())
    rows = forward.set_index(["source", "target"])
    assert rows.loc[("01001000300", "01001000300"), "weight"] == 0.75
    assert rows.loc[("01001000300", "01001000300"), "unit"] == "land_area"
    assert rows.loc[("01001990000", "01001990000"), "unit"] == "area"
    assert rows.loc[("01001000100", "01001000101"), "unit"] == "housing_units"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n", "is a picture, not a relationship file of the Bureau"),
        (b"<html><body>Busy</body></html>", "is a web page, not a relationship file"),
        (HEADER.encode() + b"\n\x00\x01\x02,1,2,3,4,5\n", "is not text"),
        (b"", "is empty"),
        (relationship_file()[:-40], "is a damaged zip archive"),
    ],
)
def test_a_relationship_file_that_is_no_text_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(GeographyError, match=rf"rr_tract_rel\.zip {sentence}.*Fetch it again"):
        read_relationship(content)


def test_a_relationship_file_without_its_columns_is_refused() -> None:
    with pytest.raises(GeographyError, match="no column HUCURPCT_T10"):
        read_relationship(relationship_file(header=HEADER.replace("HUCURPCT_T10", "HU")))


def test_a_file_of_2030_in_its_declared_layout_carries_2020_tracts_over() -> None:
    later = find_relationship(2030, 2020)
    renamed = HEADER.replace("20", "30").replace("10", "20")
    assert set(later.columns) == set(renamed.split(","))
    forward, backward = read_relationship(relationship_file(header=renamed), later)
    assert (forward["source_kind"].iloc[0], forward["target_kind"].iloc[0]) == (
        "tract2020",
        "tract2030",
    )
    weights = forward.set_index(["source", "target"])["weight"]
    assert weights["01001000100", "01001000101"] == 0.75
    assert backward["target_kind"].iloc[0] == "tract2020"
    # The layout of ten years before is not taken for it.
    with pytest.raises(GeographyError, match=r"DC2030/.* has no column GEOID30"):
        read_relationship(relationship_file(), later)


def test_what_is_not_published_is_named_with_the_way_out(
    file_server: Any, transport: Transport, tmp_path: Path
) -> None:
    declared = list_relationships()
    assert [file.years for file in declared] == [(2010, 2020), (2020, 2030)]
    assert [file.status for file in declared] == [Status.VERIFIED, Status.ASSUMED]
    with pytest.raises(GeographyError, match="relates the tracts of 2010 to those of 2030"):
        find_relationship(2030, 2010)
    later = find_relationship(2020, 2030)
    with pytest.raises(GeographyError) as refusal:
        fetch_relationship(transport, later, tmp_path)
    assert str(refusal.value) == (
        "The Bureau gives out no file that relates the tracts of 2020 to those of 2030: there is"
        " none at https://www2.census.gov/geo/maps/DC2030/SR30/rr_tract_rel.zip (an assumed name)."
        " Use boundaries and predictors on tracts of the same census until it is published; if it"
        " has another name, correct geo/crosswalk/relationships.toml."
    )
    # Once it is there, nothing has to be changed.
    renamed = HEADER.replace("20", "30").replace("10", "20")
    file_server.files[later.address] = relationship_file(header=renamed)
    content = fetch_relationship(transport, later, tmp_path).path.read_bytes()
    assert len(read_relationship(content, later)[0]) == len(ROWS)
