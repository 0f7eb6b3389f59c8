"""The invented season behaves as a real one."""

import datetime as dt

import numpy as np
import pytest

from outreach.sandbox.county.dates import (
    DAYS,
    LAST_DAY,
    STALE_DAY,
    find_published,
    is_published,
)
from outreach.sandbox.county.world import InventedCounty
from tests.sandbox.county.served import (
    count_days,
    read_rows,
)


@pytest.mark.parametrize(
    ("day", "low", "high"),
    [
        ("2020-03-26", 24, 32),
        ("2020-03-31", 34, 42),
        ("2020-04-30", 51, 60),
        ("2020-05-31", 58, 64),
        ("2020-10-16", 65, 71),
    ],
)
def test_the_county_grows_as_the_nation_did(
    county: InventedCounty, day: str, low: float, high: float
) -> None:
    season = county.season
    at = count_days(dt.date.fromisoformat(day))
    assert low < 100 * season.cumulative[:, at].sum() / season.addresses.sum() < high


def test_rates_never_fall_and_internet_is_part_of_all(county: InventedCounty) -> None:
    season = county.season
    assert (np.diff(season.cumulative, axis=1) >= 0).all()
    assert (season.internet <= season.cumulative).all()
    assert (season.cumulative <= season.addresses[:, None]).all()


def test_a_mailing_lifts_the_days_after_it(county: InventedCounty) -> None:
    daily = np.diff(county.season.cumulative.sum(axis=0))
    for mailing in (dt.date(2020, 4, 8), dt.date(2020, 4, 27), dt.date(2020, 7, 22)):
        at = count_days(mailing)
        assert daily[at : at + 7].mean() > 1.15 * daily[at - 7 : at].mean()


def test_the_daily_figure_is_not_quite_the_difference(county: InventedCounty) -> None:
    season = county.season
    difference = 100 * np.diff(season.cumulative, axis=1) / season.addresses[:, None]
    gap = np.abs(season.daily_percent[:, 1:] - difference)
    july = DAYS[1:].month == 7
    assert (
        np.corrcoef(season.daily_percent[:, 1:60].ravel(), difference[:, :59].ravel())[0, 1] > 0.99
    )
    assert 0.1 < (gap[:, july] > 0.051).mean() < 0.9
    assert (
        season.daily_percent <= 100 * season.cumulative / season.addresses[:, None] + 0.05
    ).all()


def test_nothing_is_published_on_weekends_from_june_or_on_the_stale_day() -> None:
    sunday = dt.date(2020, 6, 14)
    assert find_published(sunday) == dt.date(2020, 6, 12)
    assert find_published(dt.date(2020, 5, 31)) == dt.date(2020, 5, 31)
    assert find_published(STALE_DAY) == STALE_DAY - dt.timedelta(days=1)
    assert find_published(dt.date(2020, 9, 7)) == dt.date(2020, 9, 4)
    assert find_published(dt.date(2021, 3, 1)) == LAST_DAY
    assert find_published(dt.date(2020, 3, 19)) is None
    assert sum(is_published(day.date()) for day in DAYS) == 211 - 2 * 19 - 3 - 1


def test_the_same_county_can_be_on_another_day(county: InventedCounty) -> None:
    later = county.on(dt.date(2020, 6, 14))
    assert set(read_rows(later, 2020, "dec/responserate")["RESP_DATE"]) == {"2020-06-12"}
    assert set(read_rows(county, 2020, "dec/responserate")["RESP_DATE"]) == {"2020-05-28"}
    assert read_rows(later, 2018, "acs/acs5").equals(read_rows(county, 2018, "acs/acs5"))


def test_published_rates_have_one_decimal_and_follow_the_truth(county: InventedCounty) -> None:
    final = read_rows(county.on(LAST_DAY), 2020, "dec/responserate")["CRRALL"]
    assert final.str.fullmatch(r"\d{1,2}\.\d").all()
    assert (final.astype(float) / 100 - county.truth.final_share).abs().max() <= 0.000501
