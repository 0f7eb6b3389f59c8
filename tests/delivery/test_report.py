"""Reports of every platform are read alike; a hostile or half one is one clear sentence."""

import math
from pathlib import Path

import pandas as pd
import pytest

from outreach.delivery.headers import COLUMNS, load_headers
from outreach.delivery.report import list_readers, read_report
from outreach.errors import InputError
from tests.delivery.platforms import WRITERS, Row, save

TAG = "96fd442c511320813ff"
SPANISH = f"Town | treat | {TAG} | es"
ENGLISH = f"Town | treat | {TAG} | en | part 2"
DAYS = pd.date_range("2020-06-01", periods=2)
ROWS = [
    Row(DAYS[0], SPANISH, "60608", 12_000, 31, 1200.50, 5000),
    Row(DAYS[0], ENGLISH, "60623", 10, 0, 0.10, 7),
    Row(DAYS[1], SPANISH, "60608", 9_000, 12, 900.01, 4000),
]
GOOGLE = "Day,Campaign,Matched location,Currency code,Cost,Impr.,Clicks\n"


def read_text(folder: Path, text: str, platform: str = "") -> pd.DataFrame:
    path = folder / "report.csv"
    path.write_text(text, encoding="utf-8")
    return read_report(path, platform).delivery


def test_there_is_a_writer_for_every_reader_and_all_facts_have_a_source() -> None:
    assert set(WRITERS) == set(list_readers())
    for name, reader in list_readers().items():
        headers = load_headers(name)
        assert headers.platform == name
        assert set(headers.columns) <= set(COLUMNS)
        assert set(reader.needed) | set(reader.names) <= set(COLUMNS)
        for fact in (*headers.columns.values(), *headers.words.values()):
            assert fact.source
            assert fact.checked


@pytest.mark.parametrize("platform", WRITERS)
def test_every_platform_says_the_same(platform: str, tmp_path: Path) -> None:
    report = read_report(save(tmp_path, platform, ROWS))
    table = report.delivery
    assert report.platform == platform
    assert table["day"].tolist() == [row.day for row in ROWS]
    assert table["place"].tolist() == ["60608", "60623", "60608"]
    assert table["campaign"].tolist() == [SPANISH, ENGLISH, SPANISH]
    assert set(table["version"]) == {TAG}
    assert set(table["arm"]) == {"treat"}
    assert table["language"].tolist() == ["es", "en", "es"]
    assert set(table["channel"]) == {platform}
    assert table["impressions_count"].tolist() == [12_000, 10, 9_000]
    assert table["spend_usd"].round(6).tolist() == [1200.50, 0.10, 900.01]
    assert table["clicks_count"].fillna(0).tolist() == [31, 0, 12]
    if platform in {"meta", "tiktok", "csv"}:
        assert table["reach_count"].tolist() == [5000, 7, 4000]
    assert report.time_zone == (
        "(GMT-06:00) Central Time (US & Canada)" if platform == "microsoft" else ""
    )


@pytest.mark.parametrize("platform", [name for name in WRITERS if name != "csv"])
def test_a_report_that_lost_its_end_is_refused(platform: str, tmp_path: Path) -> None:
    # Everything but its second row: rows are gone, and totals or the count of rows tell.
    path = save(tmp_path, platform, ROWS)
    encoding = "utf-16" if platform == "google" else "utf-8"
    lines = path.read_text(encoding).splitlines(keepends=True)
    gone = next(number for number, line in enumerate(lines) if "60623" in line)
    path.write_text("".join(lines[:gone] + lines[gone + 1 :]), encoding=encoding)
    with pytest.raises(InputError, match=r"add up to|says that it has"):
        read_report(path)


@pytest.mark.parametrize("platform", WRITERS)
def test_a_line_that_is_cut_is_refused(platform: str, tmp_path: Path) -> None:
    path = save(tmp_path, platform, ROWS[:1])
    encoding = "utf-16" if platform == "google" else "utf-8"
    text = path.read_text(encoding)
    end = text.index("60608") + 2
    path.write_text(text[:end], encoding=encoding)
    with pytest.raises(InputError, match=r"cut off|download it again|says that it has"):
        read_report(path)


def test_a_currency_that_is_not_the_campaigns_is_refused(tmp_path: Path) -> None:
    for platform, word in (("google", "USD"), ("meta", "(USD)"), ("dv360", "USD")):
        path = save(tmp_path, platform, ROWS)
        encoding = "utf-16" if platform == "google" else "utf-8"
        text = path.read_text(encoding).replace(word, word.replace("USD", "CAD"))
        path.write_text(text, encoding=encoding)
        with pytest.raises(InputError, match="in CAD, and the campaign's money is in US dollars"):
            read_report(path)


