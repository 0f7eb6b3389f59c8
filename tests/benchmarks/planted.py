"""Plant effects into a real season, and read each draw of the arms out in four ways."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cvxpy as cp
import numpy as np
import pandas as pd

from models.trial.design import ARMS, TREAT, UNTIED, Ties, design_arms
from models.trial.effect import TrialComparison, invert_test, prepare_comparison
from models.trial.power import list_covariates
from models.trial.readout.trimmed_match import prepare_trimmed
from outreach.arrays import Floats

Season = tuple[pd.DataFrame, pd.DataFrame]
#: First days of flights: rates rise fast, hardly rise, and rise by visits at home.
FLIGHTS = ("2020-05-03", "2020-06-13", "2020-08-07")
#: Length of a flight, and of what is known before it.
WEEKS = 4
#: Draws of the arms, permutations of each read-out, and part of the units that is held out.
DRAWS, PERMUTATIONS, SHARE = 1000, 1000, 0.2
#: Sets of draws, each with permutations of its own. The coverage of one set is off by 0.01 (one
#: standard error), two thirds of it because all draws share the same permutations; that of ten by
#: 0.003.
SETS = 10
#: Level of every test.
LEVEL = 0.05
#: Permutations of trimmed match, and of synthetic control, and the scale at which its solver is
#: exact.
TRIMMED_PERMUTATIONS, SYNTHETIC_PERMUTATIONS, _SCALE = 400, 400, 100.0
_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Trial:
    """What really happened in a flight, and the arms drawn many times.

    ``judge`` reads out, ``draws`` are other arms (a row each) with the weights that the judge gives
    them, and ``past`` are the rates of the 28 days before, shape (units, dates).
    """

    judge: TrialComparison
    draws: TrialComparison
    change: Floats
    past: Floats


def prepare_trial(
    season: Season, flight: pd.Timestamp, ties: Ties = UNTIED, number: int = 0
) -> Trial:
    """Draw the arms of a flight many times, and prepare its read-out.

    Another ``number`` is another set of draws and permutations.
    """
    history, units = season
    start, end = find_days(history, flight)
    known, homes = list_covariates(history, units, start), units["households_count"]
    design = design_arms(known.assign(households_count=homes), SHARE, list(known.columns), ties)
    judge = prepare_comparison(design, homes, known, permutations=PERMUTATIONS, seed=2 * number + 1)
    arms = design.randomize(DRAWS, 2 * number + 2)
    draws = replace(judge, permutations=arms, rows=judge.weigh_arms(arms))
    first = int(pd.DatetimeIndex(history.columns).searchsorted(flight - pd.Timedelta(weeks=WEEKS)))
    past = history.iloc[:, first : start + 1].to_numpy(float)
    change = (history.iloc[:, end] - history.iloc[:, start]).to_numpy(float)
    return Trial(judge, draws, change, past)


def read_sets(
    season: Season,
    flight: pd.Timestamp,
    read: Callable[[Trial], pd.DataFrame],
    ties: Ties = UNTIED,
) -> pd.DataFrame:
    """Read several sets of draws out in the same way, one below the other."""
    trials = (prepare_trial(season, flight, ties, number) for number in range(SETS))
    return pd.concat([read(trial) for trial in trials], ignore_index=True)


def find_days(history: pd.DataFrame, flight: pd.Timestamp) -> tuple[int, int]:
    """Return the numbers of the data dates on which a flight begins and ends."""
    dates = pd.DatetimeIndex(history.columns)
    first, last = (
        int(dates.searchsorted(day, side="right")) - 1
        for day in (flight, flight + pd.Timedelta(weeks=WEEKS))
    )
    return first, last


def read_regression(trial: Trial, effect: float) -> pd.DataFrame:
    """Read every draw out as :meth:`TrialComparison.estimate` does, with an effect planted."""
    return read_planted(trial, effect * (trial.draws.permutations == TREAT))


def read_planted(trial: Trial, planted: Floats) -> pd.DataFrame:
    """Read every draw out by the linear rows, with effects planted by draw and unit."""
    shared = trial.judge.rows @ (trial.draws.permutations == TREAT).T.astype(float)
    estimates = trial.draws.rows @ trial.change + (trial.draws.rows * planted).sum(axis=1)
    null = (trial.judge.rows @ trial.change)[:, None] + trial.judge.rows @ planted.T
    extreme = (np.abs(null) >= np.abs(estimates) * (1 - 1e-12)).sum(axis=0)
    low, high = np.transpose(
        [
            invert_test(estimate, others, answers, LEVEL)
            for estimate, others, answers in zip(estimates, null.T, shared.T, strict=True)
        ]
    )
    found = (1 + extreme) / (1 + len(null)) <= LEVEL
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


def read_trimmed(trial: Trial, effects: Sequence[float]) -> dict[float, pd.DataFrame]:
    """Read every draw out by trimmed match, for each planted effect.

    An effect only shifts what it says. So its range holds an effect if the one without any holds 0,
    and an effect is found if that range does not hold its negative.
    """
    some = replace(
        trial.judge,
        permutations=trial.judge.permutations[:TRIMMED_PERMUTATIONS],
        rows=trial.judge.rows[:TRIMMED_PERMUTATIONS],
    )
    rows = list[dict[str, object]]()
    for arms, change in list_outcomes(trial, 0.0, DRAWS):
        test = prepare_trimmed(some, arms, change)
        assert test is not None
        estimate, covers = test.estimate(), not test.rejects(0.0, -1) and not test.rejects(0.0, 1)
        for effect in effects:
            found = any(test.rejects(-effect, side) for side in (-1, 1)) if effect else not covers
            rows.append(
                {"of": effect, "estimate": estimate + effect, "covers": covers, "found": found}
            )
    return dict(iter(pd.DataFrame(rows).groupby("of")))


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
    reach = float(np.quantile(np.abs(others), 1 - LEVEL))
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


def list_departures(trial: Trial, fast: pd.DataFrame, effect: float) -> list[tuple[int, str]]:
    """Return the draw and the figure wherever a fast read-out departs from the shipped one.

    The first 20 draws are compared, with a constant planted effect.
    """
    departures = list[tuple[int, str]]()
    for number, (arms, change) in enumerate(list_outcomes(trial, effect, 20)):
        slow, row = trial.judge.estimate(arms, change), fast.iloc[number]
        for name in ("estimate", "low", "high"):
            if not np.isclose(row[name], getattr(slow, f"{name}_share"), rtol=1e-6, atol=1e-12):
                departures.append((number, name))
        if row["found"] != (slow.p_value <= LEVEL):
            departures.append((number, "found"))
    return departures


def bound(estimates: Floats, low: Floats, high: Floats) -> pd.DataFrame:
    """Return estimates and ranges; an effect is found where the range does not hold 0."""
    found = (low > 0) | (high < 0)
    return pd.DataFrame({"estimate": estimates, "low": low, "high": high, "found": found})


def shift(table: pd.DataFrame, effect: float) -> pd.DataFrame:
    """Return what a read-out says once an effect is planted."""
    return bound(*(table[name].to_numpy() + effect for name in ("estimate", "low", "high")))
