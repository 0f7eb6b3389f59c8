import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.steps.buying.previous_run import find_running_test
from flows.steps.buying.trial.kept_test import settle_campaign
from flows.steps.measuring.approval import approve_run
from flows.steps.notes import Notes
from flows.steps.results.brief import make_brief
from flows.steps.results.summary import describe_trial
from outreach.errors import ModelError
from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.check.preflight import export_targets
from outreach.store import Store
from tests.flows.steps.buying.planner import (
    DATE,
    Planner,
    keep_plan,
)


def test_an_approved_test_keeps_its_arms_while_it_runs(plan: Planner, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"holdout": {"percent": 20.0}}
    store, first = Store(tmp_path), plan(**asked)
    name = keep_plan(store, plan, first, **asked)
    notes = Notes()
    assert find_running_test(store, plan.ask(**asked), DATE.date(), notes) is None
    store.approve(name, "Ada Lovelace")
    test = find_running_test(store, plan.ask(**asked), DATE.date(), notes)
    assert test is not None
    assert notes.sentences == ()
    assert test.plan == first.trial
    assert test.plan.digest == first.trial.digest

    more = plan(test=test, **asked | {"budget_usd": 40_000})
    drawn = {unit: arm for unit, arm, _ in test.plan.arms}
    arms = more.targets["arm"].to_dict()
    new = {unit for unit in arms if unit not in drawn}
    assert new
    assert {unit: arm for unit, arm in arms.items() if unit in drawn}.items() <= drawn.items()
    held = [unit for unit, arm in drawn.items() if arm == "holdout"]
    shapes = plan.tracts.geometry
    beside = {
        unit
        for unit in new
        if any(
            shapes[unit.removeprefix("tract-")].intersects(shapes[other.removeprefix("tract-")])
            for other in held
        )
    }
    assert beside
    assert {unit: arms[unit] for unit in new} == {
        unit: "buffer" if unit in beside else "treat" for unit in new
    }
    assert more.trial == test.plan
    assert any(f"{len(new):,} tracts are new on the list" in note for note in more.notes)

    smaller = plan.ask(holdout={"percent": 10.0})
    assert find_running_test(store, smaller, DATE.date(), notes) is None
    assert "requests a different test" in notes.sentences[0]


def test_once_a_flight_begins_its_test_stays_with_all_its_units(
    plan: Planner, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"holdout": {"percent": 20.0}}
    store, first = Store(tmp_path), plan(**asked)
    name = keep_plan(store, plan, first, **asked)
    store.approve(name, "Ada Lovelace")
    redrawn = keep_plan(store, plan, plan(holdout={"percent": 30.0}), holdout={"percent": 30.0})
    assert first.trial is not None
    drawn = {unit: arm for unit, arm, _ in first.trial.arms}

    # In flight, neither less money nor another request takes a unit of the test off the list.
    notes = Notes()
    other = plan.ask(holdout={"percent": 10.0})
    running = find_running_test(store, other, dt.date(2020, 6, 10), notes)
    assert running is not None
    assert running.run_id == name != redrawn
    assert "For another test, give the campaign another [flight]." in notes.sentences[0]
    less = plan(test=running, holdout={"percent": 10.0}, budget_usd=4_000)
    assert less.targets["arm"].to_dict() == drawn
    assert less.trial == first.trial
    kept = less.targets[~less.targets["place"].isin(less.chosen["place"])]
    assert len(kept)
    assert kept["why"].str.contains("because of its part in the test until June 28, 2020.").all()
    assert less.targets["rank"].is_unique
    assert any("All of them stay on the list until then." in note for note in less.notes)

    # After it, no arms are drawn again, and the test is named.
    notes, day = Notes(), dt.date(2020, 7, 2)
    over = find_running_test(store, plan.ask(**asked), day, notes)
    assert over is not None
    assert settle_campaign(plan.ask(**asked), over, day, notes).holdout.percent == 0
    assert notes.sentences == (
        (
            "The flight ended on June 28, 2020, so no arms are drawn again. Its test is that of"
            f" {name}, and 'outreach measure' reads it out."
        ),
    )


