"""Recorded headers, lists, and layouts of files pass through the doors that read such files.

They lie beside the real data and are no part of this project, like those of test_recorded.py.
"""

import csv
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest

from geo.crosswalk.sources import read_hud
from outreach.archive import Archive
from outreach.archive.importers import import_files
from outreach.campaign import Area
from outreach.census import discover_datasets, fetch_rates
from outreach.errors import InputError
from outreach.exporters.base.place_ids import read_geotargets, read_location_codes
from outreach.exporters.base.rules import load_rules
from outreach.sandbox.layouts import LAYOUTS

pytestmark = pytest.mark.real

#: What other tests of this folder feed through the doors.
ELSEWHERE = ("test_recorded.py",)


@pytest.fixture(scope="module")
def recorded(real_data: Path) -> Path:
    folder = real_data.parent / "recorded"
    if not folder.is_dir():
        pytest.skip("the recorded replies are not here (a folder recorded beside the real data)")
    return folder


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file that are no remarks."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_recorded_file_is_named_in_a_test(recorded: Path) -> None:
    here = Path(__file__)
    texts = "".join(
        path.read_text(encoding="utf-8")
        for path in (here, *(here.parent / name for name in ELSEWHERE))
    )
    files = {path.relative_to(recorded) for path in recorded.rglob("*") if path.is_file()}
    replies = {path for path in files if path.name.startswith("api_reply_state")}
    named = {path for path in files if f'"{path.parent}" / "{path.name}"' in texts}
    assert len(replies) == 8
    assert files - named - replies == {Path("SOURCES.md")}


def test_the_bureaus_file_of_all_levels_is_imported_by_its_tracts(
    recorded: Path, tmp_path: Path
) -> None:
    header, *_ = read_lines(recorded / "responserate" / "decennialrr2020_header.txt")
    columns = header.split(",")
    rows = {
        "0100000US": "44.2",
        "0400000US09": "48.2",
        "0500000US50003": "28.8",
        "1400000US17031010100": "51.3",
    }
    path = tmp_path / "decennialrr2020.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for geo_id, rate in rows.items():
            known = {"GEO_ID": geo_id, "RESP_DATE": "2020-04-20", "CRRALL": rate, "CRRINT": "40.0"}
            writer.writerow([known.get(name, "0.2") for name in columns])
    archive = Archive(tmp_path / "archive", 2020)
    import_files([path], archive, downloaded_at=dt.datetime(2020, 4, 21, tzinfo=dt.UTC))
    rates = archive.read(["17"])
    assert rates["cumulative_share"].to_dict() == {"17031010100": pytest.approx(0.513)}
    assert rates["internet_share"].tolist() == pytest.approx([0.4])


def test_every_rate_that_is_requested_was_a_variable_of_the_service(recorded: Path) -> None:
    path = recorded / "responserate" / "chicago_apivars.csv"
    listed = {row.split(",")[0] for row in read_lines(path)[1:]}
    assert set(discover_datasets()["responserate"].codes(2020)) <= listed


def test_a_reply_is_read_as_the_service_lays_it_out(
    recorded: Path, api: Any, transport: Any
) -> None:
    text = "\n".join(read_lines(recorded / "acs" / "json_layout_samples.txt"))
    # The samples were cut off; each is closed here as the service closes it.
    samples = [json.loads(f"[[{part.rstrip().rstrip(',')}]") for part in text.split("[[")[1:]]
    assert [len(sample) for sample in samples] == [3, 3]
    place = [row[-3:] for sample in samples for row in sample[1:]]
    assert place[-1] == ["17", "001", "000201"]

    def body(query: dict[str, str]) -> str:
        columns = query["get"].split(",")
        rows = [[*columns, "state", "county", "tract"]]
        for codes in place[2:]:
            known = {"RESP_DATE": "2020-04-20", "GEO_ID": f"1400000US{''.join(codes)}"}
            rows.append([*(known.get(name, "50.5") for name in columns), *codes])
        return "[" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "]"

    api.serve(api.reply(body))
    rates = fetch_rates(2020, Area(state="17", county="001"), transport)
    assert rates.index.tolist() == ["17001000100", "17001000201"]
    assert rates["cumulative_share"].tolist() == pytest.approx([0.505, 0.505])


