"""The archive keeps every published row, once and forever, and reports each intake."""

import datetime as dt
import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach import tables
from outreach.archive import Archive, collect_state
from outreach.campaign import Area
from outreach.errors import ArchiveError, DataError, OutOfRange

LOOP, NORTH, DOWNSTATE, ALABAMA = "17031320100", "17031010100", "17001000100", "01001020100"


def files(archive: Archive) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in archive.folder.rglob("*.parquet")}


def shares(rates: pd.DataFrame) -> dict[tuple[str, str], float]:
    keys = zip(rates.index, rates["data_date"].dt.strftime("%Y-%m-%d"), strict=True)
    return dict(zip(keys, rates["cumulative_share"], strict=True))


def test_appended_rates_are_read_back_exactly(archive: Archive, make_rates: Any, noon: Any) -> None:
    rates = tables.check(
        make_rates("2020-06-12", t17031010100=0.673, t17031320100=0.294),
        tables.ResponseRates,
        "test",
    )
    receipt = archive.append(rates, "api", noon("2020-06-12"))
    assert (receipt.new, receipt.known, receipt.changed) == (2, 0, 0)
    assert receipt.data_dates == (dt.date(2020, 6, 12),)
    pd.testing.assert_frame_equal(archive.read(), rates)
    tables.check(archive.read(), tables.ResponseRates, "archive")


