"""Published rates come in from the files that people have, and a wrong file is named."""

import datetime as dt
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from outreach.archive import Archive, import_files
from outreach.errors import ArchiveError, DataError, InputError, OutOfRange

CSV = """CAVG,CINTMAX,CRRALL,CRRINT,DRRALL,DRRINT,GEO_ID,RESP_DATE,state,county,tract
,,67.3,61.9,0.0,0.1,1400000US01001020100,2020-10-16,01,001,020100
,,60.9,54.7,0.1,0.0,1400000US17031010100,2020-10-16,17,031,010100
"""
GEOIDS = ["01001020100", "17031010100"]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def figures(archive: Archive) -> list[tuple[Any, ...]]:
    rates = archive.read()
    return list(
        zip(rates.index, rates["cumulative_share"], rates["daily_internet_share"], strict=True)
    )


FIGURES = [(GEOIDS[0], 0.673, 0.001), (GEOIDS[1], 0.609, 0.0)]


def test_the_bureaus_csv_comes_in(archive: Archive, tmp_path: Path) -> None:
    (receipt,) = import_files([write(tmp_path, "day.csv", "\ufeff" + CSV)], archive)
    assert receipt.new == 2
    assert receipt.counties == ("01001", "17031")
    assert figures(archive) == FIGURES


@pytest.mark.parametrize(
    "text",
    [
        CSV.replace(",01,001,020100", ",1,1,20100").replace(",17,031,010100", ",17,31,10100"),
        CSV.replace(",01,001,020100", ",1.0,1.0,20100.0"),
        CSV.replace("1400000US01001020100", "1001020100").replace(
            "1400000US17031010100", "17031010100"
        ),
        CSV.replace("2020-10-16", "10/16/2020"),
        (
            "RESP_DATE,CRRALL,DRRINT,state,county,tract\n"
            "2020-10-16,67.3,0.1,1,1,20100\n2020-10-16,60.9,0,17,31,10100\n"
        ),
        (
            "RESP_DATE, CRRALL, DRRINT, GEO_ID\n2020-10-16, 67.3, 0.1, 1400000US01001020100\n"
            "2020-10-16, 60.9, 0, 1400000US17031010100\n"
        ),
    ],
)
def test_codes_that_lost_their_zeros_are_padded(
    text: str, archive: Archive, tmp_path: Path
) -> None:
    import_files([write(tmp_path, "day.csv", text)], archive)
    assert figures(archive) == FIGURES


def test_a_saved_reply_comes_in(archive: Archive, tmp_path: Path) -> None:
    header, *rows = [line.split(",") for line in CSV.splitlines()]
    reply = [header, *[[value or None for value in row] for row in rows]]
    import_files([write(tmp_path, "reply.json", json.dumps(reply))], archive)
    assert figures(archive) == FIGURES


def test_parquet_with_32_bit_figures_comes_in_exactly(archive: Archive, tmp_path: Path) -> None:
    table = pd.read_csv(
        write(tmp_path, "day.csv", CSV), dtype={"state": str, "county": str, "tract": str}
    )
    table = table.astype(dict.fromkeys(["CRRALL", "CRRINT", "DRRALL", "DRRINT"], "float32"))
    table.assign(RESP_DATE=pd.to_datetime(table["RESP_DATE"])).to_parquet(tmp_path / "day.parquet")
    import_files([tmp_path / "day.parquet"], archive)
    assert figures(archive) == FIGURES


def test_rates_that_a_file_lacks_are_missing_not_zero(archive: Archive, tmp_path: Path) -> None:
    import_files(
        [
            write(
                tmp_path,
                "day.csv",
                "RESP_DATE,CRRALL,GEO_ID\n2020-10-16,67.3,1400000US01001020100\n",
            )
        ],
        archive,
    )
    assert (
        archive.read()[["internet_share", "daily_share", "daily_internet_share"]]
        .isna()
        .all(axis=None)
    )