@pytest.mark.parametrize("vintage", range(2017, 2024))
def test_every_table_that_is_requested_of_tracts_has_tracts(vintage: int, recorded: Path) -> None:
    path = recorded / "acs" / "acs5_finest_geography_by_table_2011_2023.csv"
    rows = [line.split(",") for line in read_lines(path)[1:]]
    finest = {table: level for table, level, year in rows if year == str(vintage)}
    tables = {code.partition("_")[0] for code in discover_datasets()["acs5"].codes(vintage)}
    known = tables & set(finest)
    assert len(known) > 10
    assert {finest[table] for table in known} <= {"tract", "block group"}


def test_huds_files_are_read_by_each_recorded_header(recorded: Path, tmp_path: Path) -> None:
    text = (recorded / "hud" / "headers.txt").read_text(encoding="utf-8")
    headers = [name for name in re.findall(r"[\w,]{30,}", text) if "ratio" in name.lower()]
    assert len(headers) == 4
    read = 0
    for number, header in enumerate(headers):
        names = header.lower().split(",")
        values = {"tract": "17031010100", "zip": "00601", "county": "72081"}
        path = tmp_path / f"hud-{number}.csv"
        row = ",".join(values.get(name, "1" if "ratio" in name else "X") for name in names)
        path.write_text(f"{header}\n{row}\n", encoding="utf-8")
        if "tract" in names:
            crosswalk = read_hud(path)
            assert crosswalk[["source", "target"]].iloc[0].tolist() == ["17031010100", "00601"]
            read += 1
        else:
            # HUD's file of counties is another one.
            with pytest.raises(InputError, match=r"(?i)tract"):
                read_hud(path)
    assert read == 2


def test_planning_databases_are_declared_by_the_recorded_names(recorded: Path) -> None:
    text = (recorded / "pdb" / "notes.txt").read_text(encoding="utf-8")
    database = discover_datasets()["planning_database"]
    for vintage, names in {
        2020: {"Low_Response_Score", "MLT_U10p_ACS_14_18", "MLT_U2_9_STRC_ACS_14_18"},
        2022: {"Self_Response_Rate_ACS_16_20"},
    }.items():
        assert all(name in text for name in names)
        assert names <= set(database.codes(vintage))


def test_files_of_the_sandbox_have_the_recorded_columns(recorded: Path) -> None:
    with (recorded / "boundaries" / "columns.csv").open(encoding="utf-8", newline="") as file:
        columns = {row["file"]: row["columns"].split(",") for row in csv.DictReader(file)}
    blocks = columns["tl_2023+_ss_tabblock20"]
    for ours, theirs in {
        "cb_tract_2019": columns["cb_2014..2019_ss_tract_500k"],
        "tl_tract": columns["tl_2011+_ss_tract"],
        "tl_tabblock20": [name for name in blocks if name != "GEOIDFQ20"],
        # From 2023 on GEOIDFQ stands where AFFGEOID stood.
        "cb_county": [
            name.split(" ")[0].replace("GEOIDFQ", "AFFGEOID")
            for name in columns["cb_2023+_us_county_500k"]
        ],
    }.items():
        assert LAYOUTS[ours] == theirs, ours


def test_lists_of_platforms_are_read_by_their_recorded_headers(
    recorded: Path, tmp_path: Path
) -> None:
    lines = read_lines(recorded / "platforms" / "headers.txt")
    google = next(n for n, line in enumerate(lines) if line.startswith("Criteria ID,"))
    microsoft = next(n for n, line in enumerate(lines) if line.startswith("Location Id,"))
    targets = tmp_path / "geotargets.csv"
    own = '9033288,98052,"98052,Washington,United States",21176,US,Postal Code,Active'
    targets.write_text("\n".join([*lines[google:microsoft], own]), encoding="utf-8")
    ids = read_geotargets(targets, load_rules("google"))
    assert ids == {"98052": "9033288"}
    codes = tmp_path / "codes.csv"
    codes.write_text("\n".join(lines[microsoft : microsoft + 3]), encoding="utf-8")
    assert read_location_codes(codes, ids, load_rules("microsoft")) == {"98052": "71326"}
