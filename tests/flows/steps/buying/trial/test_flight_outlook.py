"""What past windows say of a test is scaled to the season that its flight will meet."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.trial.flight_outlook import (
    DELIVERED,
    name_quiet_window,
    name_spread_kind,
    scale_power,
)
from models.trial.season_spread import load_season_spread, measure_log_spread

SPREAD = load_season_spread()
FOUR_WEEKS = dt.timedelta(days=28)
APRIL, JUNE, AUGUST = dt.date(2020, 4, 20), dt.date(2020, 6, 16), dt.date(2020, 8, 11)


def scatter(units: int = 60, spread: float = 0.01) -> pd.DataFrame:
    """Return a season of units that drift apart steadily from March 24 on."""
    rng = np.random.default_rng(3)
    dates = pd.date_range("2020-03-24", "2020-10-15")
    slopes = rng.normal(0.001, spread / 28, (units, len(dates) // 28 + 1)).repeat(28, axis=1)
    rates = 0.4 + slopes[:, : len(dates)].cumsum(axis=1)
    return pd.DataFrame(rates, columns=dates)


def scale(past: dt.date, flight: dt.date, history: pd.DataFrame | None = None) -> pd.Series:
    """Scale one window of 28 days to a flight of tracts as long."""
    table = pd.DataFrame(
        {
            "weeks": [4],
            "start": [pd.Timestamp(past)],
            "end": [pd.Timestamp(past + FOUR_WEEKS)],
            "mde_share": [0.01],
        }
    )
    history = scatter() if history is None else history
    scaled = scale_power(table, SPREAD, history, "tract", flight)
    assert scaled is not None
    return scaled.iloc[0]


def test_a_window_before_the_season_turns_is_scaled_to_the_season_after_it() -> None:
    past = AUGUST - FOUR_WEEKS
    history = scatter(spread=math.exp(SPREAD.expect("tract", past, AUGUST)))
    usual = SPREAD.expect("tract", AUGUST, AUGUST + FOUR_WEEKS) - SPREAD.expect(
        "tract", past, AUGUST
    )
    row = scale(past, AUGUST, history)
    assert row["spread_ratio"] == pytest.approx(math.exp(usual), rel=0.25)
    assert row["spread_ratio"] > 1.5
    assert row["flight_mde_share"] == pytest.approx(0.01 * row["spread_ratio"])
    assert row["delivered_mde_share"] == pytest.approx(row["flight_mde_share"] / DELIVERED.value)


def test_an_area_keeps_a_part_of_its_departure_from_the_season() -> None:
    past = AUGUST - FOUR_WEEKS
    history = scatter(spread=1.5 * math.exp(SPREAD.expect("tract", past, AUGUST)))
    own = measure_log_spread(history, past, AUGUST)
    departure = own - SPREAD.expect("tract", past, AUGUST)
    assert 0.2 < departure < 0.6
    foreseen = SPREAD.foresee("tract", (past, AUGUST), own, (AUGUST, AUGUST + FOUR_WEEKS))
    kept = foreseen - SPREAD.expect("tract", AUGUST, AUGUST + FOUR_WEEKS)
    assert kept == pytest.approx(SPREAD.persistence["tract"] * departure)
    assert math.log(scale(past, AUGUST, history)["spread_ratio"]) == pytest.approx(foreseen - own)


def test_the_range_reaches_as_far_as_four_of_five_areas_were_missed() -> None:
    row = scale(JUNE, JUNE + FOUR_WEEKS)
    miss = math.exp(SPREAD.expect_miss("tract", JUNE + FOUR_WEEKS, JUNE + 2 * FOUR_WEEKS))
    assert row["flight_mde_high_share"] == pytest.approx(row["flight_mde_share"] * miss)
    assert row["flight_mde_low_share"] == pytest.approx(row["flight_mde_share"] / miss)
    assert miss > 1.1


def test_beyond_the_season_nothing_is_scaled_and_no_range_is_stated() -> None:
    row = scale(JUNE, dt.date(2020, 11, 1))
    assert row["spread_ratio"] == 1
    assert row["flight_mde_share"] == 0.01
    assert math.isnan(row["flight_mde_low_share"])
    assert scale_power(None, SPREAD, scatter(), "tract", JUNE) is None


def test_larger_units_than_tracts_scatter_as_groups() -> None:
    assert name_spread_kind("tract") == "tract"
    assert {name_spread_kind(kind) for kind in ("zip", "pin", "polygon")} == {"group"}


def test_a_quieter_window_is_named_if_there_is_one() -> None:
    deadline = dt.date(2020, 10, 15)
    sentence = name_quiet_window(SPREAD, "tract", APRIL, APRIL + FOUR_WEEKS, deadline)
    assert sentence.startswith("The quietest days for a flight of this length begin on June 19")
    assert sentence.endswith("as large as in this flight.")
    day = dt.date(2020, 6, 19)
    assert name_quiet_window(SPREAD, "tract", day, day + FOUR_WEEKS, deadline) == ""
    late = dt.date(2020, 11, 1)
    assert name_quiet_window(SPREAD, "tract", late, late + FOUR_WEEKS, deadline) == ""
