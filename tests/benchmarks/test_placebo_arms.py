"""Measure what splits of held-out tracts find in Cook County's real season."""

import pandas as pd
import pytest

from models.trial.readout.placebo_arms import PlaceboArms, split_held
from tests.benchmarks.planted import FLIGHTS, Season, list_outcomes, prepare_trial

pytestmark = [pytest.mark.bench, pytest.mark.real]

#: Draws of the arms, of which each holds other tracts out, and the effect planted into the rest.
DRAWS, LIFT = 20, 0.005


@pytest.mark.parametrize("flight", FLIGHTS)
@pytest.mark.parametrize("cook_season", ["tract"], indirect=True)
def test_placebo_arms_find_no_more_than_their_level(cook_season: Season, flight: str) -> None:
    trial = prepare_trial(cook_season, pd.Timestamp(flight))
    splits = list[PlaceboArms]()
    for number, (arms, change) in enumerate(list_outcomes(trial, LIFT, DRAWS)):
        split = split_held(trial.judge, arms, change, seed=2 * number)
        assert split is not None
        splits.append(split)
    table = pd.DataFrame(splits)
    table[["low_share", "middle_share", "high_share"]] *= 100
    print(f"\n{splits[0].units_count} held-out tracts, 28 days from {flight}, {DRAWS} draws of the")
    print(f"arms, each split {splits[0].splits_count:,} times; effect of {100 * LIFT} elsewhere:")
    print(table.describe().round(3).to_string())
    assert 0.045 <= table["found_share"].mean() <= 0.055
    assert table["found_share"].between(0.02, 0.08).all()
    assert all(split.is_sound for split in splits)


@pytest.mark.parametrize("cook_season", ["zip"], indirect=True)
def test_eleven_held_out_zips_are_too_few_to_split(cook_season: Season) -> None:
    trial = prepare_trial(cook_season, pd.Timestamp(FLIGHTS[0]))
    assert split_held(trial.judge, *list_outcomes(trial, 0.0, 1)[0], seed=0) is None
