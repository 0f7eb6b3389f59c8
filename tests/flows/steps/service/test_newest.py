"""Ask for today's rates until they are there, and no longer."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from flows.steps.service.newest import describe_newest, find_held_today
from outreach.archive import Archive
from outreach.campaign import Campaign
from tests.builders import make_campaign

#: 15:30 on an Eastern clock in May.
AFTERNOON = dt.time(19, 30, tzinfo=dt.UTC)


def pull(archive: Archive, data_date: dt.date, day: dt.date) -> None:
    rates = pd.DataFrame(
        {
            "data_date": [pd.Timestamp(data_date)],
            "cumulative_share": [0.5 + data_date.day / 100],
            "internet_share": [0.4],
            "daily_share": [0.01],
            "daily_internet_share": [0.01],
        },
        index=pd.Index(["17031010100"], name="geoid"),
    )
    archive.append(rates, source="test", downloaded_at=dt.datetime.combine(day, AFTERNOON))


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign(areas=[{"state": "17", "county": "031"}])


def test_rates_are_held_once_the_usual_data_date_is_there(
    tmp_path: Path, campaign: Campaign
) -> None:
    archive = Archive(tmp_path / "archive")
    may = [dt.date(2020, 5, day) for day in range(1, 10)]
    now = dt.datetime.combine(may[3], AFTERNOON)

    # Nothing is known without earlier days, not even right after a pull.
    assert find_held_today(archive, campaign, now) is None
    pull(archive, may[0], may[1])
    assert find_held_today(archive, campaign, dt.datetime.combine(may[1], AFTERNOON)) is None

    # The day after, yesterday's publication was missed: what a morning brings is not today's.
    pull(archive, may[1], may[3])
    assert find_held_today(archive, campaign, now) is None
    pull(archive, may[2], may[3])
    assert find_held_today(archive, campaign, now) == may[2]
    assert find_held_today(archive, campaign, dt.datetime.combine(may[4], AFTERNOON)) is None


def test_a_pull_says_whether_it_brought_a_newer_date(campaign: Campaign) -> None:
    first, second = dt.date(2020, 5, 1), dt.date(2020, 5, 2)
    assert describe_newest(campaign, None, first) == "New: the rates of May 1, 2020 are archived."
    assert describe_newest(campaign, first, second).startswith("New: the rates of May 2, 2020")
    assert describe_newest(campaign, second, second) == (
        "Nothing new today: the newest rates are still those of May 2, 2020."
    )
    assert describe_newest(campaign, None, None).startswith("Nothing new today: no rates")
