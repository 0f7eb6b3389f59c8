"""Measure what read-outs say of effects planted into Cook County's real season."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.trial.flight_outlook import scale_power
from models.trial.design import TREAT
from models.trial.power import measure_power, tabulate_power
from models.trial.readout.looks import bound_stages
from models.trial.readout.trimmed_match import estimate_trimmed
from models.trial.season_spread import SeasonSpread, measure_log_spread
from tests.benchmarks.planted import (
    DRAWS,
    FLIGHTS,
    PERMUTATIONS,
    SHARE,
    TRIMMED_PERMUTATIONS,
    WEEKS,
    Season,
    Trial,
    find_days,
    list_departures,
    list_outcomes,
    prepare_trial,
    read_differences,
    read_regression,
    read_sets,
    read_synthetic,
    read_trimmed,
    shift,
)
from tests.benchmarks.test_promise import elsewhere

__all__ = ["elsewhere"]

pytestmark = [pytest.mark.bench, pytest.mark.real]

#: Planted points, as shares.
LIFTS = (0.0, 0.001, 0.002, 0.005)
#: Parts of a planted effect that a test sees: with leaks of 0 to 50%, and partial delivery.
PARTS = tuple(
    delivered * (1 - leak) for delivered in (1.0, 0.59) for leak in (0, 0.1, 0.2, 0.3, 0.4, 0.5)
)
#: Looks before the end, as shares of the flight.
LOOKS = (0.5, 0.75)
#: How far a promise of power may be off.
_NEAR = 0.1


def summarize(table: pd.DataFrame, effect: float) -> dict[str, float]:
    """Say how far a read-out is off in points, and how often its range holds an effect."""
    covers = table["covers"] if "covers" in table else table["low"] <= effect
    if "high" in table:
        covers = covers & (effect <= table["high"])
    return {
        "bias_points": 100 * (table["estimate"].mean() - effect),
        "covers": covers.mean(),
        "found": table["found"].mean(),
    }


def show(title: str, tables: Mapping[tuple[str, float], pd.DataFrame]) -> pd.DataFrame:
    """Print and return how read-outs fared, by method and planted effect."""
    rows = pd.DataFrame(
        [
            {"method": method, "planted_points": 100 * effect} | summarize(table, effect)
            for (method, effect), table in tables.items()
        ]
    )
    count = len(next(iter(tables.values())))
    print(f"\n{title}, {count:,} draws, a fifth held out:")
    print(rows.round(3).to_string(index=False))
    return rows


def name_units(season: Season, flight: str) -> str:
    """Name units and flight of a test."""
    return f"{len(season[1]):,} units of Cook, 28 days from {flight}"


def read_both(trial: Trial) -> pd.DataFrame:
    """Read every draw out as shipped and by differences, for each planted effect."""
    plain = read_differences(trial, 0.0)
    tables = {("shipped", lift): read_regression(trial, lift) for lift in LIFTS} | {
        ("differences", lift): shift(plain, lift) for lift in LIFTS
    }
    return pd.concat(tables, names=["method", "planted"]).reset_index(["method", "planted"])


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_the_shipped_read_out_finds_planted_effects_as_stated(
    cook_season: Season, flight: str
) -> None:
    read = read_sets(cook_season, pd.Timestamp(flight), read_both)
    tables = {
        (method, lift): read[(read["method"] == method) & (read["planted"] == lift)]
        for method in ("shipped", "differences")
        for lift in LIFTS
    }
    rows = show(name_units(cook_season, flight), tables)
    shipped = rows[rows["method"] == "shipped"]
    assert shipped["covers"].between(0.94, 0.96).all()
    assert 0.04 <= shipped["found"].iloc[0] <= 0.06
    assert shipped["bias_points"].abs().max() < 0.01


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_trimmed_match_covers_as_stated(cook_season: Season, flight: str) -> None:
    trial = prepare_trial(cook_season, pd.Timestamp(flight))
    read = {("trimmed match", lift): table for lift, table in read_trimmed(trial, LIFTS).items()}
    rows = show(name_units(cook_season, flight), read)
    assert rows["covers"].between(0.9, 0.98).all()


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_synthetic_control_stands_beside(cook_season: Season, flight: str) -> None:
    trial = prepare_trial(cook_season, pd.Timestamp(flight))
    plain = read_synthetic(trial)
    read = {("synthetic control", lift): shift(plain, lift) for lift in LIFTS}
    rows = show(name_units(cook_season, flight), read)
    assert rows["covers"].between(0.9, 0.98).all()


def promise_power(
    season: Season, spread: SeasonSpread, unit: str, flight: pd.Timestamp
) -> pd.DataFrame:
    """Return the power that is promised before a flight with its range, and the real one.

    The range is that of the promised effect: 80% of areas scattered within it.
    """
    history, units = season
    known = history.iloc[:, : find_days(history, flight)[0] + 1]
    power = tabulate_power(known, units, (WEEKS,), (SHARE,), windows=1, permutations=PERMUTATIONS)
    scaled = scale_power(power, spread, known, unit, flight.date())
    assert scaled is not None
    row = scaled.iloc[0]
    past, real = prepare_trial(season, row["start"]), prepare_trial(season, flight)
    ratio = float(row["spread_ratio"])
    miss = float(row["flight_mde_high_share"] / row["flight_mde_share"])
    own = measure_log_spread(known, row["start"].date(), row["end"].date())
    last = flight + pd.Timedelta(weeks=WEEKS)
    met = np.exp(measure_log_spread(history, flight.date(), last.date()) - own)

    effects = sorted({lift * part for lift in LIFTS if lift for part in PARTS})
    rows = [
        {"seen_points": 100 * effect}
        | {
            name: measure_power(past.judge, past.change, effect / ratio / factor)
            for name, factor in (("low", miss), ("promised", 1.0), ("high", 1 / miss))
        }
        | {"found": read_regression(real, effect)["found"].mean()}
        for effect in effects
    ]
    return pd.DataFrame(rows).assign(scatter_foreseen=ratio, scatter_met=met, miss=miss)


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_promised_power_is_met_or_held_by_its_range(
    cook_season: Season,
    elsewhere: SeasonSpread,
    flight: str,
    request: pytest.FixtureRequest,
) -> None:
    unit = request.node.callspec.params["cook_season"]
    rows = promise_power(cook_season, elsewhere, unit, pd.Timestamp(flight))
    apart = rows["found"] - rows["promised"]
    held = rows["found"].between(rows["low"] - 0.005, rows["high"] + 0.005)
    print(f"\nPower promised and met: {name_units(cook_season, flight)}")
    print(rows.round(3).to_string(index=False))
    print(
        f"within {_NEAR} in {(apart.abs() <= _NEAR).sum()} of {len(rows)}, too low by at most"
        f" {apart.max():.2f}, too high by at most {-apart.min():.2f}; in its range in {held.sum()}"
    )
    assert apart.abs().max() < 0.35
    assert held.mean() >= 0.5


def read_at_looks(season: Season, flight: pd.Timestamp, effect: float) -> pd.DataFrame:
    """Return which draws find an effect by each look; it grows evenly over the flight."""
    history, trial = season[0], prepare_trial(season, flight)
    start, end = find_days(history, flight)
    dates = pd.DatetimeIndex(history.columns)
    days = [
        int(dates.searchsorted(flight + pd.Timedelta(days=time * 7 * WEEKS), side="right")) - 1
        for time in LOOKS
    ]
    changes = [
        (history.iloc[:, day] - history.iloc[:, start]).to_numpy(float) for day in (*days, end)
    ]
    times = np.array([*LOOKS, 1.0])
    shared = trial.judge.rows @ (trial.draws.permutations == TREAT).T.astype(float)
    nulls = np.array([trial.judge.rows @ change for change in changes])
    estimates = np.array([trial.draws.rows @ change for change in changes]).T + effect * times

    found = []
    for estimate, answers in zip(estimates, shared.T, strict=True):
        bounds = bound_stages(nulls + effect * times[:, None] * answers, tuple(times))
        found.append(np.logical_or.accumulate(np.abs(estimate) > bounds.shares))
    return pd.DataFrame(found, columns=[*map(str, LOOKS), "end"])


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_looks_at_stated_times_share_one_error(
    cook_season: Season, flight: str, request: pytest.FixtureRequest
) -> None:
    unit = request.node.callspec.params["cook_season"]
    rows = pd.DataFrame(
        {
            f"{100 * lift:.1f} points": read_at_looks(
                cook_season, pd.Timestamp(flight), lift
            ).mean()
            for lift in LIFTS
        }
    ).T
    print(f"\nFound by each look, {unit}s, 28 days from {flight}, {DRAWS:,} draws:")
    print(rows.round(3).to_string())
    assert 0.03 <= rows.loc["0.0 points", "end"] <= 0.07
    assert rows.loc["0.0 points"].is_monotonic_increasing


@pytest.mark.parametrize("cook_season", ["zip"], indirect=True)
def test_the_fast_read_out_is_the_shipped_one(cook_season: Season) -> None:
    trial, effect = prepare_trial(cook_season, pd.Timestamp(FLIGHTS[0])), 0.002
    fast = read_regression(trial, effect)
    trimmed = estimate_trimmed(trial.judge, *list_outcomes(trial, effect, 1)[0])
    bare = estimate_trimmed(trial.judge, *list_outcomes(trial, 0.0, 1)[0])
    assert trimmed is not None
    assert bare is not None
    assert trimmed.estimate_share == pytest.approx(bare.estimate_share + effect, abs=1e-6)
    assert list_departures(trial, fast, effect) == []


@pytest.mark.parametrize("cook_season", ["zip"], indirect=True)
def test_rejected_effects_are_those_outside_the_range_of_trimmed_match(cook_season: Season) -> None:
    trial = prepare_trial(cook_season, pd.Timestamp(FLIGHTS[0]))
    read, effect = read_trimmed(trial, (0.0, 0.005)), 0.005
    judge = replace(trial.judge, permutations=trial.judge.permutations[:TRIMMED_PERMUTATIONS])
    for number, (arms, change) in enumerate(list_outcomes(trial, effect, 20)):
        slow = estimate_trimmed(judge, arms, change)
        assert slow is not None
        row = read[effect].iloc[number]
        assert row["estimate"] == pytest.approx(slow.estimate_share, abs=1e-6)
        assert row["covers"] == (slow.low_share <= effect <= slow.high_share)
        assert row["found"] == (slow.low_share > 0 or slow.high_share < 0)
