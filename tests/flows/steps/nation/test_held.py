"""A county is listed with the predictors that a run holds of all of it, and else by its rates."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from flows.nation import list_nation
from flows.steps.nation.held import (
    HeldCounty,
    HeldPredictors,
    name_sources,
    pack_held,
    unpack_held,
)
from flows.steps.nation.lists import StateLists, list_state
from flows.steps.nation.record import describe_held
from models.curves.season_file import load_season_model
from outreach.objectives import Objective
from outreach.settings import Settings
from outreach.store import Store
from outreach.tables import ResponseRates, as_table
from tests.flows.test_nation import invent_state
from tests.flows.town import keep_run

#: Counties of the invented state: 34 tracts with a rate, and 5.
LARGE, SMALL, OTHER = "17001", "17005", "17003"


def hold(geoids: pd.Index, objective: Objective) -> HeldCounty:
    """Hold predictors of a county, more homes and fewer online from tract to tract."""
    step = np.arange(len(geoids)) / len(geoids)
    universe = 500.0 + 2000.0 * step
    tracts = pd.DataFrame(
        {
            "land_km2": 1.0,
            "households_count": universe,
            "housing_units_count": universe + 20,
            "internet_universe_count": universe,
            "internet_households_count": universe * (0.9 - 0.4 * step),
            "unsubscribed_internet_households_count": universe * 0.05,
            "cellular_only_households_count": universe * 0.1,
            "fixed_broadband_households_count": universe * (0.8 - 0.4 * step),
            "owner_households_count": universe * (0.7 - 0.5 * step),
            "renter_households_count": universe * (0.3 + 0.5 * step),
            "low_response_score": 15.0 + 15.0 * step,
        },
        index=geoids,
    )
    return HeldCounty("a-run", tracts, ("en",), objective, ("responserate2010",))


@pytest.fixture(scope="module")
def rates() -> pd.DataFrame:
    return as_table(invent_state("17"), ResponseRates)


@pytest.fixture(scope="module")
def held(rates: pd.DataFrame) -> dict[str, HeldCounty]:
    now = rates.index[rates["data_date"] == rates["data_date"].max()]
    return {code: hold(now[now.str[:5] == code], Objective.MOST_MISSING) for code in (LARGE, SMALL)}


@pytest.fixture(scope="module")
def both(rates: pd.DataFrame, held: dict[str, HeldCounty]) -> tuple[StateLists, StateLists]:
    """Lists from rates alone, and from what is held."""
    model, table = load_season_model(), as_table(rates, ResponseRates)
    packed = unpack_held(pack_held(held))
    return (
        list_state(table, model, list_share=0.2),
        list_state(table, model, list_share=0.2, held=packed),
    )


def test_a_held_county_is_listed_as_its_campaign_orders_it(
    both: tuple[StateLists, StateLists],
) -> None:
    plain, known = both
    assert set(known.tracts.index) == set(plain.tracts.index)
    for code in (LARGE, SMALL):
        county = known.tracts[known.tracts["county"] == code]
        assert county["county_rank"].tolist() == list(range(1, len(county) + 1))
        assert county["missing_at_deadline_count"].is_monotonic_decreasing
        assert (county["missing_at_deadline_count"] < county["households_count"]).all()
    # Enough tracts learn from their predictors; few take the forecast of the state.
    finals = {
        code: [lists.tracts["final_share"][lists.tracts["county"] == code] for lists in both]
        for code in (LARGE, SMALL)
    }
    assert not np.allclose(finals[LARGE][0], finals[LARGE][1].reindex(finals[LARGE][0].index))
    pd.testing.assert_series_equal(
        finals[SMALL][0].sort_index(), finals[SMALL][1].sort_index(), check_exact=True
    )
    assert known.counties["rests_on"].to_dict() == {
        LARGE: "rates and predictors",
        OTHER: "rates",
        SMALL: "rates and predictors",
    }


def test_all_else_is_as_from_rates_alone(both: tuple[StateLists, StateLists]) -> None:
    plain, known = both
    for lists in both:
        other = lists.tracts[lists.tracts["county"] == OTHER]
        assert other["households_count"].isna().all()
    pd.testing.assert_frame_equal(
        plain.tracts[plain.tracts["county"] == OTHER], known.tracts[known.tracts["county"] == OTHER]
    )
    # Sums rest on the forecast of the state, so that counties compare.
    sums = ["final_share", "final_low80_share", "final_high80_share", "listed_count"]
    pd.testing.assert_frame_equal(plain.counties[sums], known.counties[sums])
    assert plain.area == known.area
    assert known.counties["households_count"].isna().to_dict() == {
        LARGE: False,
        OTHER: True,
        SMALL: False,
    }


def test_only_the_newest_run_with_all_tracts_counts(home: Settings) -> None:
    predictors = HeldPredictors(Store(home.runs_folder), 2020)
    town = pd.Index([f"99001{number:04d}00" for number in range(1, 9)])
    found = predictors.find(town)
    assert list(found) == ["99001"]
    assert found["99001"].run_id == Store(home.runs_folder).runs()[0].id
    assert "households_count" in found["99001"].tracts
    assert not {"cumulative_share", "name", "geometry"} & set(found["99001"].tracts)
    # A tract with a rate that no run has, another state, and another census have none.
    assert predictors.find(town.append(pd.Index(["99001999900"]))) == {}
    assert predictors.find(pd.Index(["17031010100"])) == {}
    assert HeldPredictors(Store(home.runs_folder), 2030).find(town) == {}


def test_what_lists_rest_on_and_what_is_missing_is_said_once(
    held: dict[str, HeldCounty],
) -> None:
    assert describe_held({}, 49) == [
        "No run holds the predictors of a whole county, so all lists rest on rates alone."
    ]
    rest, absent = describe_held(held, 49)
    assert rest.startswith("The lists of 2 counties rest on predictors, too, in the order of")
    assert "Adams County" in rest
    assert absent == (
        "The source responserate2010 had no figures for 2 of the 2 counties with predictors."
    )
    assert name_sources([]) == []


@pytest.mark.prefect
def test_a_job_takes_predictors_from_a_run_and_a_new_run_lists_its_state_again(
    home: Settings, prefect_api: str, tmp_path: Path
) -> None:
    assert prefect_api
    day = dt.date(2020, 6, 12)
    first = list_nation(tmp_path / "nation", through=day)
    assert (first.counties, first.reused) == (1, 0)
    assert any("The lists of 1 county rest on predictors, too" in each for each in first.remarks)
    rows = pd.read_csv(tmp_path / "nation" / "lists" / "99001.csv")
    assert rows["households_count"].notna().all()
    counties = pd.read_csv(tmp_path / "nation" / "counties.csv")
    assert counties["rests_on"].tolist() == ["rates and predictors"]
    again = list_nation(tmp_path / "nation", through=day)
    assert again.remarks[0] == "1 state had been listed from the same rates and predictors."

    keep_run(home, tmp_path, 0.52, day, small=90.0)
    assert list_nation(tmp_path / "nation", through=day).reused == 0
