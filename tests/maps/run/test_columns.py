"""The numbers of a map: gathered by tract, packed without loss."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from maps.run.columns import (
    encode_column,
    encode_expectation,
    encode_history,
    gather_columns,
    measure_change,
    tabulate_history,
)
from maps.run.inputs import MapView
from outreach.errors import DataError


def test_every_tract_has_a_row_in_the_order_of_the_tracts(town: MapView) -> None:
    rows = gather_columns(
        dataclasses.replace(town, scores=town.scores.sample(frac=1, random_state=1))
    )
    assert rows.index.equals(town.tracts.index)
    assert rows["rank"].notna().sum() == len(town.scores)
    assert rows["arm"].value_counts().to_dict() == {"treat": 6, "holdout": 3}


def test_only_tracts_with_ads_have_a_budget(town: MapView) -> None:
    rows = gather_columns(town)
    assert rows["budget_usd"].notna().equals(rows["arm"].eq("treat"))


@pytest.mark.parametrize("table", ["scores", "targets"])
def test_a_score_or_target_of_another_run_is_refused_by_its_code(town: MapView, table: str) -> None:
    strangers = {
        "scores": town.scores.rename(index={town.scores.index[0]: "88001000100"}),
        "targets": town.targets.replace({"place": {town.targets["place"].iloc[0]: "88001000100"}}),
    }
    with pytest.raises(DataError, match="88001000100"):
        gather_columns(dataclasses.replace(town, **{table: strangers[table]}))


def test_a_map_without_tracts_is_refused(town: MapView) -> None:
    with pytest.raises(DataError, match="no tract"):
        gather_columns(dataclasses.replace(town, tracts=town.tracts.head(0)))


def test_change_is_divided_by_the_days_that_truly_passed() -> None:
    season = pd.DataFrame(
        [[0.50, 0.53, 0.54]],
        columns=pd.to_datetime(["2020-06-05", "2020-06-12", "2020-06-15"]),
        index=["99001000100"],
    )
    assert measure_change(season, 7).iloc[0] == pytest.approx(0.04 * 7 / 10)
    assert measure_change(season.iloc[:, :2], 7).iloc[0] == pytest.approx(0.03)
    assert measure_change(season, 28).isna().all()


def test_days_after_the_data_date_do_not_reach_the_map(town: MapView) -> None:
    assert town.history is not None
    later = town.history.assign(data_date=town.history["data_date"] + pd.Timedelta(days=3))
    table = tabulate_history(dataclasses.replace(town, history=later))
    assert table.columns.max() == pd.Timestamp(town.data_date)


def test_numbers_come_back_as_they_were() -> None:
    shares = pd.Series([0.684, np.nan, 0.0, 1.0])
    packed = encode_column(shares)
    assert packed["values"][1] is None
    assert [value and value * packed["scale"] for value in packed["values"]] == pytest.approx(
        [0.684, None, 0, 1]
    )
    counts = encode_column(pd.Series([1204.0, 3.0]))
    assert (counts["scale"], counts["values"]) == (1, [1204, 3])
    assert encode_column(pd.Series([1204.53, 3.0])) == {"scale": 0.01, "values": [120453, 300]}


def test_text_is_stored_once() -> None:
    assert encode_column(pd.Series(["treat", None, "treat", "buffer"])) == {
        "levels": ["treat", "buffer"],
        "values": [0, None, 0, 1],
    }


def test_the_season_comes_back_from_its_differences(town: MapView) -> None:
    packed = encode_history(town)
    table = tabulate_history(town)
    steps = np.array(packed["values"], dtype=float).reshape(table.shape)
    rates = np.where(np.isnan(steps), np.nan, np.nancumsum(steps, axis=1)) * packed["scale"]
    np.testing.assert_allclose(rates, table.to_numpy(dtype=float), atol=6e-4)
    assert np.isnan(rates[35]).all()
    assert packed["dates"][-1] == "2020-06-12"


def test_languages_are_named_from_the_commonest_on(town: MapView) -> None:
    tracts = town.tracts.assign(
        limited_english_households_other_count=town.tracts["households_count"] * 0.5
    )
    rows = gather_columns(dataclasses.replace(town, tracts=tracts))
    assert rows["languages"].iloc[5].startswith("other languages 50%, Spanish ")
    assert rows["languages"].iloc[0] == "other languages 50%"


def test_a_bare_number_becomes_a_name(town: MapView) -> None:
    names = ["101", "101.02", "Riverside", *town.tracts["name"].tolist()[3:]]
    rows = gather_columns(dataclasses.replace(town, tracts=town.tracts.assign(name=names)))
    assert rows["name"].head(3).tolist() == ["Tract 101", "Tract 101.02", "Riverside"]


def test_a_tract_without_history_keeps_its_rate_of_today(town: MapView) -> None:
    assert town.history is not None
    table = tabulate_history(
        dataclasses.replace(town, history=town.history.drop(index="99001000300"))
    )
    assert table.loc["99001000300"].dropna().to_dict() == {
        pd.Timestamp("2020-06-12"): town.tracts.loc["99001000300", "cumulative_share"]
    }


def test_a_daily_band_is_kept_once_a_week_up_to_its_last_day(town: MapView) -> None:
    assert town.history is not None
    daily = town.history.assign(start_low80_share=0.4, start_high80_share=0.6)
    packed = encode_expectation(dataclasses.replace(town, expectation=daily))
    assert packed is not None
    assert packed["dates"][-1] == "2020-06-12"
    assert set(np.diff(pd.DatetimeIndex(packed["dates"])).astype("timedelta64[D]").astype(int)) == {
        7
    }
    width = len(packed["dates"])
    assert packed["low"][:width] == [400, *[0] * (width - 1)]
    assert packed["high"][-width:] == [None] * width
