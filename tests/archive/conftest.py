"""An empty ledger, and rates to put into it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from outreach.archive import Archive

MakeRates = Callable[..., pd.DataFrame]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return a ledger that does not exist yet."""
    return Archive(tmp_path / "archive")


@pytest.fixture
def make_rates() -> MakeRates:
    """Return a maker of rates: tracts by geoid with their cumulative share, on one date."""

    def make(date: str, **shares: float) -> pd.DataFrame:
        geoids = pd.Index([name.removeprefix("t") for name in shares], name="geoid", dtype="str")
        columns = {
            "data_date": pd.Timestamp(date),
            "cumulative_share": list(shares.values()),
            "internet_share": 0.1,
        }
        return pd.DataFrame(
            {**columns, "daily_share": 0.001, "daily_internet_share": float("nan")}, index=geoids
        )

    return make


@pytest.fixture
def noon() -> Callable[[str], dt.datetime]:
    """Return a maker of download times."""
    return lambda date: dt.datetime.fromisoformat(f"{date}T12:00:00+00:00")
