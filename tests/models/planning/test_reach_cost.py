"""The cost of reaching missing households: homes, contacts, money, staff, and partners add up."""

import pandas as pd
import pytest

from models.audience.handoff_text import DOOR, PAPER, PHONE
from models.planning.reach_cost import (
    ADS,
    CREATIVE,
    ReachPrices,
    price_tracts,
    sum_channels,
)
from models.planning.reach_districts import split_reach, sum_districts

PRICES = ReachPrices(
    ads_usd=0.15,
    letter_usd=1.0,
    letters_count=2,
    hour_usd=20,
    calls_per_hour=10,
    calls_count=3,
    doors_per_hour=5,
    visits_count=2,
    staff_hours=100,
    partner_households=30,
)
HOUSEHOLDS = pd.Series({"a": 1000.0, "b": 500.0, "c": 800.0})


@pytest.fixture(scope="module")
def priced() -> pd.DataFrame:
    handoff = pd.DataFrame(
        {
            "missing_households_count": [400.0, 200.0, 100.0],
            "reachable_households_count": [300.0, 0.0, 50.0],
            "handoff_households_count": [100.0, 200.0, 50.0],
            "channel": [DOOR, PHONE, PAPER],
            "language": ["", "Polish", ""],
        },
        index=pd.Index(["a", "b", "c"], name="geoid"),
    )
    return price_tracts(handoff, HOUSEHOLDS, PRICES)


def test_reaching_one_missing_household_takes_as_many_homes_as_hold_one(
    priced: pd.DataFrame,
) -> None:
    middle = priced[priced["scenario"] == "middle"].set_index(["geoid", "channel"])
    ads, door = middle.loc[("a", ADS)], middle.loc[("a", DOOR)]
    # Three quarters of a thousand homes hold 300 missing ones that ads can reach.
    assert ads["homes_count"] == pytest.approx(0.4 * 750)
    assert ads["cost_usd"] == pytest.approx(300 * 0.15)
    assert ads["hours_count"] == 0
    assert door["contacts_count"] == pytest.approx(0.4 * 250 * 2)
    assert door["hours_count"] == pytest.approx(200 / 5)
    assert door["cost_usd"] == pytest.approx(200 / 5 * 20)
    assert middle.loc[("b", PHONE), "cost_usd"] == pytest.approx(0.4 * 500 * 3 / 10 * 20)
    assert middle.loc[("c", PAPER), "cost_usd"] == pytest.approx(0.4 * 400 * 2 * 1.0)
    assert ("b", ADS) not in middle.index


def test_scenarios_are_shares_of_the_need_and_languages_are_named(priced: pd.DataFrame) -> None:
    table = sum_channels(priced)
    need = table.groupby("scenario")["missing_households_count"].sum()
    assert need.to_dict() == pytest.approx({"low": 140, "middle": 280, "high": 420})
    assert set(table["language"]) == {CREATIVE, "Polish"}
    assert table["need_share"].is_monotonic_increasing
    one = table.iloc[0]
    assert one["cost_per_household_usd"] == one["cost_usd"] / one["missing_households_count"]


def test_districts_add_up_and_round_people_up(priced: pd.DataFrame) -> None:
    parts = pd.DataFrame(
        {
            "kind": "Ward",
            "name": ["1", "2", "2", "2"],
            "geoid": ["a", "a", "b", "c"],
            "weight": [0.25, 0.75, 1.0, 1.0],
        }
    )
    split = split_reach(priced, parts)
    table = sum_districts(split, PRICES).set_index(["district", "scenario"])
    whole = priced.groupby("scenario")["cost_usd"].sum()
    for scenario, cost in whole.items():
        assert table.xs(scenario, level="scenario")["cost_usd"].sum() == pytest.approx(cost)
    # Ward 2 has three quarters of tract a's 40 hours at doors, and 60 hours on the phone.
    second = table.loc[("2", "middle")]
    assert second["hours_count"] == pytest.approx(30 + 60)
    assert second["staff_count"] == 1
    assert table.loc[("2", "high"), "staff_count"] == 2
    # 80 households that speak Polish take three partners of 30 each.
    assert second["partners_count"] == 3
    assert second["partner_languages"] == "Polish"
    assert table.loc[("1", "middle"), "partners_count"] == 0
    assert table.loc[("1", "middle"), "partner_languages"] == ""
    # The channels of a district add up to it.
    for figure, ending in (("cost_usd", "usd"), ("homes_count", "homes_count")):
        channels = table[[f"{name}_{ending}" for name in ("ads", "phone", "paper", "door")]]
        assert channels.sum(axis=1).to_numpy() == pytest.approx(table[figure].to_numpy())
    assert second["door_homes_count"] == pytest.approx(0.75 * 0.4 * 250)
    assert second["phone_usd"] == pytest.approx(0.4 * 500 * 3 / 10 * 20)
    assert table.loc[("1", "middle"), "phone_usd"] == 0