def test_a_report_without_a_currency_says_what_is_taken_for_granted(tmp_path: Path) -> None:
    report = read_report(save(tmp_path, "csv", ROWS))
    assert "names no currency" in report.notes[0]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ('2020-06-01,C,60608,USD,"1.200,50",10,1', "Cost in row 2 is '1.200,50', not a number"),
        ("2020-06-01,C,60608,USD,1,1.234,1", "Impr. in row 2 is '1.234', not a whole number"),
        ("2020-06-01,C,60608,USD,-5,10,1", "not a number of 0 or more"),
        ("2020-06-01,C,60608,USD,inf,10,1", "not a number of 0 or more"),
        ("2020-06-01,C,60608,USD,1,<10,1", "Impr. in row 2 is '<10'"),
        ("soon,C,60608,USD,1,10,1", "row 2 has no day that can be read"),
        ("13/06/2020,C,60608,USD,1,10,1", "row 2 has no day that can be read"),
        ("Total: Campaigns,,,USD,1,10,1", "has no row with a day"),
    ],
)
def test_a_hostile_cell_is_named(row: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, f"{GOOGLE}{row}\n", "google")
    assert sentence in str(caught.value)


def test_an_unknown_header_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path, "Tag,Kampagne,Kosten\n2020-06-01,A,1\n")
    text = str(caught.value)
    assert "Tag, Kampagne, Kosten" in text
    assert "Google Ads: Day, Campaign, Impr., Cost" in text
    assert "Meta: Impressions, Amount spent" in text
    with pytest.raises(InputError, match="no reader for reports of 'bing'"):
        read_text(tmp_path, GOOGLE, "bing")


def test_a_renamed_column_is_read_by_a_file_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(
        GOOGLE.replace("Cost", "Spend here") + f"2020-06-01,{SPANISH},60608,USD,2,3,1\n"
    )
    own = tmp_path / "google-report.toml"
    own.write_text('columns.spend = {value = ["Spend here"], source = "our account"}\n')
    assert read_report(path, "google", tmp_path).delivery["spend_usd"].tolist() == [2]
    assert load_headers("google", tmp_path).columns["spend"].status == "USER"
    own.write_text('columns.spent = {value = ["Spend here"]}\n')
    with pytest.raises(InputError, match="'spent', which no reader reads"):
        read_report(path, "google", tmp_path)
    own.write_text("columns = ")
    with pytest.raises(InputError, match=r"is not valid TOML: .* Fix that line"):
        read_report(path, "google", tmp_path)


def test_meta_without_days_is_refused_and_one_day_is_its_day(tmp_path: Path) -> None:
    head = "Ad set name,Impressions,Amount spent (USD),Reporting starts,Reporting ends\n"
    one = read_text(tmp_path, f"{head}{SPANISH},10,1.50,2020-06-03,2020-06-03\n", "meta")
    assert one["day"].tolist() == [pd.Timestamp("2020-06-03")]
    with pytest.raises(InputError, match="runs from 2020-06-01 to 2020-06-28"):
        read_text(tmp_path, f"{head}{SPANISH},10,1.50,2020-06-01,2020-06-28\n", "meta")
    without = "Ad set name,Impressions,Amount spent (USD)\nA,1,1\n"
    with pytest.raises(InputError, match="no column Day"):
        read_text(tmp_path, without, "meta")


def test_microsoft_by_week_is_refused_and_an_unfinished_one_says_so(tmp_path: Path) -> None:
    path = save(tmp_path, "microsoft", ROWS)
    text = path.read_text("utf-8-sig")
    path.write_text(text.replace("Data: false", "Data: true"))
    assert "not complete yet" in read_report(path).notes[0]
    path.write_text(text.replace("Aggregation: Daily", "Aggregation: Weekly"))
    with pytest.raises(InputError, match="is not by day"):
        read_report(path)


def test_rows_of_one_place_and_day_are_added_up_without_reach(tmp_path: Path) -> None:
    path = save(tmp_path, "meta", [ROWS[0], ROWS[0], ROWS[2]])
    report = read_report(path)
    assert report.delivery["impressions_count"].tolist() == [24_000, 9_000]
    assert report.delivery["spend_usd"].tolist() == [2401.0, 900.01]
    assert math.isnan(report.delivery["reach_count"][0])
    assert report.delivery["reach_count"][1] == 4000
    assert "1 row of the same place" in report.notes[0]


def test_names_of_others_carry_no_version_and_are_kept(tmp_path: Path) -> None:
    text = f"{GOOGLE}2020-06-01,=Parks | treat,60608,USD,2,3,1\n2020-06-01,--,60608,USD,2,3,1\n"
    table = read_text(tmp_path, text)
    assert table["campaign"].tolist() == ["=Parks | treat", ""]
    assert set(table["version"]) == {""}


def test_a_plain_row_without_a_channel_is_refused(tmp_path: Path) -> None:
    text = "place,day,channel,impressions,spend\n60608,2020-06-01,--,1,1\n"
    with pytest.raises(InputError, match="row 2 names no channel"):
        read_text(tmp_path, text)
