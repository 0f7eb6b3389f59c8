"""Measure the forecast on states, counties, and Cook County that it has not seen.

About seventy networks are fitted, which takes half an hour on one core. To stay within that,
counties and metropolitan areas are split into three folds and states into five, so a county is
forecast from two thirds of the nation; and the season without Illinois takes its own errors from
two folds, which changes only its ranges.
"""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from models.assess import assess_tracts
from models.curves.season_model import SeasonModel
from models.evaluation.backtest import RULES, Backtest, replay_season
from models.evaluation.bought import read_order, score_day
from models.evaluation.losses import compare_orders
from models.evaluation.rules import BOUGHT, LOWEST
from models.scores.digital_reach import reach_missing_share
from models.scores.languages import cover_languages
from models.targeting.selection import price_flights
from models.training.calendar_2020 import EVENTS, FINAL, START
from models.training.fit import SeasonFit, fit_season
from models.training.metro_areas import name_metro_areas
from outreach.objectives import Objective
from outreach.spatial import divide_space
from outreach.tables import RatedTracts, ResponseRates, TractProfiles, as_table
from tests import figures

pytestmark = [pytest.mark.bench, pytest.mark.real]

DAYS = (14, 30, 45, 60)
#: Days on which lists are compared.
LIST_DAYS = (7, 14, 20, 30, 45, 60)
COOK = "17031"


@pytest.fixture(scope="module")
def nation(real_data: Path) -> pd.DataFrame:
    """The rates of 49 states until the end of self-response."""
    return pd.concat(
        read_state(path) for path in sorted((real_data / "responserate").glob("state_*.parquet"))
    )


def read_state(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path, columns=["GEO_ID", "RESP_DATE", "CRRALL", "CRRINT"])
    table = pd.DataFrame(
        {
            "data_date": pd.to_datetime(frame["RESP_DATE"]),
            "cumulative_share": frame["CRRALL"].astype(float).round(1) / 100,
            "internet_share": frame["CRRINT"].astype(float).round(1) / 100,
        }
    ).set_index(pd.Index(frame["GEO_ID"].str[-11:], name="geoid"))
    return table[table["data_date"] <= pd.Timestamp(FINAL)]


def fit(rates: pd.DataFrame, area: str, folds: int) -> SeasonFit:
    """Fit as the shipped model was fitted, with other areas or folds."""
    return fit_season(
        rates,
        name="2020",
        start=START,
        final=FINAL,
        area=area,
        folds=folds,
        members=4,
        hidden=(32, 16),
        events=EVENTS,
        metro_areas=read_metro_areas(),
    )


def print_row(what: str, figures: dict[str, float] | dict[int, float], goal: str = "") -> None:
    listed = ", ".join(f"{name} {figure:.3f}" for name, figure in figures.items())
    print(f"{what}: {listed}{goal and f' (goal: {goal})'}")


def measure_misses(fitted: SeasonFit) -> tuple[dict[int, float], dict[int, float]]:
    """Return mean absolute errors by day, in points: forecast, and last value plus mean growth."""
    forecast, naive = {}, {}
    for day, errors in fitted.held_out.groupby("day"):
        growth = errors["final_share"] - errors["level_share"]
        forecast[int(str(day))] = 100 * float(
            (errors["final_share"] - errors["forecast_share"]).abs().mean()
        )
        naive[int(str(day))] = 100 * float((growth - growth.mean()).abs().mean())
    return {day: forecast[day] for day in DAYS}, {day: naive[day] for day in DAYS}


def print_intervals(what: str, fitted: SeasonFit) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = fitted.model.provenance["held_out_interval80"]
    for day in DAYS:
        print_row(f"80% intervals, {what} left out, day {day}", found[str(day)])
    return found


def print_areas(fitted: SeasonFit) -> dict[str, dict[str, float]]:
    """Print the ranges of metropolitan areas as one event, each by quantiles of the others."""
    found: dict[str, dict[str, float]] = fitted.model.provenance["held_out_area80"]
    for day in DAYS:
        print_row(f"  metropolitan areas as one event, day {day}", found[str(day)], "0.78-0.84")
    return found


