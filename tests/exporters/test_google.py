"""The Editor file is what Google's help and real exports describe, read by a separate parser."""

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.errors import ExportError, InputError
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.google import write_google

HEADER = (
    b"\xef\xbb\xbfCampaign,Labels,Campaign Type,Networks,Budget,Budget type,Start Date,End Date,"
    b"Languages,Bid Strategy Type,Targeting method,Exclusion method,"
    b"Campaign Status,EU political ads,Final URL suffix,Location ID,Location,Bid Modifier,"
    b"Status\r\n"
)
#: Reference 2.3: (<radius><unit>:<latitude>:<longitude>), unit mi or km, six decimals.
CIRCLE = re.compile(r"\((\d+(?:\.\d+)?)(mi|km):(-?\d+\.\d{6}):(-?\d+\.\d{6})\)")
#: Reference 2.2: 85258, Arizona, United States.
NAME = re.compile(r"(\d{5}), ([A-Z][A-Za-z ]+), United States")

DAY = dt.date(2020, 6, 1)
CODES = st.sets(st.from_regex(r"0[0-9]{4}|6[0-9]{4}", fullmatch=True), min_size=1, max_size=40)


@dataclass
class Editor:
    """A file as Google Ads Editor understands it."""

    campaigns: list[dict[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    zips: list[tuple[str, str]] = field(default_factory=list)
    circles: list[tuple[float, str, float, float]] = field(default_factory=list)


def parse_editor(file: ExportFile) -> Editor:
    assert file.content.startswith(HEADER)
    editor = Editor()
    for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")):
        assert None not in row
        if row["Location ID"] == row["Location"] == "":
            editor.campaigns.append(row)
            continue
        assert row["Campaign"] == editor.campaigns[-1]["Campaign"]
        assert (row["Location ID"] == "") != (row["Location"] == ""), "one of ID and name"
        assert row["Campaign Status"] == row["Budget"] == row["Bid Modifier"] == ""
        if row["Location ID"]:
            assert row["Location ID"].isdigit()
            editor.ids.append(row["Location ID"])
        elif circle := CIRCLE.fullmatch(row["Location"]):
            radius, unit, latitude, longitude = circle.groups()
            editor.circles.append((float(radius), unit, float(latitude), float(longitude)))
        else:
            name = NAME.fullmatch(row["Location"])
            assert name, row["Location"]
            editor.zips.append((name[1], name[2]))
    return editor


def editors(files: list[ExportFile]) -> list[Editor]:
    return [parse_editor(file) for file in files if file.name.startswith("google-editor")]


def test_a_campaign_is_paused_new_and_aimed_at_presence(bench: Any) -> None:
    (file,) = write_google(bench.targets(zips=["60601"]), bench.context())
    (row,) = parse_editor(file).campaigns
    assert row["Campaign Status"] == "Paused"
    assert row["Targeting method"] == "Location of presence"
    assert row["EU political ads"] == "Doesn't have EU political ads"
    assert row["Languages"] == "en;es"
    # 141 USD over 28 May to 15 October, both included: 141 days.
    assert row["Budget"] == "1"
    assert row["Campaign"] == "Census 2020 | treat | 2020-05-29T10-00-00 | en+es"
    assert (row["Start Date"], row["End Date"]) == ("2020-05-28", "2020-10-15")
    assert row["Labels"] == "DRAFT"
    assert row["Final URL suffix"] == (
        "utm_source=google&utm_medium=paid&utm_campaign=census-2020-2020-05-29t10-00-00"
        "&utm_content=en-es"
    )


def test_a_flight_sets_dates_and_daily_budget(bench: Any) -> None:
    brief = bench.brief(flight=(dt.date(2020, 6, 1), dt.date(2020, 6, 10)))
    (file,) = write_google(bench.targets(zips=["60601"]), bench.context(brief))
    (row,) = parse_editor(file).campaigns
    assert (row["Budget"], row["Start Date"], row["End Date"]) == (
        "14.1",
        "2020-06-01",
        "2020-06-10",
    )


def test_approval_changes_the_label_and_not_the_name(bench: Any) -> None:
    draft = bench.context(version="0123456789abcdef" * 4)
    approved = bench.context(approved_by="Ada; Lovelace", version="0123456789abcdef" * 4)
    rows = [
        parse_editor(write_google(bench.targets(zips=["60601"]), context)[0]).campaigns[0]
        for context in (draft, approved)
    ]
    name = "Census 2020 | treat | 0123456789abcdef012 | en+es"
    assert [row["Campaign"] for row in rows] == [name, name]
    assert [row["Labels"] for row in rows] == ["DRAFT", "approved by Ada, Lovelace"]


def test_each_language_is_a_campaign_with_its_own_places_and_money(bench: Any) -> None:
    brief = bench.brief(languages=("en", "es", "zh-Hans"), flight=(DAY, DAY))
    shares = {"language_en_share": [0.5, 1.0], "language_es_share": [0.3, 0.0]}
    shares["language_zh-Hans_share"] = [0.2, 0.0]
    targets = bench.targets(zips=["60601", "60602"], budget_usd=10.01, **shares)
    files = write_google(targets, bench.context(brief))
    assert [file.name for file in files] == [
        f"google-editor-{code}.csv" for code in ("en", "es", "zh-Hans")
    ]
    found = [
        (one.campaigns[0]["Languages"], one.campaigns[0]["Budget"], [code for code, _ in one.zips])
        for one in editors(files)
    ]
    assert found == [
        ("en", "15.01", ["60601", "60602"]),
        ("es", "3", ["60601"]),
        ("zh_CN", "2.01", ["60601"]),
    ]


def test_a_language_without_a_known_code_leaves_all_languages_on(bench: Any) -> None:
    brief = bench.brief(languages=("ht",))
    (file,) = write_google(bench.targets(zips=["60601"]), bench.context(brief))
    assert parse_editor(file).campaigns[0]["Languages"] == ""


def test_zips_go_in_by_id_and_unmatched_ones_are_listed(bench: Any, tmp_path: Path) -> None:
    path = bench.geotargets(tmp_path, ["60601", "00501"])
    targets = bench.targets(
        zips=["60601", "60699", "00501"],
        label=["Loop", "=Gone", "Holtsville"],
        households_count=[1000.0, 10.0, 1000.0],
    )
    main, unmatched = write_google(targets, bench.context(geotargets=path))
    assert parse_editor(main).ids == ["9060601", "9000501"]
    assert unmatched.name == "google-unmatched-zips.csv"
    rows = list(csv.DictReader(io.StringIO(unmatched.content.decode("utf-8-sig"), newline="")))
    assert [
        (row["zip"], row["label"], row["households_count"], row["budget_usd"]) for row in rows
    ] == [("60699", "'=Gone", "10", "141")]


def test_a_zipped_list_and_one_with_plain_line_ends_are_read(bench: Any, tmp_path: Path) -> None:
    path = bench.geotargets(tmp_path, ["60601"])
    archive = tmp_path / "geotargets-2026-10-06.csv.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(path.name, path.read_bytes().replace(b"\r\n", b"\n"))
    (main,) = write_google(bench.targets(zips=["60601"]), bench.context(geotargets=archive))
    assert parse_editor(main).ids == ["9060601"]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"<html>", b"%PDF", None])