def test_a_flight_that_is_over_without_an_approved_test_gets_none(plan: Planner) -> None:
    flight = {"start": dt.date(2020, 4, 20), "end": dt.date(2020, 5, 17)}
    late = plan(holdout={"percent": 20.0}, flight=flight)
    assert late.trial is None
    assert late.targets.empty
    assert late.notes[0] == (
        "The flight ended on May 17, 2020, and no list with a test was approved for it, so no arms"
        " are drawn. For a new test, give the campaign a new [flight]."
    )


def test_pins_of_a_running_test_stay_where_they_are(plan: Planner, tmp_path: Path) -> None:
    units = {"kind": "pins", "coverage_percent": 80, "zips": plan.files["zip"]}
    asked: dict[str, Any] = {"units": units, "holdout": {"percent": 25.0}, "platforms": ["google"]}
    store, first = Store(tmp_path), plan(**asked)
    store.approve(keep_plan(store, plan, first, **asked), "Ada Lovelace")
    assert find_running_test(store, plan.ask(**asked), DATE.date(), Notes()) is None
    running = find_running_test(store, plan.ask(**asked), dt.date(2020, 6, 10), Notes())
    assert running is not None
    more = plan(test=running, **asked | {"budget_usd": 30_000})
    places = ["place", "latitude", "longitude", "radius_km", "arm"]
    pd.testing.assert_frame_equal(
        more.targets[places].sort_index(), first.targets[places].sort_index()
    )


def test_a_test_that_cannot_be_read_out_is_said_at_planning_with_the_nearest_that_can(
    plan: Planner, tmp_path: Path
) -> None:
    units = {"kind": "zips", "zips": plan.files["zip"], "coverage_percent": 90}
    request = {"units": units, "max_targets": 30}
    blocked = plan(holdout={"percent": 20, "buffer": "none"}, **request)
    assert blocked.trial is not None
    assert "about 35 ways to draw these arms" in blocked.trial.obstacle  # 1 of 5, and 1 of 7
    note = next(note for note in blocked.notes if note.startswith("This test cannot be read out."))
    assert note.endswith('that can be: [holdout] percent = 25, buffer = "none".')
    readable = plan(holdout={"percent": 25, "buffer": "none"}, **request)
    assert readable.trial is not None
    assert readable.trial.obstacle == ""
    assert not any("cannot be read out" in note for note in readable.notes)
    assert describe_trial(readable.trial)["Test"].startswith(
        "ads from June 1, 2020 to June 28, 2020; it can detect an effect of"
    )
    assert "it cannot be read out" in describe_trial(blocked.trial)["Test"]

    # The list is approved only by somebody who knows, and the checklist says so too.
    store = Store(tmp_path)
    name = keep_plan(store, plan, blocked)
    with pytest.raises(ModelError, match=r"is not approved\. .*--accept-unreadable-test"):
        approve_run(store, name, "Ada")
    assert store.approval(name) is None
    approval = approve_run(store, name, "Ada", accepts_unreadable=True)
    assert approval.accepted_obstacle == blocked.trial.obstacle
    assert approve_run(store, keep_plan(store, plan, readable), "Ada").accepted_obstacle == ""
    context = ExportContext(make_brief(plan.ask()), name, test_warning=note)
    checklist = export_targets("google", blocked.targets, context).files[-1].content.decode()
    assert f"Test      {note}" in checklist


def test_arms_that_are_drawn_after_the_flight_began_cannot_be_read_out(plan: Planner) -> None:
    flight = {"start": dt.date(2020, 5, 20), "end": dt.date(2020, 6, 28)}
    late = plan(holdout={"percent": 20}, flight=flight)
    assert late.trial is not None
    assert late.trial.obstacle == (
        "The arms are drawn from data of May 28, 2020, after the flight began on May 20, 2020."
    )
    assert late.trial.remedy == "Start the flight on May 28, 2020 or later."
