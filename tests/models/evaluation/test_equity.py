"""Test who gains and who loses under a list, and for whom the forecast is worse."""

import pandas as pd
import pytest

from models.evaluation.equity import compare_coverage, measure_forecast
from models.evaluation.groups import find_groups
from outreach.errors import DataError

GEOIDS = pd.Index([f"9900100010{number}" for number in range(4)], name="geoid")


@pytest.fixture
def tracts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "households_count": [100.0, 100.0, 100.0, 100.0],
            "renter_households_count": [80.0, 60.0, 40.0, 20.0],
            "renter_households_count_moe": [16.45, 16.45, 16.45, 16.45],
            "owner_households_count": [20.0, 40.0, 60.0, 80.0],
            "poverty_count": [50.0, 0.0, 0.0, 0.0],
            "poverty_universe_count": [250.0, 250.0, 250.0, 250.0],
            "household_income_usd": [20_000.0, 40_000.0, None, 60_000.0],
            "limited_english_households_spanish_count": [10.0, 10.0, 10.0, 10.0],
            "limited_english_households_spanish_count_moe": [5.0, 5.0, None, 5.0],
            "limited_english_households_other_count": [0.0, 0.0, 0.0, 0.0],
            "limited_english_households_other_count_moe": [5.0, 5.0, 5.0, 5.0],
            "population_count": [250.0, 250.0, 250.0, 250.0],
        },
        index=GEOIDS,
    )


@pytest.fixture
def race() -> pd.DataFrame:
    return pd.DataFrame(
        {"black_count": [200.0, 0.0, 0.0, 0.0], "asian_count": [0.0, 10.0, None, 10.0]},
        index=GEOIDS,
    )


def row(table: pd.DataFrame, group: str) -> "pd.Series[float]":
    rows = table[table["group"] == group]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_group_gains_where_more_of_it_lives_in_chosen_tracts(
    tracts: pd.DataFrame, race: pd.DataFrame
) -> None:
    table = compare_coverage(tracts, {"first": GEOIDS[:1]}, race)
    renters = row(table, "Renters")
    assert (renters["members_count"], renters["area_share"], renters["chosen_share"]) == (
        200,
        0.5,
        0.8,
    )
    assert renters["covered_share"] == pytest.approx(0.4)
    assert renters["everyone_covered_share"] == pytest.approx(0.25)
    assert renters["ratio"] == pytest.approx(1.6)
    # Of a / (a + b): the errors are 10 inside and 10 * sqrt(3) outside.
    spread = ((0.6 * 10) ** 2 + 3 * (0.4 * 10) ** 2) ** 0.5 / 200
    assert renters["covered_margin_share"] == pytest.approx(1.645 * spread)
    assert renters["verdict"] == "gains"
    assert row(table, "Owners")["ratio"] == pytest.approx(0.4)
    assert row(table, "Limited English, Spanish")["verdict"] == "as everyone"
    assert row(table, "Below the poverty level")["covered_share"] == 1
    assert row(table, "At or above the poverty level")["covered_share"] == pytest.approx(200 / 950)
    assert row(table, "Black or African American")["ratio"] == pytest.approx(4)
    assert row(table, "Black or African American")["unit"] == "people"


def test_a_group_without_figures_or_margins_has_no_verdict(
    tracts: pd.DataFrame, race: pd.DataFrame
) -> None:
    table = compare_coverage(tracts, {"first": GEOIDS[:1]}, race.assign(asian_count=None))
    for group in ("Owners", "Black or African American", "Below the poverty level"):
        assert pd.isna(row(table, group)["covered_margin_share"]), "no margin is not a margin of 0"
        assert row(table, group)["verdict"] == "not known"
        assert row(table, group)["ratio"] > 0
    for group in ("Asian", "Limited English, other languages"):
        assert pd.isna(row(table, group)["covered_share"])
        assert row(table, group)["verdict"] == "not known", "nobody is not as everyone"


def test_a_tract_without_a_margin_counts_with_that_of_the_others(tracts: pd.DataFrame) -> None:
    table = compare_coverage(tracts, {"first": GEOIDS[:1]})
    whole = compare_coverage(
        tracts.assign(limited_english_households_spanish_count_moe=5.0), {"first": GEOIDS[:1]}
    )
    name = "Limited English, Spanish"
    assert row(table, name)["covered_margin_share"] == pytest.approx(
        row(whole, name)["covered_margin_share"]
    )


def test_a_difference_within_the_margin_is_none(tracts: pd.DataFrame) -> None:
    tracts["renter_households_count_moe"] = 100.0
    assert (
        row(compare_coverage(tracts, {"first": GEOIDS[:1]}), "Renters")["verdict"] == "as everyone"
    )


def test_a_tract_without_a_figure_is_left_out_on_both_sides(
    tracts: pd.DataFrame, race: pd.DataFrame
) -> None:
    table = compare_coverage(tracts, {"third": GEOIDS[2:3], "second": GEOIDS[1:2]}, race)
    asian = table[table["group"] == "Asian"].set_index("list")
    assert asian.loc["third", "everyone_covered_share"] == 0
    assert asian.loc["second", "covered_share"] == 0.5
    assert asian.loc["second", "everyone_covered_share"] == pytest.approx(1 / 3)
    incomes = table[(table["dimension"] == "income") & (table["list"] == "second")]
    assert incomes["members_count"].sum() == 300


def test_race_is_read_from_its_own_table_alone(tracts: pd.DataFrame, race: pd.DataFrame) -> None:
    assert {group.dimension for group in find_groups(tracts.join(race))} == {
        "language",
        "tenure",
        "poverty",
        "income",
    }
    assert [group.name for group in find_groups(tracts, race)][-2:] == [
        "Black or African American",
        "Asian",
    ]
    with pytest.raises(DataError, match="'race' has a tract twice"):
        find_groups(tracts, pd.concat([race, race]))


def test_a_list_of_another_area_is_refused(tracts: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="has tract 17031010100"):
        compare_coverage(tracts, {"first": pd.Index(["17031010100"])})


def test_bias_and_error_of_the_forecast_are_weighted_by_the_group(
    tracts: pd.DataFrame, race: pd.DataFrame
) -> None:
    final = pd.Series([0.5, 0.6, 0.7, 0.8], index=GEOIDS)
    forecast = pd.DataFrame({"final_share": final.add([0.08, 0.0, 0.0, -0.04])})
    forecast = forecast.assign(final_low80_share=final - 0.01, final_high80_share=final + 0.01)
    forecast.loc[GEOIDS[0], "final_low80_share"] = 0.55
    table = measure_forecast(tracts, forecast, final, race).set_index("group")
    assert table.loc["everyone", "bias_points"] == pytest.approx(1)
    assert table.loc["everyone", "error_points"] == pytest.approx(3)
    assert table.loc["everyone", "covered80_share"] == pytest.approx(0.75)
    assert table.loc["Renters", "bias_points"] == pytest.approx((80 * 8 - 20 * 4) / 200)
    assert table.loc["Black or African American", "bias_against_all_points"] == pytest.approx(7)
    assert table.loc["Black or African American", ["tracts_count", "covered80_share"]].tolist() == [
        1,
        0,
    ]
    with pytest.raises(DataError, match="No tract has both"):
        measure_forecast(tracts, forecast, final[:0])