def test_a_file_that_is_not_the_list_is_named(
    bench: Any, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "list.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"list\.csv"):
        write_google(bench.targets(zips=["60601"]), bench.context(geotargets=path))


def test_a_list_without_any_of_the_zips_stops_the_export(bench: Any, tmp_path: Path) -> None:
    path = bench.geotargets(tmp_path, ["60601"])
    with pytest.raises(InputError, match=r"1 of 1 ZIPs of the targets \(such as 60699\)"):
        write_google(bench.targets(zips=["60699"]), bench.context(geotargets=path))


def test_a_list_without_many_of_the_zips_stops_the_export_and_shows_both_sides(
    bench: Any, tmp_path: Path
) -> None:
    path = bench.geotargets(tmp_path, ["60601", "60602"])
    targets = bench.targets(zips=["60601", "60699"], households_count=[900.0, 100.0])
    sentence = (
        r"geotargets-.*: 1 of 2 ZIPs of the targets \(such as 60699\), with 10\.00% of the"
        r" households, is no postal code of Google's list \(such as 60602\)\. Download the"
    )
    with pytest.raises(InputError, match=sentence):
        write_google(targets, bench.context(geotargets=path))


def test_without_the_list_zips_go_in_by_name_with_their_state(bench: Any) -> None:
    zips = ["60601", "00501", "02806", "20001", "20101", "99501", "05501", "73301", "00601"]
    main, unmatched = write_google(bench.targets(zips=zips), bench.context())
    assert parse_editor(main).zips == [
        ("60601", "Illinois"),
        ("00501", "New York"),
        ("02806", "Rhode Island"),
        ("20001", "District of Columbia"),
        ("20101", "Virginia"),
        ("99501", "Alaska"),
        ("05501", "Massachusetts"),
        ("73301", "Texas"),
    ]
    assert b"00601" in unmatched.content


def test_pins_are_circles_that_never_shrink(bench: Any) -> None:
    targets = bench.targets(
        pins=[(41.881832, -87.623177, 1.52), (41.8, -87.7, 0.3), (41.8, -0.00008, 2.0)]
    )
    (file,) = write_google(targets, bench.context())
    assert parse_editor(file).circles == [
        (1.6, "km", 41.881832, -87.623177),
        (1.0, "km", 41.8, -87.7),
        (2.0, "km", 41.8, -0.00008),
    ]


def test_a_circle_over_800_km_is_refused(bench: Any) -> None:
    with pytest.raises(ExportError, match="800 km"):
        write_google(bench.targets(pins=[(41.8, -87.6, 801.0)]), bench.context())


def test_501_pins_are_two_campaigns_with_their_share_of_the_money(bench: Any) -> None:
    targets = bench.targets(pins=[(40 + number / 1000, -87.0, 1.0) for number in range(501)])
    files = write_google(targets, bench.context())
    assert [file.name for file in files] == [
        "google-editor-part-1-of-2.csv",
        "google-editor-part-2-of-2.csv",
    ]
    first, second = editors(files)
    assert (len(first.circles), len(second.circles)) == (500, 1)
    assert [one.campaigns[0]["Budget"] for one in (first, second)] == ["500", "1"]
    names = [one.campaigns[0]["Campaign"] for one in (first, second)]
    assert [name.rsplit(" | ", 1)[1] for name in names] == ["en+es", "part 2"]


def test_holdout_is_left_out_and_excluded_only_on_request(bench: Any, tmp_path: Path) -> None:
    context = {"geotargets": bench.geotargets(tmp_path, ["60601", "60602"])}
    targets = bench.targets(zips=["60601", "60602"], arm=["treat", "holdout"])
    (alone,) = write_google(targets, bench.context(**context))
    assert b"60602" not in alone.content
    main, exclusions = write_google(targets, bench.context(**context, exclude_holdout=True))
    assert parse_editor(main).ids == ["9060601"]
    assert exclusions.content.decode("utf-8-sig").split("\r\n") == [
        "Campaign,Location ID,Criterion Type,Status",
        "Census 2020 | treat | 2020-05-29T10-00-00 | en+es,9060602,Excluded,",
        "",
    ]


@settings(max_examples=30)
@given(CODES)
def test_every_zip_appears_once_with_its_zeros(bench: Any, codes: set[str]) -> None:
    codes |= {"60601"}
    files = write_google(bench.targets(zips=sorted(codes)), bench.context())
    names = [code for one in editors(files) for code, _ in one.zips]
    unmatched = [
        row.split(",")[0]
        for file in files[1:]
        for row in file.content.decode("utf-8-sig").split("\r\n")[1:-1]
    ]
    assert sorted(names + unmatched) == sorted(codes)


@settings(max_examples=30)
@given(
    name=st.text(min_size=1, max_size=190).filter(lambda text: text.strip()),
    approver=st.text(max_size=60),
)
def test_a_hostile_name_runs_nothing_and_loses_no_key(bench: Any, name: str, approver: str) -> None:
    context = bench.context(bench.brief(name), approved_by=approver)
    (file,) = write_google(bench.targets(zips=["60601"], label=name, why=name), context)
    editor = parse_editor(file)
    (row,) = editor.campaigns
    assert not row["Campaign"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert " | treat | 2020-05-29T10-00-00 | " in row["Campaign"]
    assert len(row["Campaign"]) <= 255
    assert editor.zips == [("60601", "Illinois")]
