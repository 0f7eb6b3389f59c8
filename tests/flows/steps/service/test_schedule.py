"""Ask after the publication, whatever clock an area lives by."""

import datetime as dt

import pytest

from flows.steps.service.schedule import find_local_time, find_time_zone, write_cron
from tests.builders import make_campaign


@pytest.mark.parametrize(
    ("state", "zone"),
    [
        ("17", "America/Chicago"),
        ("15", "Pacific/Honolulu"),
        ("72", "America/Puerto_Rico"),
        ("99", "America/New_York"),  # the invented county
    ],
)
def test_an_area_lives_by_the_clock_of_its_state(state: str, zone: str) -> None:
    assert find_time_zone(make_campaign(areas=[{"state": state, "county": "001"}])) == zone


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("America/New_York", dt.time(15)),
        ("America/Chicago", dt.time(14)),
        ("America/Phoenix", dt.time(13)),  # 12:00 in summer, for Arizona has no summer time
        ("Pacific/Honolulu", dt.time(10)),
        ("America/Puerto_Rico", dt.time(16)),
        ("Pacific/Guam", dt.time(6)),  # of the next day
    ],
)
def test_no_season_is_asked_for_before_it_is_published(zone: str, local: dt.time) -> None:
    assert find_local_time(dt.time(15), zone, 2030) == local


def test_a_cron_line_ticks_every_half_hour_within_one_day() -> None:
    assert write_cron(dt.time(14), 4) == "0,30 14-17 * * *"
    assert write_cron(dt.time(14, 40), 1) == "10,40 14 * * *"
    assert write_cron(dt.time(22), 5) == "0,30 22-23 * * *"
