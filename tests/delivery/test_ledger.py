"""The ledger takes a report once, tells corrections, and loses nothing."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from outreach.delivery.ledger import DeliveryLedger
from outreach.delivery.receipt import Receipt
from outreach.delivery.report import read_report
from outreach.errors import InputError, StoreError
from outreach.tables import DataFrame, Delivery
from tests.delivery.platforms import Row, save

NAME = "Town | treat | 96fd442c511320813ff | en"
DAYS = pd.date_range("2020-06-01", periods=3)
ROWS = [Row(day, NAME, code, 1000, 5, 12.34) for day in DAYS for code in ("60608", "60623")]
DRAFT = Receipt(
    platform="google",
    file="report.csv",
    file_sha256="0",
    imported_at=dt.datetime(2020, 6, 4, tzinfo=dt.UTC),
    first_day=DAYS[0].date(),
    last_day=DAYS[-1].date(),
    rows_count=6,
    impressions_count=6000,
    spend_usd=74.04,
)


def read(folder: Path, rows: list[Row]) -> DataFrame[Delivery]:
    return read_report(save(folder, "google", rows)).delivery


def list_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def ledger(tmp_path: Path) -> DeliveryLedger:
    return DeliveryLedger(tmp_path / "ledger")


def test_an_empty_ledger_has_no_rows(ledger: DeliveryLedger) -> None:
    assert ledger.read().empty
    assert ledger.receipts() == []


def test_the_same_report_twice_changes_nothing(ledger: DeliveryLedger, tmp_path: Path) -> None:
    table = read(tmp_path, ROWS)
    first = ledger.record(table, DRAFT)
    assert (first.number, first.new_count, first.unchanged_count) == (1, 3, 0)
    files = list_files(ledger.folder)
    again = ledger.record(table.sample(frac=1, random_state=1), DRAFT)
    assert (again.number, again.new_count, again.unchanged_count) == (0, 0, 3)
    assert list_files(ledger.folder) == files
    assert ledger.read()["spend_usd"].sum() == pytest.approx(74.04)


def test_a_longer_report_adds_its_new_days_alone(ledger: DeliveryLedger, tmp_path: Path) -> None:
    ledger.record(read(tmp_path, ROWS[:2]), DRAFT)
    receipt = ledger.record(read(tmp_path, ROWS), DRAFT)
    assert (receipt.number, receipt.new_count, receipt.unchanged_count) == (2, 2, 1)
    assert len(pd.read_parquet(ledger.folder / receipt.segment)) == 4
    assert len(ledger.read()) == 6


def test_a_corrected_day_supersedes_and_is_told(ledger: DeliveryLedger, tmp_path: Path) -> None:
    ledger.record(read(tmp_path, ROWS), DRAFT)
    before = list_files(ledger.folder)
    rows = [replace(ROWS[0], impressions=900, spend_usd=11.11), *ROWS[2:]]
    receipt = ledger.record(read(tmp_path, rows), DRAFT)
    assert receipt.new_count == 0
    assert receipt.unchanged_count == 2
    (told,) = receipt.corrections
    assert (told.day, told.places_gone_count) == (DAYS[0].date(), 1)
    assert (told.spend_before_usd, told.spend_after_usd) == (24.68, 11.11)
    assert (told.impressions_before, told.impressions_after) == (2000, 900)
    table = ledger.read()
    assert table["spend_usd"].sum() == pytest.approx(11.11 + 4 * 12.34)
    assert ledger.preview(read(tmp_path, ROWS))["spend_usd"].sum() == pytest.approx(74.04)
    # What was known stays as it was written.
    after = list_files(ledger.folder)
    assert {name: after[name] for name in before} == before


def test_a_report_without_places_does_not_replace_one_with_them(
    ledger: DeliveryLedger, tmp_path: Path
) -> None:
    ledger.record(read(tmp_path, ROWS), DRAFT)
    blank = [replace(row, zip_code="--") for row in ROWS[:1]]
    path = save(tmp_path, "microsoft", blank)
    table = read_report(path).delivery.assign(channel="google")
    with pytest.raises(InputError, match="names no places, and an earlier one named 2"):
        ledger.record(table, DRAFT)
    assert len(ledger.receipts()) == 1


def test_a_damaged_segment_is_named(ledger: DeliveryLedger, tmp_path: Path) -> None:
    receipt = ledger.record(read(tmp_path, ROWS), DRAFT)
    segment = ledger.folder / receipt.segment
    content = segment.read_bytes()
    segment.write_bytes(content[:-3])
    with pytest.raises(StoreError, match="was changed or damaged"):
        ledger.read()
    segment.unlink()
    with pytest.raises(StoreError, match="Cannot read"):
        ledger.read()


def test_rows_without_a_receipt_do_not_count(ledger: DeliveryLedger, tmp_path: Path) -> None:
    """A process that is killed between its two files leaves what was there."""
    receipt = ledger.record(read(tmp_path, ROWS), DRAFT)
    (ledger.folder / "receipts" / f"{receipt.number:04d}.json").unlink()
    assert ledger.read().empty
    assert ledger.record(read(tmp_path, ROWS), DRAFT).number == 1


def test_several_at_once_lose_nothing(ledger: DeliveryLedger, tmp_path: Path) -> None:
    tables = [read(tmp_path, ROWS[2 * day : 2 * day + 2]) for day in range(3)]
    with ThreadPoolExecutor(3) as pool:
        receipts = list(pool.map(lambda table: ledger.record(table, DRAFT), tables))
    assert sorted(receipt.number for receipt in receipts) == [1, 2, 3]
    assert len(ledger.read()) == 6


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Cannot"):
        DeliveryLedger(tmp_path / "file").record(read(tmp_path, ROWS), DRAFT)