def test_the_download_day_is_from_the_column_the_argument_or_the_file(
    archive: Archive, tmp_path: Path
) -> None:
    path = write(tmp_path, "day.csv", CSV)
    os.utime(path, (1_603_000_000, 1_603_000_000))
    (receipt,) = import_files([path], archive)
    assert receipt.downloaded_at == dt.datetime.fromtimestamp(1_603_000_000, dt.UTC)
    noon = dt.datetime(2020, 10, 17, 12, tzinfo=dt.UTC)
    assert import_files([path], archive, downloaded_at=noon)[0].downloaded_at == noon
    fetched = write(tmp_path, "fetched.csv", "FETCH_DATE," + CSV.replace("\n,", "\n2020-10-18,,"))
    assert import_files([fetched], archive, downloaded_at=noon)[0].downloaded_at == dt.datetime(
        2020, 10, 18, tzinfo=dt.UTC
    )


def test_rows_that_are_not_tracts_are_left_out_and_counted(
    archive: Archive, tmp_path: Path
) -> None:
    text = (
        CSV
        + ",,66.9,55,0,0,0500000US17031,2020-10-16,17,031,\n,,66.9,55,0,0,0100000US,2020-10-16,,,\n"
    )
    (receipt,) = import_files([write(tmp_path, "all.csv", text)], archive)
    assert (receipt.new, receipt.left_out) == (2, 2)
    assert "2 rows left out (not tracts)" in str(receipt)
    assert archive.receipts()[0].left_out == 2


def test_a_folder_is_searched_and_a_file_without_rates_is_skipped_by_name(
    archive: Archive, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    write(folder, "variables.csv", "name,label\nCRRALL,Rate\n")
    write(folder, "notes.txt", "words")
    write(folder / "deep", "day.CSV", CSV)
    seen: list[str] = []
    receipts = import_files([folder], archive, progress=lambda receipt: seen.append(receipt.source))
    assert [Path(receipt.source).name for receipt in receipts] == ["day.CSV", "variables.csv"]
    assert "skipped because it has no column RESP_DATE, CRRALL" in str(receipts[1])
    assert seen == [receipt.source for receipt in receipts]
    assert len(archive.receipts()) == 1


@pytest.mark.parametrize(
    ("old", "new", "error", "sentence"),
    [
        (
            "67.3",
            "140.0",
            OutOfRange,
            "CRRALL of tract 01001020100 is 140, outside 0% to 100%",
        ),
        ("67.3", "-3", OutOfRange, "CRRALL of tract 01001020100 is -3"),
        ("67.3", "inf", OutOfRange, "is inf"),
        ("61.9", "many", DataError, "CRRINT of tract 01001020100 is not a number: 'many'"),
        ("67.3", "", DataError, "CRRALL of tract 01001020100 is missing"),
        ("67.3", "-666666666.0", DataError, "CRRALL of tract 01001020100 is missing"),
        (
            "2020-10-16,01",
            "soon,01",
            DataError,
            "RESP_DATE of tract 01001020100 is not a date: 'soon'",
        ),
        ("2020-10-16,01", ",01", DataError, "RESP_DATE of tract 01001020100 is not a date"),
        (
            "020100\n",
            "020200\n",
            DataError,
            "'1400000US01001020100', state '01', county '001', tract '020200' is not the code",
        ),
        ("1400000US01001020100", "1400000US0100102", DataError, "is not the code of a tract"),
        ("RESP_DATE", "DATE", DataError, "has no column RESP_DATE"),
        ("GEO_ID", "GEOID", DataError, None),
        (",020100\n", ",020100,9,9,9\n", InputError, "data row 1 has more cells than"),
        ("1400000US01001020100", "1.001E+09", InputError, "a spreadsheet rounded the code"),
        ("1400000US01001020100", "1,40E+16", InputError, "a spreadsheet rounded|more cells"),
        ("1400000US01001020100", "Autauga", InputError, "'Autauga' is no code of the Bureau"),
        ("1400000US01001020100", "1001.02.01", InputError, "'1001.02.01' is no code"),
    ],
)
def test_a_wrong_file_is_named_and_the_good_ones_before_it_are_kept(
    old: str,
    new: str,
    error: type[Exception],
    sentence: str | None,
    archive: Archive,
    tmp_path: Path,
) -> None:
    good = write(tmp_path, "a_good.csv", CSV)
    bad = write(
        tmp_path,
        "b_bad.csv",
        CSV.replace("2020-10-16", "2020-10-17").replace(old.replace("10-16", "10-17"), new),
    )
    if sentence is None:
        assert import_files([good, bad], archive)[1].new == 2, "state, county, and tract are enough"
        return
    with pytest.raises(error, match=sentence) as caught:
        import_files([good, bad], archive)
    assert "b_bad.csv" in str(caught.value)
    assert archive.data_dates() == [dt.date(2020, 10, 16)]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"rows": []}', "[[1], [2, 3]]", "\x00"])
