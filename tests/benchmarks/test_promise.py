"""Measure how often tests detect the effect that is promised before their flight."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.steps.buying.trial.flight_outlook import scale_power
from models.training.calendar_2020 import FINAL, START
from models.training.spread_fit import fit_season_spread
from models.trial.design import design_arms
from models.trial.effect import prepare_comparison
from models.trial.power import list_covariates, measure_power, tabulate_power
from models.trial.season_spread import SeasonSpread

pytestmark = [pytest.mark.bench, pytest.mark.real]

Season = tuple[pd.DataFrame, pd.DataFrame]
#: First days of twelve flights of 28 days: the first one with as long a past, to the season's end.
FLIGHTS = pd.date_range("2020-04-20", "2020-09-18", periods=12).normalize()
HOLDOUT, PERMUTATIONS = 0.2, 1000


@pytest.fixture(scope="module")
def elsewhere(real_data: Path) -> SeasonSpread:
    """The season's spread without any county of Illinois."""
    counties: dict[str, pd.DataFrame] = {}
    for path in sorted((real_data / "responserate").glob("state_*.parquet")):
        if path.stem != "state_17":
            counties |= read_counties(path)
    return fit_season_spread(counties, name="2020", start=START, final=FINAL)


def read_counties(path: Path) -> dict[str, pd.DataFrame]:
    """Read the rates of a state's counties of 100 tracts or more."""
    rates = pd.read_parquet(path, columns=["GEO_ID", "RESP_DATE", "CRRALL"])
    rates = rates[rates["RESP_DATE"] <= FINAL]
    geoids = rates["GEO_ID"].str[-11:]
    tables = {}
    for county, part in rates.groupby(geoids.str[:5]):
        if part["GEO_ID"].nunique() >= 100:
            table = part.pivot_table(index="GEO_ID", columns="RESP_DATE", values="CRRALL")
            table.columns = pd.DatetimeIndex(table.columns)
            tables[str(county)] = table.astype(float).round(1).dropna() / 100
    return tables


def try_flight(season: Season, spread: SeasonSpread, unit: str, flight: pd.Timestamp) -> pd.Series:
    """Promise an effect from what is known before a flight, and plant it in the flight."""
    history, units = season
    dates = pd.DatetimeIndex(history.columns)
    start, end = (
        int(dates.searchsorted(day, side="right")) - 1
        for day in (flight, flight + pd.Timedelta(days=28))
    )
    known = history.iloc[:, : start + 1]
    power = tabulate_power(known, units, (4,), (HOLDOUT,), windows=1, permutations=PERMUTATIONS)
    scaled = scale_power(power, spread, known, unit, flight.date())
    assert scaled is not None
    row = scaled.iloc[0]

    covariates = list_covariates(history, units, start)
    matching = covariates.assign(households_count=units["households_count"])
    design = design_arms(matching, HOLDOUT, list(covariates.columns))
    judge = prepare_comparison(
        design, units["households_count"], covariates, permutations=PERMUTATIONS, seed=1
    )
    change = (history.iloc[:, end] - history.iloc[:, start]).to_numpy()
    promised = {
        "unscaled": "mde_share",
        "promised": "flight_mde_share",
        "low": "flight_mde_low_share",
        "high": "flight_mde_high_share",
    }
    found = {name: measure_power(judge, change, row[column]) for name, column in promised.items()}
    return pd.Series({"points": 100 * row["flight_mde_share"]} | found, name=flight.date())


@pytest.mark.parametrize("cook_season", ["tract", "zip"], indirect=True)
def test_the_promised_effect_is_detected_over_the_season(
    cook_season: Season, elsewhere: SeasonSpread, request: pytest.FixtureRequest
) -> None:
    unit = request.node.callspec.params["cook_season"]
    rows = pd.DataFrame([try_flight(cook_season, elsewhere, unit, day) for day in FLIGHTS])
    print(f"\n{len(cook_season[1]):,} units of Cook ({unit}), 28 days, a fifth held out:")
    print(rows.round(2).to_string())
    inside = rows["promised"].between(0.7, 0.9)
    within = (rows["low"] <= 0.8) & (rows["high"] >= 0.8)
    print(
        f"power in 0.70-0.90 in {inside.sum()} of 12 windows (goal: 12), mean"
        f" {rows['promised'].mean():.2f}; unscaled in {rows['unscaled'].between(0.7, 0.9).sum()};"
        f" the effect with power 0.80 is in the stated range in {within.sum()} of 12"
    )
    assert isinstance(rows.index[0], dt.date)
    assert (rows["promised"] - 0.8).abs().mean() < (rows["unscaled"] - 0.8).abs().mean()
    assert within.sum() >= 8
    assert np.isfinite(rows.to_numpy(float)).all()
