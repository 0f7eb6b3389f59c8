"""Figures of districts: split by weight, rates by households, ranks, pace and chance."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from outreach.errors import NothingThere
from outreach.rates import AreaErrors
from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures, measure_districts
from outreach.tables import DistrictFigures, TractParts, check


def test_the_tables_have_their_declared_columns(figures: Figures, bare: ReportView) -> None:
    for measured in (figures, measure_districts(bare)):
        check(measured.table, DistrictFigures, "the town")
        check(measured.parts, TractParts, "the town")


def test_a_split_tract_counts_by_its_weight(view: ReportView, figures: Figures) -> None:
    rate, homes = view.tracts["cumulative_share"], view.tracts["households_count"]
    pairs = view.crosswalk[view.crosswalk["target"] == "1"].set_index("source")["weight"]
    weight = (homes * pairs).dropna()[rate.notna()]
    expected = (weight * rate.loc[weight.index]).sum() / weight.sum()
    assert figures.table.loc["1", "cumulative_share"] == pytest.approx(expected)
    assert figures.table.loc["1", "missing_count"] == pytest.approx(
        (weight * (1 - rate.loc[weight.index])).sum()
    )


def test_no_household_is_lost_or_counted_twice(view: ReportView, figures: Figures) -> None:
    rated = view.tracts[view.tracts["cumulative_share"].notna()]
    assert figures.table["households_count"].sum() == pytest.approx(rated["households_count"].sum())
    together = figures.table["households_count"].sum() + figures.table["rateless_count"].sum()
    assert together == pytest.approx(view.tracts["households_count"].sum())
    assert figures.whole["missing_count"] == pytest.approx(figures.table["missing_count"].sum())


def test_the_last_point_of_the_trend_is_the_rate(figures: Figures) -> None:
    np.testing.assert_allclose(
        figures.trend.iloc[-1].reindex(figures.table.index), figures.table["cumulative_share"]
    )
    assert figures.whole_trend.iloc[-1] == pytest.approx(figures.whole["cumulative_share"])


def test_change_uses_the_real_number_of_days(figures: Figures) -> None:
    trend = figures.trend["1"]
    last = trend.index[-1]
    week = trend.iloc[-1] - trend.loc[last - pd.Timedelta(days=7)]
    assert figures.table.loc["1", "change_7_points"] == pytest.approx(week)


def test_needed_each_day_closes_the_gap_by_the_deadline(view: ReportView, figures: Figures) -> None:
    row = figures.table.loc["../2"]
    days = (view.deadline - view.data_date).days
    reached = row["cumulative_share"] + row["needed_daily_count"] * days / row["households_count"]
    assert reached == pytest.approx(view.goal_share)


def test_the_chance_is_half_at_the_forecast_and_a_tenth_at_the_end_of_the_interval(
    view: ReportView, figures: Figures
) -> None:
    row = figures.row("1")
    for column, chance in (
        ("final_share", 0.5),
        ("final_high80_share", 0.1),
        ("final_low80_share", 0.9),
    ):
        aimed = measure_districts(dataclasses.replace(view, goal_share=float(row[column])))
        if row[column] > row["cumulative_share"]:
            assert aimed.table.loc["1", "chance_share"] == pytest.approx(chance, abs=1e-6)


def test_all_districts_together_have_the_range_of_the_area_where_a_run_has_one(
    view: ReportView, figures: Figures
) -> None:
    final = view.scores["final_share"]
    together = view.scores.assign(area_low80_share=final - 0.01, area_high80_share=final + 0.015)
    measured = measure_districts(dataclasses.replace(view, scores=together))
    middle = measured.whole["final_share"]
    assert measured.whole["final_low80_share"] == pytest.approx(middle - 0.01)
    assert measured.whole["final_high80_share"] == pytest.approx(middle + 0.015)
    # A district keeps the mean of its tracts' ranges, and so does a run of an older version.
    assert measured.table["final_low80_share"].equals(figures.table["final_low80_share"])
    assert figures.whole["final_low80_share"] == pytest.approx(middle - 0.02)


def test_a_reached_goal_needs_no_households_and_is_certain(view: ReportView) -> None:
    easy = measure_districts(dataclasses.replace(view, goal_share=0.2)).table
    assert (easy["needed_daily_count"] == 0).all()
    assert (easy["chance_share"] == 1).all()


def test_without_a_forecast_there_is_no_chance_and_without_days_no_pace(bare: ReportView) -> None:
    assert measure_districts(bare).table["chance_share"].isna().all()
    over = measure_districts(dataclasses.replace(bare, deadline=dt.date(2020, 6, 1)))
    assert over.table["needed_daily_count"].isna().all()


def test_peers_are_the_most_similar_districts_and_none_without_a_basis(
    view: ReportView, bare: ReportView, figures: Figures
) -> None:
    assert figures.peer_basis == "low_response_score"
    assert all(district in among for district, among in figures.peers.items())
    blind = dataclasses.replace(bare, tracts=bare.tracts.drop(columns="low_response_score"))
    nobody = measure_districts(blind)
    assert nobody.peer_basis == ""
    assert nobody.table["peer_rank"].isna().all()
    expecting = dataclasses.replace(view, scores=view.scores.assign(peer_share=0.6))
    assert measure_districts(expecting).peer_basis == "peer_share"


def test_giving_tracts_whole_changes_districts_that_share_tracts(figures: Figures) -> None:
    moved = (figures.table["alone_share"] - figures.table["cumulative_share"]).abs()
    assert moved["1"] > 1e-4
    assert 0 < figures.row("1")["split_share"] < 1


def test_a_mean_over_few_households_is_not_shown(view: ReportView) -> None:
    past = pd.Series(np.nan, index=view.tracts.index)
    past.iloc[:6] = 0.6
    few = measure_districts(
        dataclasses.replace(view, tracts=view.tracts.assign(final_2010_share=past))
    )
    assert few.table["final_2010_share"].isna().all()


def test_districts_without_tracts_are_refused(view: ReportView) -> None:
    with pytest.raises(NothingThere, match="Ward"):
        measure_districts(
            dataclasses.replace(view, crosswalk=view.crosswalk.assign(target="nowhere"))
        )


def test_areas_of_a_plan_have_their_range_as_one_event_and_none_is_wider_than_its_tracts(
    view: ReportView, figures: Figures
) -> None:
    errors = AreaErrors(0.02, 0.25, 100.0, 0.005, 0.8)
    plan = dataclasses.replace(view, area_errors=errors)
    narrow = measure_districts(plan)
    for district in narrow.table.index:
        own, tracts = narrow.row(str(district)), figures.row(str(district))
        rated = narrow.parts[narrow.parts["district"] == district].dropna(
            subset=["cumulative_share"]
        )
        size = rated["households_count"].sum() ** 2 / (rated["households_count"] ** 2).sum()
        reach = float(errors.reach(np.array([size]))[0])
        assert own["final_low80_share"] == pytest.approx(
            max(tracts["final_low80_share"], own["final_share"] - reach)
        )
        assert own["final_high80_share"] == pytest.approx(
            min(tracts["final_high80_share"], own["final_share"] + reach)
        )
    # All together are wider ground than each.
    widths = narrow.table["final_high80_share"] - narrow.table["final_low80_share"]
    whole = narrow.whole["final_high80_share"] - narrow.whole["final_low80_share"]
    assert whole < widths.min()
    wide = dataclasses.replace(view, area_errors=AreaErrors(0.9, 0.0, 100.0, 0.0, 0.8))
    assert measure_districts(wide).table["final_low80_share"].to_numpy() == pytest.approx(
        figures.table["final_low80_share"].to_numpy()
    )