def test_a_broken_json_file_is_named(text: str, archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"reply\.json"):
        import_files([write(tmp_path, "reply.json", text)], archive)


def test_files_that_cannot_be_read_are_named(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read .*nowhere"):
        import_files([tmp_path / "nowhere.csv"], archive)
    with pytest.raises(ArchiveError, match="is not a CSV, JSON, Excel, or Parquet file"):
        import_files([write(tmp_path, "day.pdf", "x")], archive)
    with pytest.raises(ArchiveError, match="has no CSV"):
        (tmp_path / "empty").mkdir()
        import_files([tmp_path / "empty"], archive)
    with pytest.raises(DataError, match=r"cut\.parquet cannot be read as Parquet"):
        import_files([write(tmp_path, "cut.parquet", "PAR1")], archive)


def test_one_tract_with_two_figures_on_a_date_is_refused(archive: Archive, tmp_path: Path) -> None:
    line = CSV.splitlines()[1]
    import_files([write(tmp_path, "same.csv", CSV + line + "\n")], archive)
    assert len(archive.read()) == 2
    with pytest.raises(
        DataError, match="tract 01001020100 has two different figures for October 16, 2020"
    ):
        import_files(
            [write(tmp_path, "two.csv", CSV + line.replace("67.3", "67.4") + "\n")], archive
        )


PLAIN = "GEO_ID,RESP_DATE,CRRALL\n1400000US01001020100,2020-10-16,67.3\n"
MORE = PLAIN + "1400000US17031010100,2020-10-16,60.9\n"
RATES = [(GEOIDS[0], 0.673), (GEOIDS[1], 0.609)]


def rates(archive: Archive) -> list[tuple[Any, ...]]:
    table = archive.read()
    return list(zip(table.index, table["cumulative_share"], strict=True))


@pytest.mark.parametrize(
    "text",
    [
        MORE.replace("1400000US01001020100", '"=""01001020100"""'),
        MORE.replace("1400000US01001020100", "'01001020100").replace("1400000US", "'"),
        MORE.replace("GEO_ID,RESP_DATE,CRRALL", " geo_id , Resp_Date,crrall  "),
        MORE.replace("\n", ",,\n"),
        MORE.replace(",", ";"),
        MORE.replace(",", "\t"),
        MORE.replace("1400000US", "14000US"),
        MORE.replace("CRRALL\n", "CRRALL,NAME\n").replace("67.3", "67.3,Doña Ana"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_marks_of_programs_make_no_difference(
    text: str, encoding: str, archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "day.csv"
    path.write_bytes(text.encode(encoding))
    import_files([path], archive)
    assert rates(archive) == RATES


def test_a_zip_and_a_workbook_come_in(archive: Archive, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as packed:
        packed.writestr("rates/", "")
        packed.writestr("__MACOSX/rates/._day.csv", "junk")
        packed.writestr("rates/day.csv", MORE)
    import_files([tmp_path / "day.zip"], archive)
    assert rates(archive) == RATES
    table = pd.read_csv(io.StringIO(MORE.replace("60.9", "61.9").replace("10-16", "10-17")))
    table.to_excel(tmp_path / "day.xlsx", index=False)
    import_files([tmp_path / "day.xlsx"], archive)
    assert archive.read(through=dt.date(2020, 10, 17))["cumulative_share"].max() == 0.673
    assert archive.data_dates() == [dt.date(2020, 10, 16), dt.date(2020, 10, 17)]


@pytest.mark.parametrize(
    "day",
    [
        "2020-10-16T20:00:00-05:00",
        "2020-10-16 23:59:59+00:00",
        "2020-10-16T00:30:00+14:00",
        "10/16/2020 8:00:00 PM",
        "10/16/20",
        "20201016",
    ],
)
def test_the_day_is_the_one_that_is_written(day: str, archive: Archive, tmp_path: Path) -> None:
    text = PLAIN.replace("2020-10-16", day)
    import_files([write(tmp_path, "day.csv", text)], archive)
    assert archive.data_dates() == [dt.date(2020, 10, 16)]


def test_a_parquet_day_with_a_time_zone_keeps_its_day(archive: Archive, tmp_path: Path) -> None:
    table = pd.read_csv(io.StringIO(PLAIN))
    moment = pd.Timestamp("2020-10-16T20:00:00", tz="America/Chicago")
    table.assign(RESP_DATE=moment).to_parquet(tmp_path / "day.parquet")
    import_files([tmp_path / "day.parquet"], archive)
    assert archive.data_dates() == [dt.date(2020, 10, 16)]


@pytest.mark.parametrize("twice", ["CRRALL", "GEO_ID", "RESP_DATE", "crrall"])
@pytest.mark.parametrize("kind", ["json", "csv", "parquet"])
def test_a_column_twice_is_taken_where_both_agree_and_refused_where_not(
    twice: str, kind: str, archive: Archive, tmp_path: Path
) -> None:
    header, *rows = [line.split(",") for line in MORE.splitlines()]
    place = header.index(twice.upper())
    table = [[*header, twice], *([*row, row[place]] for row in rows)]
    path = save_rows(table, tmp_path / f"day.{kind}")
    import_files([path], archive)
    assert rates(archive) == RATES

    table[2][-1] = "55.5"
    with pytest.raises(InputError, match=rf"column {twice.upper()} appears 2 times, and in data"):
        import_files([save_rows(table, path)], archive)


def save_rows(rows: list[list[str]], path: Path) -> Path:
    if path.suffix == ".json":
        path.write_text(json.dumps(rows))
    elif path.suffix == ".csv":
        path.write_text("\n".join(",".join(row) for row in rows))
    else:
        columns = [pa.array(column) for column in zip(*rows[1:], strict=True)]
        pq.write_table(pa.Table.from_arrays(columns, names=rows[0]), path)
    return path


@pytest.mark.parametrize("tracts", [("101", "8401"), ("1", "2"), ("1000.0", "8401.0")])
def test_whole_tract_labels_are_refused(
    tracts: tuple[str, str], archive: Archive, tmp_path: Path
) -> None:
    text = "state,county,tract,RESP_DATE,CRRALL\n" + "".join(
        f"17,031,{tract},2020-10-16,61.3\n" for tract in tracts
    )
    with pytest.raises(InputError, match=r"can be the label of tract .* or a code that lost"):
        import_files([write(tmp_path, "day.csv", text)], archive)


def test_tract_labels_with_decimals_are_read(archive: Archive, tmp_path: Path) -> None:
    text = (
        "state,county,tract,RESP_DATE,CRRALL\n17,031,101,2020-10-16,61.3\n"
        "17,031,8401.01,2020-10-16,55\n17,031,,2020-10-16,60\n"
    )
    (receipt,) = import_files([write(tmp_path, "day.csv", text)], archive)
    assert list(archive.read().index) == ["17031010100", "17031840101"]
    assert receipt.left_out == 1, "the county's row"
