"""The bulk file is what Microsoft's records describe, read here by a separate parser."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.microsoft import write_microsoft

#: The header of Microsoft's own example (reference 4), then the columns that a new campaign needs.
HEADER = (
    b"\xef\xbb\xbfType,Status,Id,Parent Id,Sub Type,Campaign,Client Id,Modified Time,Target,"
    b"Bid Adjustment,Name,Radius,Unit,From Hour,"
    b"From Minute,To Hour,To Minute,Latitude,Longitude"
    b",Campaign Type,Budget,Budget Type,Language,Bid Strategy Type,Final Url Suffix,Ad Group,"
    b"Start Date,End Date\r\n"
)


def parse_bulk(file: ExportFile) -> dict[str, list[dict[str, str]]]:
    """Return the records by type, checked against the rules of reference 4."""
    assert file.content.startswith(HEADER)
    lines = file.content.removeprefix(HEADER).decode().split("\r\n")
    assert lines[0].startswith("Format Version,,,,,,,,,,6.0,,,,,,,,")
    records: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")):
        assert None not in row
        records.setdefault(row["Type"], []).append(row)
    (campaign,) = records["Campaign"]
    assert int(campaign["Id"]) < 0
    for kind, rows in records.items():
        for row in rows:
            if kind.endswith("Criterion"):
                assert row["Parent Id"] == campaign["Id"]
            if kind == "Campaign Radius Criterion":
                assert row["Unit"] in ("Miles", "Kilometers")
                assert row["Radius"].isdigit()
                assert 1 <= int(row["Radius"]) <= (500 if row["Unit"] == "Miles" else 800)
                assert -85 <= float(row["Latitude"]) <= 85
                assert -180 <= float(row["Longitude"]) <= 180
                assert len(row["Name"]) <= 50
    return records


def test_a_campaign_is_paused_and_counts_people_in_the_place(bench: Any) -> None:
    (file,) = write_microsoft(bench.targets(pins=[(41.8518, -87.7133, 1.2)]), bench.context())
    records = parse_bulk(file)
    (campaign,) = records["Campaign"]
    assert (campaign["Status"], campaign["Parent Id"], campaign["Budget"]) == ("Paused", "0", "1")
    assert campaign["Campaign"] == "Census 2020 | treat | 2020-05-29T10-00-00 | en+es"
    assert campaign["Language"] == "English;Spanish"
    assert campaign["Final Url Suffix"].startswith("utm_source=microsoft&")
    (group,) = records["Ad Group"]
    assert (group["Status"], group["Parent Id"]) == ("Paused", campaign["Id"])
    assert (group["Start Date"], group["End Date"]) == ("05/28/2020", "10/15/2020")
    assert [row["Target"] for row in records["Campaign Location Intent Criterion"]] == ["PeopleIn"]


def test_radii_are_whole_and_rounded_up(bench: Any) -> None:
    targets = bench.targets(
        pins=[(41.0, -87.0, 0.2), (41.1, -87.0, 1.0), (41.2, -87.0, 1.01), (41.3, -87.0, 7.5)]
    )
    (file,) = write_microsoft(targets, bench.context())
    rows = parse_bulk(file)["Campaign Radius Criterion"]
    assert [(row["Radius"], row["Unit"]) for row in rows] == [
        (r, "Kilometers") for r in ("1", "1", "2", "8")
    ]
    assert [row["Client Id"] for row in rows] == list(targets.index)
    assert (rows[0]["Latitude"], rows[0]["Longitude"]) == ("41.000000", "-87.000000")


def test_zips_go_in_by_location_id_and_unmatched_ones_are_listed(
    bench: Any, tmp_path: Path
) -> None:
    lists = bench.lists(tmp_path, ["60601", "00501"])
    main, unmatched = write_microsoft(
        bench.targets(zips=["00501", "60699", "60601"], households_count=[1000.0, 10.0, 1000.0]),
        bench.context(**lists),
    )
    rows = parse_bulk(main)["Campaign Location Criterion"]
    assert [(row["Target"], row["Client Id"]) for row in rows] == [
        ("5000501", "zip-00501"),
        ("5060601", "zip-60601"),
    ]
    assert b"\r\n60699," in unmatched.content


@pytest.mark.parametrize("missing", ["location_codes", "geotargets"])
def test_zips_without_one_of_the_lists_stop_the_export(
    bench: Any, tmp_path: Path, missing: str
) -> None:
    lists = bench.lists(tmp_path, ["60601"])
    del lists[missing]
    targets = bench.targets(zips=["60601"], pins=[(41.0, -87.0, 1.0)])
    with pytest.raises(ExportError, match=r"--location-codes.*--geotargets"):
        write_microsoft(targets, bench.context(**lists))


def test_the_file_says_nothing_of_zone_and_politics(bench: Any) -> None:
    (file,) = write_microsoft(bench.targets(pins=[(41.0, -87.0, 1.0)]), bench.context())
    header = file.content.split(b"\r\n", 1)[0]
    assert not [word for word in (b"Time Zone", b"political", b"Disclaimer") if word in header]


def test_holdout_becomes_a_negative_record_on_request(bench: Any, tmp_path: Path) -> None:
    lists = bench.lists(tmp_path, ["60601", "60602"])
    targets = bench.targets(zips=["60601", "60602"], arm=["treat", "buffer"])
    (file,) = write_microsoft(targets, bench.context(**lists, exclude_holdout=True))
    records = parse_bulk(file)
    assert [row["Target"] for row in records["Campaign Location Criterion"]] == ["5060601"]
    assert [row["Target"] for row in records["Campaign Negative Location Criterion"]] == ["5060602"]
    (bare,) = write_microsoft(targets, bench.context(**lists))
    assert "Campaign Negative Location Criterion" not in parse_bulk(bare)


def test_exclusions_take_up_room_in_every_campaign(bench: Any, tmp_path: Path) -> None:
    (tmp_path / "microsoft.toml").write_text("caps.locations = {value = 3}")
    zips = [f"606{number:02d}" for number in range(6)]
    lists = bench.lists(tmp_path, zips)
    targets = bench.targets(zips=zips, arm=["treat"] * 5 + ["holdout"])
    context = bench.context(**lists, rules_folder=tmp_path, exclude_holdout=True)
    files = write_microsoft(targets, context)
    assert [file.name for file in files] == [
        f"microsoft-bulk-part-{number}-of-3.csv" for number in (1, 2, 3)
    ]
    counts = [len(parse_bulk(file)["Campaign Location Criterion"]) for file in files]
    assert counts == [2, 2, 1]
    (tmp_path / "microsoft.toml").write_text("caps.locations = {value = 1}")
    with pytest.raises(ExportError, match="no room"):
        write_microsoft(targets, context)


@settings(max_examples=30)
@given(
    label=st.text(max_size=80),
    name=st.text(min_size=1, max_size=190).filter(lambda text: text.strip()),
    longitude=st.floats(-180, 180),
)
def test_hostile_labels_run_nothing_and_longitudes_stay_figures(
    bench: Any, label: str, name: str, longitude: float
) -> None:
    targets = bench.targets(pins=[(41.0, longitude, 1.0)], label=label)
    (file,) = write_microsoft(targets, bench.context(bench.brief(name)))
    records = parse_bulk(file)
    (pin,) = records["Campaign Radius Criterion"]
    assert float(pin["Longitude"]) == pytest.approx(longitude, abs=1e-6)
    for cell in (pin["Name"], records["Campaign"][0]["Campaign"]):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert len(records["Campaign"][0]["Campaign"]) <= 128
