"""The back-test flow: from the archive to a folder with page and tables."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.backtest import TABLES, describe_figures, run_backtest
from outreach.archive import Archive
from outreach.campaign import Area
from outreach.errors import NothingThere


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return an archive of 60 invented tracts on every fifth day of the season of 2020."""
    rng = np.random.default_rng(1)
    final = rng.uniform(0.4, 0.85, 60)
    days = pd.Timestamp("2020-03-23") + pd.to_timedelta([*range(0, 206, 5), 207, 219], unit="D")
    done = 1 - np.exp(-np.arange(1, len(days) + 1) / 8)
    share = np.clip(final[:, None] * done * rng.uniform(0.97, 1, (60, 1)), 0, 1)
    table = pd.DataFrame(
        {
            "data_date": np.tile(days, 60),
            "cumulative_share": np.maximum.accumulate(share, axis=1).round(3).ravel(),
            "internet_share": (0.7 * share).round(3).ravel(),
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(
            np.repeat([f"01001{100 * n:06d}" for n in range(1, 61)], len(days)), name="geoid"
        ),
    )
    ledger = Archive(tmp_path / "archive")
    ledger.append(table, "invented", dt.datetime(2020, 10, 29, tzinfo=dt.UTC))
    return ledger


def test_a_folder_with_page_and_tables_comes_out(archive: Archive, tmp_path: Path) -> None:
    area = Area(state="01", county="001")
    folder = run_backtest([area], 2020, tmp_path / "my back-test", archive, days=(0, 14, 30, 400))
    assert {path.name for path in folder.iterdir()} == {
        "backtest.es.html",
        "backtest.html",
        *(f"{name}.csv" for name in TABLES),
    }
    page = (folder / "backtest.html").read_text(encoding="utf-8")
    assert "Autauga County, Alabama" in page
    assert "October 16, 2020" in page
    days = pd.read_csv(folder / "days.csv")
    assert set(days["day"]) == {14, 30}
    assert {"lowest rate first", "blend", "season forecast"} <= set(days["rule"])

    # The printed figures are those of the table.
    lines = describe_figures(folder)
    assert [line.partition(":")[0] for line in lines] == ["day 14", "day 30"]
    forecast = days.assign(error_points=7.125, covered80_share=0.81)
    forecast.to_csv(folder / "days.csv", index=False)
    assert all(
        line.endswith("; mean error 7.12 points; 80% ranges cover 81%")
        for line in describe_figures(folder)
    )

    # A forecast without rates or ranges is said to have none.
    blank = days.assign(error_points=float("nan"), covered80_share=float("nan"))
    blank.to_csv(folder / "days.csv", index=False)
    assert all(
        line.endswith("; it forecast no rates; it gave no ranges")
        for line in describe_figures(folder)
    )


def test_an_area_that_is_not_archived_is_named(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NothingThere, match="season 2020 for Alaska"):
        run_backtest([Area(state="02")], 2020, tmp_path / "out", archive)
    assert not (tmp_path / "out").exists()
