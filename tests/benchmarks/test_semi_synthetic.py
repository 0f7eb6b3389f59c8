"""Measure what read-outs say of effects planted into Cook County's real season."""

from dataclasses import dataclass, replace

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.trial.flight_outlook import scale_power
from models.trial.design import ARMS, TREAT, design_arms
from models.trial.effect import TrialComparison, invert_test, prepare_comparison
from models.trial.power import list_covariates, measure_power, tabulate_power
from models.trial.readout.looks import bound_stages
from models.trial.readout.trimmed_match import estimate_trimmed
from models.trial.season_spread import SeasonSpread
from outreach.arrays import Floats
from tests.benchmarks.test_promise import elsewhere

__all__ = ["elsewhere"]

pytestmark = [pytest.mark.bench, pytest.mark.real]

Season = tuple[pd.DataFrame, pd.DataFrame]
#: First days of flights of 28 days: rates rise fast, hardly rise, and rise by visits at home.
FLIGHTS = ("2020-05-03", "2020-06-13", "2020-08-07")
#: Planted points, part of the ads that reaches its own unit, and part of that which leaks.
LIFTS, DELIVERED, LEAKS = (0.0, 0.1, 0.2, 0.5), (1.0, 0.59), (0.0, 0.5)
#: Draws of the arms, permutations of each read-out, and part of the units that is held out.
DRAWS, PERMUTATIONS, SHARE = 1000, 1000, 0.2
#: Looks before the end, as shares of the flight.
LOOKS = (0.5, 0.75)
#: The same for trimmed match, which takes a second or so for each draw of all tracts.
TRIMMED_DRAWS, TRIMMED_PERMUTATIONS = {"zip": 1000, "tract": 100}, 400
#: Permutations for the range of synthetic control, and the scale at which its solver is exact.
SYNTHETIC_PERMUTATIONS, _SCALE = 400, 100.0
_LEVEL, _NORMAL_95, _WEEKS = 0.05, 1.959964, 4


@dataclass(frozen=True)
class Trial:
    """What really happened in a flight, and the arms drawn many times.

    ``judge`` reads out, ``draws`` are the arms (a row each), apart from those of the judge, and
    ``past`` are the rates of the 28 days before, shape (units, dates).
    """

    judge: TrialComparison
    draws: TrialComparison
    change: Floats
    past: Floats


def prepare_trial(season: Season, flight: pd.Timestamp) -> Trial:
    """Draw the arms of a flight many times, and prepare its read-out."""
    history, units = season
    start, end = find_days(history, flight)
    known, homes = list_covariates(history, units, start), units["households_count"]
    design = design_arms(known.assign(households_count=homes), SHARE, list(known.columns))
    judge, draws = (
        prepare_comparison(design, homes, known, permutations=count, seed=seed)
        for count, seed in ((PERMUTATIONS, 1), (DRAWS, 2))
    )
    first = int(pd.DatetimeIndex(history.columns).searchsorted(flight - pd.Timedelta(weeks=_WEEKS)))
    past = history.iloc[:, first : start + 1].to_numpy(float)
    change = (history.iloc[:, end] - history.iloc[:, start]).to_numpy(float)
    return Trial(judge, draws, change, past)


def find_days(history: pd.DataFrame, flight: pd.Timestamp) -> tuple[int, int]:
    """Return the numbers of the data dates on which a flight begins and ends."""
    dates = pd.DatetimeIndex(history.columns)
    first, last = (
        int(dates.searchsorted(day, side="right")) - 1
        for day in (flight, flight + pd.Timedelta(weeks=_WEEKS))
    )
    return first, last


def read_regression(trial: Trial, effect: float) -> pd.DataFrame:
    """Read every draw out as :meth:`TrialComparison.estimate` does, by its linear rows."""
    shared = trial.judge.rows @ (trial.draws.permutations == TREAT).T.astype(float)
    estimates = trial.draws.rows @ trial.change + effect
    null = (trial.judge.rows @ trial.change)[:, None] + effect * shared
    extreme = (np.abs(null) >= np.abs(estimates) * (1 - 1e-12)).sum(axis=0)
    low, high = np.transpose(
        [
            invert_test(estimate, others, answers, _LEVEL)
            for estimate, others, answers in zip(estimates, null.T, shared.T, strict=True)
        ]
    )
    found = (1 + extreme) / (1 + len(null)) <= _LEVEL
    return pd.DataFrame({"estimate": estimates, "low": low, "high": high, "found": found})


