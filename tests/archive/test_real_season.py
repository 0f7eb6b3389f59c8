"""The real 2020 season comes in whole, and its irregularities are found."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from outreach import tables
from outreach.archive import Archive, describe_archive, import_files

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cook(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Return an archive of the City of Chicago's own daily downloads."""
    archive = Archive(tmp_path_factory.mktemp("cook"))
    import_files([real_data / "responserate_cook"], archive)
    return archive


def test_all_of_cook_county_is_read_back_exactly(cook: Archive, real_data: Path) -> None:
    rates = cook.read(["17031"])
    original = pq.read_table(real_data / "responserate_cook" / "cook_fetches.parquet").to_pandas()
    original = original.drop_duplicates(["GEO_ID", "RESP_DATE"]).sort_values(
        ["GEO_ID", "RESP_DATE"]
    )
    assert len(rates) == 161 * 1328 == len(original)
    assert (rates.index == original["GEO_ID"].str[-11:]).all()
    assert (rates["data_date"].to_numpy() == pd.to_datetime(original["RESP_DATE"]).to_numpy()).all()
    for ours, theirs in (
        ("cumulative_share", "CRRALL"),
        ("internet_share", "CRRINT"),
        ("daily_share", "DRRALL"),
    ):
        assert (
            (rates[ours] * 1000).round().astype(int).to_numpy()
            == (original[theirs] * 10).round().astype(int).to_numpy()
        ).all()
    tables.check(rates, tables.ResponseRates, "archive")


def test_the_43_stale_replies_of_204_fetches_are_found(cook: Archive) -> None:
    status = describe_archive(cook)
    assert status.downloads == 204
    assert len(status.dates) == 161
    lags, counts = np.unique([stale.lag_days for stale in status.stale], return_counts=True)
    assert dict(zip(lags.tolist(), counts.tolist(), strict=True)) == {1: 20, 2: 19, 3: 4}
    assert status.changed == {}


def test_the_days_that_nobody_archived_are_the_gaps(cook: Archive) -> None:
    status = describe_archive(cook)
    # No download on 05-16. On the other two days it came before that day's release.
    assert status.gaps == (dt.date(2020, 4, 22), dt.date(2020, 5, 16), dt.date(2020, 9, 28))
    assert dt.date(2020, 9, 7) in status.rest_days
    assert all(
        date.weekday() >= 5
        or date in {dt.date(2020, 7, 3), dt.date(2020, 9, 7), dt.date(2020, 10, 12)}
        for date in status.rest_days
    )


def test_the_national_file_and_the_citys_agree_and_complete_each_other(
    real_data: Path, tmp_path: Path
) -> None:
    archive = Archive(tmp_path)
    for path in (real_data / "responserate_cook", real_data / "responserate" / "state_17.parquet"):
        receipts = import_files([path], archive)
    assert (receipts[0].changed, receipts[0].known, receipts[0].new) == (
        0,
        197_872,
        157 * 3255 - 197_872,
    )
    assert len(archive.data_dates(["17031"])) == 169
    assert len(archive.read(["17"], on=dt.date(2020, 10, 16))) == 3255
    assert all(
        "17031" not in codes
        for codes in describe_archive(archive, ["17"]).missing_counties.values()
    )


def test_missing_states_and_tracts_are_named(real_data: Path, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    import_files(
        [
            real_data / "responserate" / f"state_{state}.parquet"
            for state in ("11", "25", "28", "47")
        ],
        archive,
    )
    status = describe_archive(archive)
    assert status.missing_states == {dt.date(2020, 3, 26): ("28",)}
    assert status.missing_tracts == {dt.date(2021, 1, 29): ("25025981202", "47155980100")}
    assert status.missing_counties == {}
    lost = {(4, 10), (4, 28), (5, 6), (5, 8), (6, 3), (7, 10), (7, 17), (8, 12), (9, 1), (9, 29)}
    assert {
        (date.month, date.day)
        for date in status.gaps
        if date < dt.date(2020, 10, 17) and date.weekday() < 5
    } == lost


def test_a_saved_reply_is_already_in_the_season(real_data: Path, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    import_files([real_data / "responserate" / "state_11.parquet"], archive)
    (receipt,) = import_files(
        [real_data / "responserate" / "api_example" / "2020-10-16_state_11.csv"], archive
    )
    assert (receipt.known, receipt.new, receipt.changed) == (202, 0, 0)
