"""Test the range of a whole area as one event."""

import dataclasses
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.curves.area_range import AreaForecast
from models.curves.forecast import forecast_final, inflate_ranges
from models.curves.trajectory import Trajectories, build_trajectories
from models.training.fit import SeasonFit

Invent = Callable[..., pd.DataFrame]
START = date(2020, 3, 20)


@pytest.fixture(scope="module")
def alike(invent: Invent) -> Trajectories:
    """The same season in states that the fit has not seen."""
    return build_trajectories(invent(77, states=8), START)


@pytest.fixture(scope="module")
def unlike(invent: Invent) -> Trajectories:
    """Another season, in which people respond later."""
    return build_trajectories(invent(78, states=3, shift=1.0), START)


def choose_county(curves: Trajectories, number: int) -> Trajectories:
    """Return one county's curves."""
    codes = curves.geoid.str[:5]
    inside = codes == codes.unique()[number]
    return dataclasses.replace(
        curves,
        geoid=curves.geoid[inside],
        cumulative_share=curves.cumulative_share[inside],
        paper_share=curves.paper_share[inside],
    )


def forecast_county(curves: Trajectories, fitted: SeasonFit, number: int) -> AreaForecast:
    area = forecast_final(choose_county(curves, number), fitted.model, day=45).area
    assert area is not None
    return area


def test_the_ranges_of_areas_hold_their_final_rates_as_often_as_they_say(
    fitted: SeasonFit, alike: Trajectories
) -> None:
    held = []
    for number in range(24):
        area = forecast_county(alike, fitted, number)
        low, high = area.bounds[80]
        held.append(low <= choose_county(alike, number).cumulative_at(210).mean() <= high)
    assert 0.6 < np.mean(held) < 0.97


def test_the_range_of_an_area_is_narrower_than_those_of_its_tracts_and_grows_with_a_shift(
    fitted: SeasonFit, alike: Trajectories, unlike: Trajectories
) -> None:
    forecast = forecast_final(choose_county(alike, 0), fitted.model, day=45)
    assert forecast.area is not None
    low, high = forecast.area.bounds[80]
    widths = forecast.table["final_high80_share"] - forecast.table["final_low80_share"]
    assert high - low < widths.mean()
    inner = forecast.area.bounds[50]
    assert low < inner[0] < forecast.area.final_share < inner[1] < high
    assert forecast.area.inflation_factor < forecast_county(unlike, fitted, 0).inflation_factor


def test_households_weigh_the_area_and_its_tracts_move_to_the_ends_of_its_range(
    fitted: SeasonFit, alike: Trajectories
) -> None:
    curves = choose_county(alike, 0)
    households = pd.Series(np.arange(1.0, len(curves.geoid) + 1), curves.geoid)
    forecast = forecast_final(curves, fitted.model, day=45, households=households)
    area, table = forecast.area, forecast.table
    assert area is not None
    weights = households[table.index]
    assert area.final_share == pytest.approx(np.average(table["final_share"], weights=weights))
    for column, bound in zip(("low", "high"), area.bounds[80], strict=True):
        moved = np.average(table[f"area_{column}80_share"], weights=weights)
        assert moved == pytest.approx(bound)
    wider = inflate_ranges(forecast, 2.0, households).area
    assert wider is not None
    assert wider.bounds[80][0] < area.bounds[80][0]
    assert wider.bounds[80][1] > area.bounds[80][1]


def test_few_tracts_widen_the_range_but_never_beyond_that_of_a_tract(
    fitted: SeasonFit, alike: Trajectories
) -> None:
    county = choose_county(alike, 0)
    one = dataclasses.replace(
        county,
        geoid=county.geoid[:1],
        cumulative_share=county.cumulative_share[:1],
        paper_share=county.paper_share[:1],
    )
    forecast = forecast_final(one, fitted.model, day=45)
    assert forecast.area is not None
    row = forecast.table.iloc[0]
    low, high = forecast.area.bounds[80]
    assert low >= row["final_low80_share"]
    assert high <= row["final_high80_share"]
    whole = forecast_county(alike, fitted, 0).bounds[80]
    assert high - low > whole[1] - whole[0]


def test_a_model_of_too_few_areas_gives_no_range_of_the_area(
    fitted: SeasonFit, alike: Trajectories
) -> None:
    small = dataclasses.replace(fitted.model, area_intervals=None)
    forecast = forecast_final(alike, small, day=45)
    assert forecast.area is None
    assert forecast.table["area_low80_share"].isna().all()