def test_a_carried_state_reads_as_the_archive_does(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(
        make_rates("2020-06-12", t17031010100=0.6, t01001020100=0.5), "a", noon("2020-06-12")
    )
    archive.append(make_rates("2020-06-13", t17031010100=0.7), "b", noon("2020-06-13"))
    archive.append(make_rates("2020-06-12", t17031010100=0.8), "c", noon("2020-06-14"))
    june = [dt.date(2020, 6, day) for day in (11, 12, 13, 30)]
    carried = [archive.carry("17", day) for day in june]
    for day, each in zip(june, carried, strict=True):
        pd.testing.assert_frame_equal(each.read(), archive.read(["17"], through=day))
    assert shares(carried[1].read()) == {(NORTH, "2020-06-12"): 0.8}
    # What later days do not change is the same basis.
    assert carried[2].basis == carried[3].basis != carried[1].basis
    assert archive.weigh_states(june[2]).keys() == {"01", "17"}
    assert archive.weigh_states(june[2])["17"] == sum(map(len, carried[2].contents))

    # Copies that lie elsewhere make the same state, or none.
    copies = dict(zip(carried[3].names, carried[3].contents, strict=True))
    assert collect_state(june[2], carried[3].names, copies.__getitem__) == carried[2]
    assert all((archive.folder / name).read_bytes() == copies[name] for name in copies)
    with pytest.raises(ArchiveError, match="is damaged: its content does not match"):
        collect_state(june[2], carried[3].names, lambda _: b"torn")


def test_every_rate_with_one_decimal_stays_the_same_number(archive: Archive, noon: Any) -> None:
    percent = [f"{tenths / 10:.1f}" for tenths in range(1001)]
    rates = pd.DataFrame(
        {
            "data_date": pd.Timestamp("2020-06-12"),
            "cumulative_share": [float(text) / 100 for text in percent],
            "internet_share": np.float32([float(text) for text in percent]).astype(float) / 100,
            "daily_share": np.nan,
            "daily_internet_share": 0.0,
        },
        index=pd.Index([f"17031{number:06d}" for number in range(1001)], name="geoid"),
    )
    archive.append(rates, "api", noon("2020-06-12"))
    stored = archive.read()
    assert [f"{share * 100:.1f}" for share in stored["cumulative_share"]] == percent
    assert (stored["cumulative_share"] == stored["internet_share"]).all()
    assert (
        stored["cumulative_share"] == [int(text.replace(".", "")) / 1000 for text in percent]
    ).all()
    assert stored["daily_share"].isna().all()


def test_a_repeated_snapshot_changes_nothing(archive: Archive, make_rates: Any, noon: Any) -> None:
    rates = make_rates("2020-06-12", t17031010100=0.673)
    archive.append(rates, "api", noon("2020-06-12"))
    before = files(archive)
    for date in ("2020-06-12", "2020-06-13", "2020-06-14"):
        again = archive.append(rates, "api", noon(date))
        assert (again.new, again.known, again.changed, again.segments) == (0, 1, 0, ())
    assert files(archive) == before


def test_a_changed_figure_is_kept_beside_the_first(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(
        make_rates("2020-06-12", t17031010100=0.5, t17031320100=0.2), "api", noon("2020-06-12")
    )
    receipt = archive.append(
        make_rates("2020-06-12", t17031010100=0.6, t17031320100=0.2), "api", noon("2020-06-13")
    )
    assert (receipt.new, receipt.known, receipt.changed) == (0, 1, 1)
    assert shares(archive.read()) == {(NORTH, "2020-06-12"): 0.6, (LOOP, "2020-06-12"): 0.2}
    assert shares(archive.read(as_first_published=True)) == {
        (NORTH, "2020-06-12"): 0.5,
        (LOOP, "2020-06-12"): 0.2,
    }


def test_a_figure_that_changes_back_is_read_as_it_is_now(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    for day, share in ((12, 0.5), (13, 0.6), (14, 0.5)):
        archive.append(make_rates("2020-06-12", t17031010100=share), "api", noon(f"2020-06-{day}"))
    assert shares(archive.read()) == {(NORTH, "2020-06-12"): 0.5}
    assert len(files(archive)) == 3


def test_an_old_download_that_is_appended_late_is_not_the_latest(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(make_rates("2020-06-12", t17031010100=0.6), "api", noon("2020-06-14"))
    archive.append(make_rates("2020-06-12", t17031010100=0.5), "an old disk", noon("2020-06-12"))
    assert shares(archive.read()) == {(NORTH, "2020-06-12"): 0.6}
    assert shares(archive.read(as_first_published=True)) == {(NORTH, "2020-06-12"): 0.5}


def test_a_county_and_its_state_complete_each_other_row_by_row(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(make_rates("2020-06-12", t17031010100=0.5), "county", noon("2020-06-12"))
    receipt = archive.append(
        make_rates("2020-06-12", t17031010100=0.5, t17001000100=0.3), "state", noon("2020-06-12")
    )
    assert (receipt.new, receipt.known) == (1, 1)
    receipt = archive.append(
        make_rates("2020-06-12", t17031010100=0.5), "county", noon("2020-06-12")
    )
    assert (receipt.new, receipt.known) == (0, 1)
    assert shares(archive.read()) == {(DOWNSTATE, "2020-06-12"): 0.3, (NORTH, "2020-06-12"): 0.5}


@pytest.fixture
def filled(archive: Archive, make_rates: Any, noon: Any) -> Archive:
    for day in (11, 12, 15):
        rates = make_rates(
            f"2020-06-{day}", t17031010100=0.5, t17031320100=0.2, t17001000100=0.3, t01001020100=0.4
        )
        archive.append(rates, "api", noon(f"2020-06-{day}"))
    return archive


@pytest.mark.parametrize(
    ("codes", "geoids"),
    [
        ([], {ALABAMA, DOWNSTATE, NORTH, LOOP}),
        (["17"], {DOWNSTATE, NORTH, LOOP}),
        (["17031"], {NORTH, LOOP}),
        ([LOOP], {LOOP}),
        (["01", LOOP, "17001"], {ALABAMA, LOOP, DOWNSTATE}),
        (["17", LOOP], {DOWNSTATE, NORTH, LOOP}),
        (Area(state="17", county="031").codes, {NORTH, LOOP}),
        (Area(state="17", tracts=(LOOP, NORTH)).codes, {LOOP, NORTH}),
        (Area(state="01", place="07000").codes, {ALABAMA}),
        (["55"], set()),
    ],
)
def test_areas_are_picked_by_state_county_and_tract(
    filled: Archive, codes: Any, geoids: set[str]
) -> None:
    rates = filled.read(codes)
    assert set(rates.index) == geoids
    assert len(rates) == 3 * len(geoids)
    assert rates.index.is_monotonic_increasing


def test_dates_are_picked_and_named(filled: Archive) -> None:
    friday, monday = dt.date(2020, 6, 12), dt.date(2020, 6, 15)
    assert set(filled.read(on=friday)["data_date"].dt.date) == {friday}
    assert set(filled.read(since=friday)["data_date"].dt.date) == {friday, monday}
    assert len(filled.read(["17031"], through=friday)) == 4
    assert filled.data_dates(["01"]) == [dt.date(2020, 6, 11), friday, monday]
    assert filled.latest_date() == monday
    assert filled.latest_date(["17"], through=dt.date(2020, 6, 14)) == friday
    assert filled.latest_date(through=dt.date(2020, 6, 10)) is None


def test_an_empty_archive_reads_as_an_empty_table(archive: Archive) -> None:
    assert archive.read(["17"]).empty
    assert archive.latest_date() is None
    tables.check(archive.read(), tables.ResponseRates, "archive")


@pytest.mark.parametrize("code", ["1", "170", "1703x", "170310101", ""])
def test_a_wrong_code_is_refused(filled: Archive, code: str) -> None:
    with pytest.raises(ArchiveError, match="not a FIPS code"):
        filled.read([code])


def test_rates_that_break_their_declaration_are_not_stored(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    with pytest.raises(OutOfRange, match=r"cumulative_share at 17031010100 is 1\.4"):
        archive.append(make_rates("2020-06-12", t17031010100=1.4), "api", noon("2020-06-12"))
    twice = pd.concat([make_rates("2020-06-12", t17031010100=0.4)] * 2)
    with pytest.raises(DataError, match="one row for each tract and data date"):
        archive.append(twice, "api", noon("2020-06-12"))
    with pytest.raises(DataError, match="holds no rates"):
        archive.append(
            make_rates("2020-06-12", t17031010100=0.4).iloc[:0], "api", noon("2020-06-12")
        )
    assert not archive.folder.exists()


def test_a_segment_says_where_its_rows_come_from(
    archive: Archive, make_rates: Any, noon: Any
) -> None:
    archive.append(make_rates("2020-06-12", t17031010100=0.5), "api", noon("2020-06-13"))
    (segment,) = archive.find_segments()
    assert (segment.state, segment.first, segment.last) == (
        "17",
        dt.date(2020, 6, 12),
        dt.date(2020, 6, 12),
    )
    metadata = segment.read_metadata()
    assert metadata["source"] == "api"
    assert (
        metadata["downloaded_first"] == metadata["downloaded_last"] == "2020-06-13T12:00:00+00:00"
    )
    assert metadata["tool"].startswith("census-outreach ")
    assert metadata["dates"]["2020-06-12"]["rows"] == 1
    assert len(metadata["dates"]["2020-06-12"]["sha256"]) == 64


def test_equal_snapshots_have_equal_hashes_in_every_archive(
    tmp_path: Path, make_rates: Any, noon: Any
) -> None:
    def digest(name: str, day: str, share: float) -> str:
        archive = Archive(tmp_path / name)
        archive.append(make_rates("2020-06-12", t17031010100=share), name, noon(day))
        return str(archive.find_segments()[0].read_metadata()["dates"]["2020-06-12"]["sha256"])

    assert (
        digest("mine", "2020-06-12", 0.5)
        == digest("yours", "2020-06-15", 0.5)
        != digest("other", "2020-06-12", 0.6)
    )


def test_a_flipped_byte_is_named_with_its_file(filled: Archive) -> None:
    path = filled.find_segments()[0].path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=f"{path.name} is damaged"):
        filled.read()
    assert len(filled.read(["17"])) == 9, "other states are still readable"


def test_a_truncated_segment_and_a_foreign_file_are_named(filled: Archive) -> None:
    path = filled.find_segments()[0].path
    data = path.read_bytes()
    path.write_bytes(data[:-20])
    with pytest.raises(ArchiveError, match="is damaged"):
        filled.read()
    path.rename(path.with_name("backup.parquet"))
    with pytest.raises(ArchiveError, match=r"backup\.parquet is not a segment"):
        filled.read()


def test_a_damaged_receipt_is_named(filled: Archive) -> None:
    path = next(iter(filled.folder.rglob("*.json")))
    path.write_text("{")
    with pytest.raises(ArchiveError, match=path.name):
        filled.receipts()


def test_files_of_an_interrupted_writer_are_skipped(filled: Archive) -> None:
    path = filled.find_segments()[0].path
    path.with_name(f".{path.name}.abcd1234.tmp").write_bytes(b"half")
    path.with_name(".hidden.parquet").write_bytes(b"half")
    assert len(filled.read()) == 12


def test_every_intake_leaves_a_receipt(filled: Archive, make_rates: Any, noon: Any) -> None:
    filled.append(make_rates("2020-06-15", t17031010100=0.5), "api", noon("2020-06-16"))
    receipts = filled.receipts()
    assert [receipt.new for receipt in receipts] == [4, 4, 4, 0]
    assert receipts[-1].counties == ("17031",)
    assert "rows: 0 new, 1 already in the archive, 0 changed" in str(receipts[-1])
    text = next(iter(filled.folder.rglob("*.json"))).read_text()
    assert {"source", "replies", "counties", "segments", "tool"} <= set(json.loads(text))


def test_a_full_disk_leaves_nothing_half_written(
    filled: Archive, make_rates: Any, noon: Any
) -> None:
    before = {path: path.read_bytes() for path in filled.folder.rglob("*") if path.is_file()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    rates = make_rates(
        "2020-06-16", **{f"t17031{number:06d}": number / 1000 for number in range(900)}
    )
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, limits[1]))
    try:
        with pytest.raises(
            ArchiveError, match="archive cannot be written: File too large"
        ) as caught:
            filled.append(rates, "api", noon("2020-06-16"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.todo
    assert {
        path: path.read_bytes() for path in filled.folder.rglob("*") if path.is_file()
    } == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, make_rates: Any, noon: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ArchiveError, match=r"archive cannot be written: Not a directory .*file"):
        Archive(tmp_path / "file").append(
            make_rates("2020-06-12", t17031010100=0.5), "api", noon("2020-06-12")
        )


_WRITER = """
import datetime as dt, sys, time
from pathlib import Path
import pandas as pd
from outreach.archive import Archive, collect_state
archive, county, start = Archive(Path(sys.argv[1])), int(sys.argv[2]), Path(sys.argv[3])
start.with_suffix("." + sys.argv[2]).touch()
while not start.exists():
    time.sleep(0.001)
for day in range(1, 11):
    geoids = [f"17{county:03d}{number:06d}" for number in range(20)] + ["17999000000"]
    geoids = pd.Index(geoids, name="geoid")
    names = ["cumulative_share", "internet_share", "daily_share", "daily_internet_share"]
    figures = dict.fromkeys(names, 0.5)
    rates = pd.DataFrame({"data_date": pd.Timestamp(2020, 6, day), **figures}, index=geoids)
    archive.append(rates, f"writer {county}", dt.datetime(2020, 6, day, tzinfo=dt.UTC))
"""


@pytest.mark.slow
def test_two_writers_at_once_lose_no_row(archive: Archive) -> None:
    start = archive.folder.with_name("start")
    command = [sys.executable, "-c", _WRITER, str(archive.folder)]
    writers = [subprocess.Popen([*command, county, str(start)]) for county in ("1", "3")]
    while not all(start.with_suffix(f".{county}").exists() for county in "13"):
        assert all(writer.poll() is None for writer in writers), "a writer died before the start"
        time.sleep(0.01)
    start.touch()
    assert [writer.wait(600) for writer in writers] == [0, 0]
    stored = archive.read()
    assert len(stored) == 10 * 41
    tables.check(stored, tables.ResponseRates, "archive")
    assert len(archive.receipts()) == 20


_tracts = st.sampled_from([LOOP, NORTH, DOWNSTATE, ALABAMA])
_snapshots = st.tuples(st.integers(1, 4), st.dictionaries(_tracts, st.integers(0, 2), min_size=1))


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(_snapshots, min_size=1, max_size=6))
def test_any_sequence_of_appends_loses_nothing_and_repeats_nothing(
    snapshots: list[tuple[int, dict[str, int]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder))
        latest: dict[tuple[str, str], float] = {}
        first: dict[tuple[str, str], float] = {}

        def append_all() -> list[Any]:
            receipts = []
            for number, (day, figures) in enumerate(snapshots):
                index = pd.Index(list(figures), name="geoid")
                columns = {
                    "data_date": pd.Timestamp(2020, 6, day),
                    "cumulative_share": [step / 1000 for step in figures.values()],
                }
                rates = pd.DataFrame(
                    {
                        **columns,
                        "internet_share": 0.0,
                        "daily_share": 0.0,
                        "daily_internet_share": 0.0,
                    },
                    index=index,
                )
                receipts.append(
                    archive.append(rates, "api", dt.datetime(2020, 7, 1, number, tzinfo=dt.UTC))
                )
            return receipts

        for receipt, (day, figures) in zip(append_all(), snapshots, strict=True):
            expected = {"new": 0, "known": 0, "changed": 0}
            for geoid, step in figures.items():
                key = (geoid, f"2020-06-{day:02d}")
                expected[
                    "new"
                    if key not in latest
                    else "known"
                    if latest[key] == step / 1000
                    else "changed"
                ] += 1
                latest[key] = step / 1000
                first.setdefault(key, step / 1000)
            assert {
                "new": receipt.new,
                "known": receipt.known,
                "changed": receipt.changed,
            } == expected
        assert shares(archive.read()) == latest
        assert shares(archive.read(as_first_published=True)) == first
        before = files(archive)
        assert all(receipt.new == receipt.changed == 0 for receipt in append_all())
        assert files(archive) == before
