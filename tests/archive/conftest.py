"""Make an empty archive, and rates to put into it."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from outreach.archive import Archive
from outreach.tables import DataFrame, ResponseRates, as_table

MakeRates = Callable[..., DataFrame[ResponseRates]]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return an archive that does not exist yet."""
    return Archive(tmp_path / "archive")


@pytest.fixture
def make_rates() -> MakeRates:
    """Return a maker of rates: tracts by geoid with their cumulative share, on one date."""

    def make(date: str, **shares: float) -> DataFrame[ResponseRates]:
        geoids = pd.Index([name.removeprefix("t") for name in shares], name="geoid", dtype="str")
        columns = {
            "data_date": pd.Timestamp(date),
            "cumulative_share": list(shares.values()),
            "internet_share": 0.1,
        }
        columns |= {"daily_share": 0.001, "daily_internet_share": float("nan")}
        return as_table(pd.DataFrame(columns, index=geoids), ResponseRates)

    return make


@pytest.fixture
def noon() -> Callable[[str], dt.datetime]:
    """Return a maker of download times."""
    return lambda date: dt.datetime.fromisoformat(f"{date}T12:00:00+00:00")
