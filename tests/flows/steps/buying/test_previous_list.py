import datetime as dt
from pathlib import Path

import pandas as pd

from flows.compare import compare_runs
from flows.steps.buying.list_rules import read_price
from flows.steps.buying.previous_run import PreviousList
from models.targeting.selection import price_flights
from outreach.store import Store
from tests.flows.steps.buying.planner import (
    Plan,
    Planner,
    keep_plan,
    score_planned,
)


def find_pair(planner: Planner, plain: Plan, scores: pd.DataFrame) -> tuple[str, str]:
    """Find a borderline tract below the cutoff that costs no more than the last one above it."""
    cut, costs = (
        plain.targets["rank"].max(),
        price_flights(planner.tracts, read_price(planner.ask()))["budget_usd"],
    )
    above = plain.targets.loc[plain.targets["rank"] == cut, "place"].iloc[0]
    near = scores[(scores["rank"] > cut) & (scores["rank_low"] <= cut)].index
    return str(near[costs[near] <= costs[above]][0]), str(above)


def test_a_borderline_tract_stays_and_its_line_and_the_notes_say_so(plan: Planner) -> None:
    plain = plan()
    below, above = find_pair(plan, plain, score_planned(plan.tracts, plan.ask()))
    old = frozenset({*plain.targets["place"], below} - {above})
    followed = plan(previous=PreviousList("run-1", dt.date(2020, 5, 21), "Ada", old))
    kept = followed.targets.set_index("place")
    assert below in kept.index
    assert above not in kept.index
    assert "Stays from the list of run-1" in kept.loc[below, "why"]
    assert followed.previous_run_id == "run-1"
    assert followed.borderline is not None
    assert followed.borderline["decision"].to_dict() == {below: "stays", above: "waits"}
    assert any(
        "approved by Ada" in note and "1 stay" in note and "1 wait" in note
        for note in followed.notes
    )
    assert kept["budget_usd"].sum() <= 20_000


def test_a_list_that_nothing_changed_stays_as_it_is_and_an_empty_one_is_no_fault(
    plan: Planner,
) -> None:
    plain = plan()
    again = plan(
        previous=PreviousList(
            "run-1", dt.date(2020, 5, 21), "Ada", frozenset(plain.targets["place"])
        )
    )
    # Only the cents that rounding leaves over go to the tracts in their order.
    pd.testing.assert_frame_equal(
        again.targets.sort_index(), plain.targets.sort_index(), atol=0.02, rtol=1e-3
    )
    assert again.borderline is not None
    assert again.borderline.empty
    assert again.notes[0].endswith("0 tracts joined and 0 left.")
    poor = plan(
        previous=PreviousList("run-1", dt.date(2020, 5, 21), "Ada", frozenset()), budget_usd=0
    )
    assert poor.targets.empty


def test_the_comparison_of_runs_names_the_list_before_where_it_decided(
    plan: Planner, tmp_path: Path
) -> None:
    store, plain = Store(tmp_path), plan()
    scores = score_planned(plan.tracts, plan.ask())
    below, above = find_pair(plan, plain, scores)
    old = frozenset({*plain.targets["place"], below} - {above})
    followed = plan(previous=PreviousList("run-1", dt.date(2020, 5, 21), "Ada", old))
    first, later = (keep_plan(store, plan, made) for made in (plain, followed))
    off = keep_plan(store, plan, plain, keep_borderline=False)

    moved = compare_runs(store, first, later).table
    changed = moved[moved["change"].isin(["in", "out"])]
    assert changed[["change", "why"]].to_dict("index") == {
        below: {"change": "in", "why": "borderline"},
        above: {"change": "out", "why": "borderline"},
    }
    same = compare_runs(store, later, later)
    assert same.table.loc[same.table["why"] == "borderline"].index.tolist() == [below]
    assert "1 stay though now ranked below the cutoff (borderline)." in same.lines()
    back = compare_runs(store, later, off).table
    assert set(back.loc[back["change"].isin(["in", "out"]), "why"]) == {"weight"}