def read_differences(trial: Trial, effect: float) -> pd.DataFrame:
    """Read every draw out by difference in differences, with robust normal errors."""
    means, variances = [], []
    treated = trial.draws.permutations == TREAT
    for chosen in (treated, ~treated):
        weight = chosen * trial.judge.households
        weight = weight / weight.sum(axis=1, keepdims=True)
        means.append(weight @ trial.change)
        variances.append((weight**2 * (trial.change - means[-1][:, None]) ** 2).sum(axis=1))
    estimates, error = means[0] - means[1] + effect, np.sqrt(variances[0] + variances[1])
    return bound(estimates, estimates - _NORMAL_95 * error, estimates + _NORMAL_95 * error)


def read_trimmed(trial: Trial, count: int) -> pd.DataFrame:
    """Read some draws out by trimmed match; an effect only shifts what it says."""
    some = replace(
        trial.judge,
        permutations=trial.judge.permutations[:TRIMMED_PERMUTATIONS],
        rows=trial.judge.rows[:TRIMMED_PERMUTATIONS],
    )
    rows = []
    for arms, change in list_outcomes(trial, 0.0, count):
        effect = estimate_trimmed(some, arms, change)
        assert effect is not None
        rows.append((effect.estimate_share, effect.low_share, effect.high_share))
    return bound(*np.transpose(rows))


def read_synthetic(trial: Trial) -> pd.DataFrame:
    """Read every draw out by synthetic control; an effect only shifts what it says.

    The households-weighted path of the treated units over the 28 days before the flight is met by
    held-out ones with weights from 0 that add up to 1 (Abadie, Diamond and Hainmueller, 2010,
    Journal of the American Statistical Association 105:493). Its range is that of re-randomized
    arms, because placebos of single units say nothing of a sum of many.
    """
    own = [compare_synthetic(trial, codes) for codes in trial.draws.permutations]
    others = [
        compare_synthetic(trial, codes)
        for codes in trial.judge.permutations[:SYNTHETIC_PERMUTATIONS]
    ]
    reach = float(np.quantile(np.abs(others), 1 - _LEVEL))
    estimates = np.array(own)
    return bound(estimates, estimates - reach, estimates + reach)


def compare_synthetic(trial: Trial, codes: Floats) -> float:
    """Return how much more treated units grew than their synthetic control; shares 0-1."""
    treated = codes == TREAT
    weights = trial.judge.households * treated
    path = weights @ trial.past / weights.sum()
    held = trial.past[~treated]
    share = cp.Variable(len(held), nonneg=True)
    apart = cp.sum_squares(_SCALE * (held.T @ share - path))
    cp.Problem(cp.Minimize(apart), [cp.sum(share) == 1]).solve(solver=cp.CLARABEL)
    ends = trial.past[:, -1] + trial.change
    control = np.clip(share.value, 0, None)
    control = control / control.sum()
    return float(weights @ ends / weights.sum() - control @ ends[~treated])


def list_outcomes(
    trial: Trial, effect: float, count: int
) -> list[tuple["pd.Series[str]", "pd.Series[float]"]]:
    """Return arms and changes of the first draws, by unit."""
    units = list(trial.judge.design.unit_ids)
    return [
        (
            pd.Series([ARMS[code] for code in codes], index=units),
            pd.Series(trial.change + effect * (codes == TREAT), index=units),
        )
        for codes in trial.draws.permutations[:count]
    ]


def bound(estimates: Floats, low: Floats, high: Floats) -> pd.DataFrame:
    """Return estimates and ranges; an effect is found where the range does not hold 0."""
    found = (low > 0) | (high < 0)
    return pd.DataFrame({"estimate": estimates, "low": low, "high": high, "found": found})


def shift(table: pd.DataFrame, effect: float) -> pd.DataFrame:
    """Return what a read-out says once an effect is planted."""
    return bound(*(table[name].to_numpy() + effect for name in ("estimate", "low", "high")))


