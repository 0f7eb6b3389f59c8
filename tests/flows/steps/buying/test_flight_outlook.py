"""What past windows say of a test is scaled to the season that its flight will meet."""

import datetime as dt
import itertools

import pandas as pd
import pytest

from flows.steps.buying.flight_outlook import (
    DELIVERED,
    expect_growth,
    name_quiet_window,
    scale_power,
)
from models.curves.season_file import load_season_model

SEASON = load_season_model()
#: Smallest effects (points) that a test of 50 ZIPs of Chicago could find in 28 days of 2020.
CHICAGO = {
    dt.date(2020, 5, 4): 0.38,
    dt.date(2020, 6, 16): 0.08,
    dt.date(2020, 7, 14): 0.36,
    dt.date(2020, 8, 11): 0.33,
}


def scale(past: dt.date, flight: dt.date, mde: float = 0.01) -> "pd.Series[float]":
    """Scale one window of 28 days to a flight as long."""
    table = pd.DataFrame(
        {
            "weeks": [4],
            "start": [pd.Timestamp(past)],
            "end": [pd.Timestamp(past) + pd.Timedelta(days=28)],
            "mde_share": [mde],
        }
    )
    scaled = scale_power(table, SEASON, flight)
    assert scaled is not None
    return scaled.iloc[0]


def test_the_next_window_is_judged_better_than_without_scaling() -> None:
    days = list(CHICAGO)
    plain, scaled = [], []
    for past, flight in itertools.pairwise(days):
        plain.append(CHICAGO[past] / CHICAGO[flight])
        scaled.append(scale(past, flight, CHICAGO[past])["flight_mde_share"] / CHICAGO[flight])
    assert max(*plain, 1 / min(plain)) > 4
    assert 0.45 < min(scaled) < max(scaled) < 1.5


def test_the_same_window_stays_as_it_is_and_delivery_divides() -> None:
    day = dt.date(2020, 5, 4)
    row = scale(day, day)
    assert row["growth_ratio"] == pytest.approx(1)
    assert row["delivered_mde_share"] == pytest.approx(0.01 / DELIVERED.value)


def test_beyond_the_season_nothing_is_scaled() -> None:
    assert expect_growth(SEASON, dt.date(2020, 10, 1), dt.date(2020, 11, 20)) == 0
    assert scale(dt.date(2020, 5, 4), dt.date(2020, 11, 1))["growth_ratio"] == 1
    assert scale_power(None, SEASON, dt.date(2020, 5, 4)) is None


def test_a_quieter_window_is_named_if_there_is_one() -> None:
    deadline = dt.date(2020, 10, 15)
    sentence = name_quiet_window(SEASON, dt.date(2020, 5, 4), dt.date(2020, 6, 1), deadline)
    assert sentence.startswith("The quietest days for a flight of this length begin on ")
    day, growth = dt.date(2020, 6, 16), dt.timedelta(days=28)
    assert (
        f"against {100 * expect_growth(SEASON, dt.date(2020, 5, 4), dt.date(2020, 6, 1)):.1f}"
        in (sentence)
    )
    assert name_quiet_window(SEASON, day, day + growth, deadline) == ""
