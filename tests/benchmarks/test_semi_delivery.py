"""Measure read-outs where ads leak, are delivered in part, or spill over to neighbors."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from geo.footprint import group_near, list_touching
from models.trial.design import ARMS, TREAT, UNTIED, Ties, pair_units
from models.trial.readable import find_obstacle
from models.trial.readout.dose import estimate_dose, invert_dose
from outreach.arrays import Floats
from outreach.units import Arm
from tests.benchmarks.planted import (
    FLIGHTS,
    LEVEL,
    Season,
    Trial,
    list_departures,
    list_outcomes,
    prepare_trial,
    read_planted,
    read_sets,
)

pytestmark = [pytest.mark.bench, pytest.mark.real]

#: Planted points as shares, part of the ads that reaches its own unit, and what of it leaks.
LIFTS, DELIVERED, LEAKS = (0.001, 0.002, 0.005), (1.0, 0.59), (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
#: Delivery is uneven: units get between half and one and a half times the mean.
UNEVEN = (0.5, 1.5)
#: What all neighbors with ads do to a unit, as a part of what its own ads do.
SPILLS = (0.0, 0.25, 0.5)
#: Units that are drawn together where there are buffers, as in flows.steps.buying.trial.ties.
GROUPS = {"tract": 8, "zip": 3}


@dataclass(frozen=True)
class Delivery:
    """What each unit was shown under each draw of the arms, 1 for all that was planned."""

    doses: Floats
    of_own: Floats


def deliver(trial: Trial, delivered: float, leak: float) -> Delivery:
    """Deliver ads unevenly, and let held-out units see a part of what their own would be."""
    units = len(trial.judge.households)
    own = delivered * np.random.default_rng(5).uniform(*UNEVEN, units)
    treated = trial.draws.permutations == TREAT
    return Delivery(np.where(treated, own, leak * own), average(trial, treated, own))


def average(trial: Trial, treated: np.ndarray, values: Floats) -> Floats:
    """Return by draw the mean of a figure over units with ads, weighted by households."""
    weights = treated * trial.judge.households
    return np.asarray((weights * values).sum(axis=1) / weights.sum(axis=1))


def read_dose(trial: Trial, doses: Floats) -> pd.DataFrame:
    """Read every draw out by what was delivered, without an effect; one only shifts it."""
    estimates = trial.draws.rows @ trial.change
    delivered = (trial.draws.rows * doses).sum(axis=1)
    outcomes = estimates[:, None] - trial.judge.rows @ trial.change
    apart = delivered[:, None] - (trial.judge.rows @ doses.T).T
    ends = [invert_dose(*each, LEVEL) for each in zip(outcomes, apart, strict=True)]
    table = pd.DataFrame(ends, columns=["low", "high"])
    return table.assign(estimate=estimates / delivered)


def read_delivery(trial: Trial) -> pd.DataFrame:
    """Read every draw out by arms and by delivery, for each delivery and planted effect."""
    tables = list[pd.DataFrame]()
    for delivered in DELIVERED:
        for leak in LEAKS:
            delivery = deliver(trial, delivered, leak)
            dose = read_dose(trial, delivery.doses)
            for lift in LIFTS:
                arms = read_planted(trial, lift * delivery.doses)
                whole = lift * delivery.of_own
                low, high = dose["low"] + lift, dose["high"] + lift
                figures = {
                    "arms_bias": 100 * (arms["estimate"] - whole),
                    "arms_cover": arms["low"].le(whole) & arms["high"].ge(whole),
                    "arms_found": arms["found"],
                    "dose_bias": 100 * dose["estimate"],
                    "dose_covers": low.le(lift) & high.ge(lift),
                    "dose_found": low.gt(0) | high.lt(0),
                    "dose_open": np.isinf(high - low),
                }
                case = {"planted": 100 * lift, "delivered": delivered, "leak": leak}
                tables.append(pd.DataFrame(figures | case))
    return pd.concat(tables)


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_the_read_out_by_delivery_holds_the_whole_effect_whatever_leaks(
    cook_season: Season, flight: str
) -> None:
    read = read_sets(cook_season, pd.Timestamp(flight), read_delivery)
    cases = read.groupby(["planted", "delivered", "leak"])
    table = cases.mean().assign(dose_bias=cases["dose_bias"].median()).reset_index()
    print(f"\n{len(cook_season[1]):,} units of Cook, 28 days from {flight}:")
    print(table.round(3).to_string(index=False))
    assert table["dose_covers"].between(0.94, 0.96).all()
    assert (table.loc[table["leak"] == 0, "arms_cover"] >= 0.94).all()


@pytest.mark.parametrize("cook_season", ["zip"], indirect=True)
def test_the_fast_read_out_by_delivery_is_the_shipped_one(cook_season: Season) -> None:
    trial = prepare_trial(cook_season, pd.Timestamp(FLIGHTS[0]))
    doses = deliver(trial, 0.59, 0.3).doses
    fast, units = read_dose(trial, doses), list(trial.judge.design.unit_ids)
    for number, (arms, change) in enumerate(list_outcomes(trial, 0.0, 20)):
        slow = estimate_dose(trial.judge, arms, change, pd.Series(doses[number], index=units))
        row = fast.iloc[number]
        assert row["estimate"] == pytest.approx(slow.estimate_share)
        assert row["low"] == pytest.approx(slow.low_share)
        assert row["high"] == pytest.approx(slow.high_share)


def read_ground(real_data: Path, season: Season, unit: str) -> gpd.GeoDataFrame:
    """Return the ground of each unit of a season."""
    tracts = gpd.read_parquet(real_data / "tracts" / "cook_2020.parquet")
    tracts = tracts.set_index(tracts["GEO_ID"].str[-11:].rename("unit_id"))
    if unit == "zip":
        tracts = tracts.dissolve("zip")
    return tracts[["geometry"]].reindex(season[1].index).dropna()


def tie(season: Season, ground: gpd.GeoDataFrame, unit: str, side: Arm) -> Ties:
    """Draw neighbors together in groups, and let those that touch the other arm be buffers."""
    group = group_near(ground, GROUPS[unit]).reindex(season[1].index)
    alone = pd.Series(range(len(group), 2 * len(group)), index=group.index)
    return Ties(group.fillna(alone).astype(int), tuple(list_touching(ground)), side)


def read_spill(trial: Trial, pairs: sparse.csr_array) -> pd.DataFrame:
    """Read every draw out, with what ads of neighbors add, for each part and planted effect."""
    treated = trial.draws.permutations == TREAT
    counts = np.maximum(np.asarray(pairs.sum(axis=1)).ravel(), 1)
    near = (pairs @ treated.T.astype(float)).T / counts
    units = {ARMS[code]: (trial.draws.permutations == code).sum(axis=1) for code in range(3)}
    tables = list[pd.DataFrame]()
    for spill in SPILLS:
        for lift in LIFTS[1:]:
            read = read_planted(trial, lift * (treated + spill * near))
            whole = lift * (1 + spill * average(trial, treated, near))
            figures = {
                "bias": 100 * (read["estimate"] - whole),
                "covers": read["low"].le(whole) & read["high"].ge(whole),
                "found": read["found"],
                "width": 100 * (read["high"] - read["low"]),
            }
            tables.append(pd.DataFrame(units | figures | {"spill": spill, "planted": 100 * lift}))
    return pd.concat(tables)


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_buffers_keep_what_spills_over_to_neighbors_in_the_estimate(
    cook_season: Season, flight: str, real_data: Path, request: pytest.FixtureRequest
) -> None:
    unit, moment = request.node.callspec.params["cook_season"], pd.Timestamp(flight)
    ground = read_ground(real_data, cook_season, unit)
    pairs = pair_units(cook_season[1].index, list_touching(ground))
    tables = dict[str, pd.DataFrame]()
    for name, ties in (
        ("none", UNTIED),
        *((str(side), tie(cook_season, ground, unit, side)) for side in (Arm.TREAT, Arm.HOLDOUT)),
    ):
        trial = prepare_trial(cook_season, moment, ties)
        obstacle = find_obstacle(trial.judge, list_outcomes(trial, 0.0, 1)[0][0])
        if obstacle:  # the service refuses such a plan
            print(f"\nBuffers on the side {name} of {unit}s: {obstacle}")
            continue
        read = read_sets(cook_season, moment, partial(read_spill, pairs=pairs), ties)
        cases = read.groupby(["spill", "planted"])
        tables[name] = cases.mean().assign(width=cases["width"].median())
    table = pd.concat(tables, names=["buffers"]).reset_index()
    print(f"\n{len(cook_season[1]):,} units of Cook ({unit}), 28 days from {flight}:")
    print(table.round(3).to_string(index=False))
    covers = table.loc[(table["spill"] == 0) | (table["buffers"] != "none"), "covers"]
    assert covers.between(0.935, 0.965).all()


@pytest.mark.parametrize("cook_season", ["zip"], indirect=True)
def test_the_fast_read_out_with_buffers_is_the_shipped_one(
    cook_season: Season, real_data: Path
) -> None:
    ties = tie(cook_season, read_ground(real_data, cook_season, "zip"), "zip", Arm.TREAT)
    trial, effect = prepare_trial(cook_season, pd.Timestamp(FLIGHTS[0]), ties), 0.005
    fast = read_planted(trial, effect * (trial.draws.permutations == TREAT))
    assert list_departures(trial, fast, effect) == []