def promise_power(
    season: Season, spread: SeasonSpread, unit: str, flight: pd.Timestamp, effects: list[float]
) -> list[float]:
    """Return the power for each effect that is promised before a flight."""
    history, units = season
    known = history.iloc[:, : find_days(history, flight)[0] + 1]
    power = tabulate_power(known, units, (_WEEKS,), (SHARE,), windows=1, permutations=PERMUTATIONS)
    scaled = scale_power(power, spread, known, unit, flight.date())
    assert scaled is not None
    past = prepare_trial(season, power["start"][0])
    ratio = float(scaled["spread_ratio"].iloc[0])
    return [measure_power(past.judge, past.change, effect / ratio) for effect in effects]


def describe(table: pd.DataFrame, effect: float, whole: float) -> dict[str, float]:
    """Say how far a read-out is off, and how often its range holds an effect; in points."""
    return {
        "bias_points": 100 * (table["estimate"].mean() - whole),
        "covers_difference": ((table["low"] <= effect) & (effect <= table["high"])).mean(),
        "covers_whole": ((table["low"] <= whole) & (whole <= table["high"])).mean(),
        "found": table["found"].mean(),
    }


def try_flight(season: Season, spread: SeasonSpread, unit: str, flight: str) -> pd.DataFrame:
    """Plant every effect into a flight, and read it out in four ways."""
    first = pd.Timestamp(flight)
    trial = prepare_trial(season, first)
    trimmed = read_trimmed(trial, TRIMMED_DRAWS[unit])
    plain = read_differences(trial, 0.0)
    synthetic = read_synthetic(trial)
    cases = [
        (lift, delivered, leak)
        for lift in LIFTS
        for delivered in DELIVERED
        for leak in LEAKS
        if lift or (delivered, leak) == (1.0, 0.0)
    ]

    # Held-out units see a part of what treated ones see, so arms differ by the rest.
    wholes = [lift / 100 * delivered for lift, delivered, _ in cases]
    effects = [whole * (1 - leak) for whole, (*_, leak) in zip(wholes, cases, strict=True)]
    promised = promise_power(season, spread, unit, first, effects)
    rows = list[dict[str, object]]()
    for case, whole, effect, power in zip(cases, wholes, effects, promised, strict=True):
        read = {
            "shipped": read_regression(trial, effect),
            "differences": shift(plain, effect),
            "trimmed match": shift(trimmed, effect),
            "synthetic control": shift(synthetic, effect),
        }
        rows += [
            dict(zip(("lift", "delivered", "leak"), case, strict=True))
            | {"method": method, "promised": power}
            | describe(table, effect, whole)
            for method, table in read.items()
        ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_planted_effects_are_found_as_stated(
    cook_season: Season,
    elsewhere: SeasonSpread,
    flight: str,
    request: pytest.FixtureRequest,
) -> None:
    unit = request.node.callspec.params["cook_season"]
    rows = try_flight(cook_season, elsewhere, unit, flight)
    print(
        f"\n{len(cook_season[1]):,} units of Cook ({unit}), 28 days from {flight}, {DRAWS:,} draws"
    )
    print(f"({TRIMMED_DRAWS[unit]:,} of trimmed match), a fifth held out:")
    print(rows.round(3).to_string(index=False))
    shipped = rows[rows["method"] == "shipped"]
    null = shipped[shipped["lift"] == 0].iloc[0]
    assert shipped["covers_difference"].between(0.93, 0.97).all()
    assert 0.03 <= null["found"] <= 0.07
    assert shipped.loc[shipped["leak"] == 0, "bias_points"].abs().max() < 0.03


def read_at_looks(season: Season, flight: pd.Timestamp, effect: float) -> pd.DataFrame:
    """Return which draws find an effect by each look; it grows evenly over the flight."""
    history, trial = season[0], prepare_trial(season, flight)
    start, end = find_days(history, flight)
    dates = pd.DatetimeIndex(history.columns)
    days = [
        int(dates.searchsorted(flight + pd.Timedelta(days=time * 7 * _WEEKS), side="right")) - 1
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
            f"{lift} points": read_at_looks(cook_season, pd.Timestamp(flight), lift / 100).mean()
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
    for number, (arms, change) in enumerate(list_outcomes(trial, effect, 20)):
        slow = trial.judge.estimate(arms, change)
        row = fast.iloc[number]
        assert row["estimate"] == pytest.approx(slow.estimate_share)
        assert row["low"] == pytest.approx(slow.low_share)
        assert row["high"] == pytest.approx(slow.high_share)
        assert row["found"] == (slow.p_value <= _LEVEL)
