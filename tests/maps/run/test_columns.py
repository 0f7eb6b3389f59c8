"""Map columns are gathered by tract."""

import dataclasses

import pandas as pd
import pytest

from maps.run.columns import gather_columns, tabulate_history
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


def test_days_after_the_data_date_do_not_reach_the_map(town: MapView) -> None:
    assert town.history is not None
    later = town.history.assign(data_date=town.history["data_date"] + pd.Timedelta(days=3))
    table = tabulate_history(dataclasses.replace(town, history=later))
    assert table.columns.max() == pd.Timestamp(town.data_date)


def test_languages_are_named_most_common_first(town: MapView) -> None:
    tracts = town.tracts.assign(
        limited_english_households_other_count=town.tracts["households_count"] * 0.5
    )
    rows = gather_columns(dataclasses.replace(town, tracts=tracts))
    assert rows["languages"].iloc[5].startswith("other:0.50 spanish:0.")
    assert rows["languages"].iloc[0] == "other:0.50"


def test_a_tract_without_history_keeps_its_current_rate(town: MapView) -> None:
    assert town.history is not None
    table = tabulate_history(
        dataclasses.replace(town, history=town.history.drop(index="99001000300"))
    )
    assert table.loc["99001000300"].dropna().to_dict() == {
        pd.Timestamp("2020-06-12"): town.tracts.loc["99001000300", "cumulative_share"]
    }


def test_contacts_of_partners_are_summed_by_kind_through_the_data_date(town: MapView) -> None:
    rows = gather_columns(town)
    calls = rows["calls_count"]
    assert calls["99001000100"] == 42.5
    assert calls["99001000200"] == 8
    assert calls.sum() == 50.5
    assert rows["doors_count"].sum() == 12

    # A kind that nobody logged has no column, and without a log none has.
    some = town.activity[town.activity["kind"] != "texts"]
    less = gather_columns(dataclasses.replace(town, activity=some))
    assert "texts_count" not in less
    assert {"calls_count", "events_count"} <= set(less)
    assert "calls_count" not in gather_columns(dataclasses.replace(town, activity=None))