def print_unlike(fitted: SeasonFit) -> None:
    """Print how the tracts' 80% ranges do in the tenth of areas with the largest expected error."""
    for day in DAYS:
        errors = fitted.held_out[fitted.held_out["day"] == day]
        area = name_metro_areas(errors.index, read_metro_areas())
        low, high = fitted.model.intervals.bounds(
            errors["forecast_share"].to_numpy(), errors["error_share"].to_numpy(), day, 0.8
        )
        inside = errors["final_share"].between(low, high)
        table = pd.DataFrame(
            {"error": errors["error_share"], "inside": inside, "width": high - low}
        ).groupby(area)
        means = table.mean()[table.size() >= 30].sort_values("error")
        tenth = means.tail(len(means) // 10)
        print_row(
            f"  tracts of the tenth of areas least like the archive, day {day}",
            {"coverage": tenth["inside"].mean(), "width": tenth["width"].mean()},
            "0.72, width at most 0.10 on days 30 and 60",
        )


def replay_cook(cook: pd.DataFrame, tracts: pd.DataFrame, season: SeasonModel) -> Backtest:
    """Replay Cook County with a season model that saw nothing of Illinois."""
    return replay_season(
        cook,
        area="Cook County",
        start=START,
        final=FINAL,
        days=LIST_DAYS,
        tracts=tracts.drop(columns="data_date"),
        season_model=season,
        creative_languages=("en", "es"),
    )


def print_lists(replayed: Backtest) -> None:
    """Print what each rule finds, covers, and reaches, and hold what is published of them."""
    days = replayed.days
    for measure in (
        "worst_found_share",
        "missing_covered_share",
        "missing_per_household_share",
        "reached_per_1000_usd",
    ):
        print(f"\nCook, lists of a fifth, {measure}")
        print(days.pivot_table(index="rule", columns="day", values=measure, sort=False).round(3))
    own = replayed.regions[replayed.regions["rule"] == BOUGHT[Objective.MISSING_PER_DOLLAR]]
    print("\nCook, six parts, reached for 1,000 USD against the lowest current rates")
    print(own.groupby("day")["against_lowest_reached"].agg(["mean", "min"]).round(1))

    bought = days[days["rule"] == BOUGHT[Objective.MISSING_PER_DOLLAR]].set_index("day")
    lowest = days[days["rule"] == LOWEST].set_index("day")
    assert (bought["reached_per_1000_usd"] > lowest["reached_per_1000_usd"]).all()
    for day, share in figures.COOK_BOUGHT_FOUND.items():
        assert bought["worst_found_share"][day] == pytest.approx(share, abs=0.015)


def print_parts(cook: pd.DataFrame, tracts: gpd.GeoDataFrame, season: SeasonModel) -> None:
    """Judge the bought list against the lowest current rates in compact parts of Cook County.

    Each part buys its own fifth. The measure is that of the default objective: missing households
    that a full flight reaches and speaks to for 1,000 USD, the mean of the list's tracts.
    """
    last = cook[cook["data_date"] == pd.Timestamp(FINAL)].drop(columns="data_date")
    ended = as_table(tracts.drop(columns=list(last)).join(last, how="inner"), RatedTracts)
    languages = ("en", "es")
    missing = ended["households_count"] * (1 - ended["cumulative_share"])
    spoken = cover_languages(ended, languages)["covered_share"]
    cost = price_flights(ended, RULES.price)["budget_usd"]
    reached = 1000 * missing * reach_missing_share(ended) * spoken / cost.where(cost > 0)
    # Meters, Illinois East.
    points = ended["geometry"].to_crs(26971).representative_point()
    places = np.column_stack([points.x, points.y])

    for day in LIST_DAYS:
        rates = as_table(
            cook[cook["data_date"] <= pd.Timestamp(START + dt.timedelta(days=day))], ResponseRates
        )
        scores = score_day(as_table(ended, TractProfiles), rates, season, languages, RULES)
        today = rates[rates["data_date"] == rates["data_date"].max()]["cumulative_share"]
        table = pd.DataFrame(
            {
                "bought": read_order(scores[Objective.MISSING_PER_DOLLAR], ended.index),
                "today": today.reindex(ended.index),
                "final_share": -reached / 100,
            }
        )
        for parts in (6, 12, 24):
            part = pd.Series(divide_space(places, parts), index=ended.index)[
                table.notna().all(axis=1)
            ]
            found = compare_orders(table.dropna(), "bought", "today", part)
            chance = int((found["chance_share"] <= 0.05).sum())
            print(
                f"  day {day}, {len(found)} parts: mean {found['missing_points'].mean():+.1f}"
                f" households for 1,000 USD, worst {found['missing_points'].min():+.1f},"
                f" {(found['missing_points'] < 0).sum()} lower; {chance} worse at 5%"
            )
            assert found["missing_points"].mean() > 0
            assert chance <= max(1, 0.05 * len(found))


def print_losses(fitted: SeasonFit, digits: int, what: str) -> None:
    """Print how often the list of lowest forecasts is worse than that of lowest current rates.

    Areas are those of 30 tracts and more; the forecasts saw no tract of their state.
    """
    for day in LIST_DAYS:
        errors = fitted.held_out[fitted.held_out["day"] == day].dropna(
            subset=["level_share", "forecast_share", "final_share"]
        )
        area = pd.Series(errors.index.str[:digits], index=errors.index)
        found = compare_orders(errors, "forecast_share", "level_share", area)
        chance = (found["chance_share"] <= 0.05).sum()
        print(
            f"  day {day}, {len(found)} {what}: mean {found['missing_points'].mean():+.2f}"
            f" points of missing, {(found['found_count'] > 0).mean():.0%} find more,"
            f" {(found['found_count'] < 0).mean():.0%} fewer, {(found['found_count'] < -1).sum()}"
            f" fewer by more than one tract; {chance} worse at 5%"
        )
        assert found["missing_points"].mean() > 0
        assert chance <= 0.05 * len(found)


def read_metro_areas() -> "pd.Series[str] | None":
    """Read the metropolitan area of each county from the file in ``METRO_AREAS``, if it is named.

    A CSV with the columns ``county`` and ``metro_area``, made of the delineation of the Office of
    Management and Budget. It is no part of this project.
    """
    file = os.environ.get("METRO_AREAS")
    return pd.read_csv(file, dtype=str).set_index("county")["metro_area"] if file else None


def test_whole_metropolitan_areas_left_out(nation: pd.DataFrame) -> None:
    if read_metro_areas() is None:
        pytest.skip("no list of metropolitan areas (set METRO_AREAS to a CSV: county, metro_area)")
    fitted = fit(nation, "metro", 3)
    misses, _ = measure_misses(fitted)
    print_row("\nNation, whole metropolitan areas left out (3 folds), MAE by day", misses)
    found = print_areas(fitted)
    print_unlike(fitted)
    assert misses[30] < 1.9
    assert all(0.72 < figures["coverage"] < 0.88 for figures in found.values())


def test_whole_states_left_out(nation: pd.DataFrame) -> None:
    fitted = fit(nation, "state", 5)
    misses, naive = measure_misses(fitted)
    print_row(
        "\nNation, whole states left out (5 folds), MAE by day", misses, "2.3 / 1.85 / 1.5 / 1.25"
    )
    print_row("  last value plus mean growth", naive)
    print_areas(fitted)
    print_unlike(fitted)
    print("List of lowest forecasts against that of lowest current rates")
    print_losses(fitted, 5, "counties")
    print_losses(fitted, 2, "states")
    found = print_intervals("states", fitted)["30"]
    print("  goal on day 30: overall at most 0.86, worst state 0.65, width 0.070")
    assert misses[30] < 2.0
    assert misses[30] < 0.6 * naive[30]
    assert 0.76 < found["coverage"] < 0.88


def test_whole_counties_left_out(nation: pd.DataFrame) -> None:
    fitted = fit(nation, "county", 3)
    misses, naive = measure_misses(fitted)
    print_row(
        "\nNation, whole counties left out (3 folds, each forecast from two thirds), MAE by day",
        misses,
        "1.65 on day 30",
    )
    print_row("  last value plus mean growth", naive)
    found = print_intervals("counties", fitted)["30"]
    print(
        "  goal on day 30: 0.78-0.82 / lowest fifth 0.77 / 10th percentile of counties 0.70 /"
        " width 0.054"
    )
    assert misses[30] < 1.9
    assert 0.74 < found["coverage"] < 0.88


def test_cook_from_other_states(nation: pd.DataFrame, real_data: Path, outreach: Any) -> None:
    elsewhere = nation[nation.index.str[:2] != COOK[:2]]
    season = fit(elsewhere, "state", 2).model
    assert COOK[:2] not in season.provenance["states"]
    cook = nation[nation.index.str[:5] == COOK]
    final = cook[cook["data_date"] == pd.Timestamp(FINAL)]["cumulative_share"]
    done = outreach("demo", "--data", str(real_data), "--today", "2020-05-19", timeout=600)
    assert done.returncode == 0, done.stderr
    tracts = gpd.read_parquet(
        outreach.home / "demo" / "runs" / "latest" / "tables" / "tracts.parquet"
    )
    print_lists(replay_cook(cook, tracts, season))
    print("\nCook, compact parts, the bought list against that of the lowest current rates")
    print_parts(cook, tracts, season)
    misses, alone = {}, {}
    for day in DAYS:
        when = START + dt.timedelta(days=day)
        history = cook[cook["data_date"] <= pd.Timestamp(when)]
        now = history[history["data_date"] == history["data_date"].max()]["cumulative_share"]
        asked = tracts.assign(
            cumulative_share=now.reindex(tracts.index), data_date=pd.Timestamp(when)
        )
        assessment = assess_tracts(asked, history, season_model=season)
        assert assessment.forecast is not None
        known = final.reindex(assessment.forecast.index)
        misses[day] = 100 * float((assessment.forecast["final_share"] - known).abs().mean())
        alone[day] = 100 * float((assessment.forecast["trajectory_share"] - known).abs().mean())
        bias = 100 * float((assessment.forecast["final_share"] - known).mean())
        inside = known.between(
            assessment.forecast["final_low80_share"], assessment.forecast["final_high80_share"]
        )
        print_row(
            f"\nCook from other states, day {day}",
            {"bias": bias, "80% ranges hold": float(inside.mean())},
        )
        print(
            f"  {assessment.provenance['forecast_weights']}; {assessment.provenance['season_kind']}"
        )
    print_row(
        "Cook from other states, with the prior, MAE by day", misses, "2.2 / 1.6 / 1.05 / 0.88"
    )
    print_row("  trajectory alone", alone)
    assert misses[30] < 2.1
    assert np.mean(list(misses.values())) < np.mean(list(alone.values())) + 0.05
