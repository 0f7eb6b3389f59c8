import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from flows.steps.buying.previous_run import find_previous_list
from flows.steps.notes import Notes
from outreach.campaign import Campaign, parse_campaign
from outreach.store import Run, Store

ON = dt.date(2020, 5, 28)


def ask(**changes: Any) -> Campaign:
    asked = {
        "name": "Town",
        "census_year": 2020,
        "areas": [{"state": "99", "county": "001"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 1000,
    }
    return parse_campaign(asked | changes, "test")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def keep(store: Store, number: int, campaign: Campaign | None = None, day: dt.date = ON) -> str:
    """Keep a run whose list is the tract of that number, made so many hours after the first."""
    asked = campaign or ask()
    with store.begin(asked.slug) as run:
        run.write_table("chosen", pd.DataFrame({"place": [f"99001{number:06d}"], "rank": [number]}))
        run.write_table("targets", pd.DataFrame({"place": [f"99001{number:06d}"]}))
        manifest = Run(
            id=run.id,
            created_at=dt.datetime(2020, 5, 28, number, tzinfo=dt.UTC),
            campaign=asked,
            data_date=day,
            inputs=(),
            counts={},
            join_report={},
            timings_seconds={},
        )
        return run.finish(manifest).id


def test_only_an_approved_list_is_followed_never_a_what_if(store: Store) -> None:
    assert find_previous_list(store, ask(), ON, Notes()) is None
    first, second = keep(store, 1), keep(store, 2)
    notes = Notes()
    assert find_previous_list(store, ask(), ON, notes) is None
    assert notes.sentences == ()
    store.approve(first, "Ada")
    keep(store, 3)
    previous = find_previous_list(store, ask(budget_usd=2000), ON, Notes())
    assert previous is not None
    assert (previous.run_id, previous.approved_by) == (first, "Ada")
    assert previous.tracts == frozenset({"99001000001"})
    assert "approved by Ada" in previous.title
    store.approve(second, "Grace")
    newer = find_previous_list(store, ask(), ON, Notes())
    assert newer is not None
    assert newer.run_id == second


def test_a_list_of_another_campaign_or_place_or_of_a_later_day_is_not_followed(
    store: Store,
) -> None:
    others = [
        keep(store, 1, ask(name="Village")),
        keep(store, 2, ask(areas=[{"state": "99"}])),
        keep(store, 3, ask(census_year=2030)),
        keep(store, 4, day=ON + dt.timedelta(days=1)),
    ]
    for run in others:
        store.approve(run, "Ada")
    assert find_previous_list(store, ask(), ON, Notes()) is None
    mine = keep(store, 5, day=ON - dt.timedelta(days=7))
    store.approve(mine, "Ada")
    previous = find_previous_list(store, ask(), ON, Notes())
    assert previous is not None
    assert previous.run_id == mine


def test_a_campaign_may_do_without(store: Store) -> None:
    store.approve(keep(store, 1), "Ada")
    assert find_previous_list(store, ask(keep_borderline=False), ON, Notes()) is None


def test_a_run_that_cannot_be_read_does_not_stop_the_new_one_and_is_named(store: Store) -> None:
    broken = keep(store, 1)
    (store.folder / broken / "manifest.json").write_text("{")
    notes = Notes()
    previous = find_previous_list(store, ask(), ON, notes)
    assert previous is None
    assert "follow no previous list" in notes.sentences[0]
    assert broken in notes.sentences[0]
