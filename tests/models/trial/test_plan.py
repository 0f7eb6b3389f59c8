"""Test that a plan's hash shows any change, and that a plan rebuilds its arms."""

import dataclasses
import datetime as dt
import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from models.trial.design import ARMS, UNTIED, Design, Ties, design_arms
from models.trial.plan import (
    TrialPlan,
    list_arms,
    read_plan,
    rebuild_design,
    record_levels,
    record_randomization,
)
from outreach.errors import ModelError
from outreach.units import Arm
from tests.models.trial.test_design import MATCH, draw_units, ring


def write_plan(design: Design, seed: int = 7) -> TrialPlan:
    return TrialPlan(
        campaign="Spring push",
        made_at=dt.datetime(2030, 4, 1, 9, 30, tzinfo=dt.UTC),
        flight_start=dt.date(2030, 4, 8),
        flight_end=dt.date(2030, 5, 5),
        holdout_share=0.2,
        seed=seed,
        unit_kind="zip",
        outcome="change in cumulative response share",
        method="ANCOVA",
        mde_share=0.005,
        warnings=("a mailing",),
        arms=list_arms(design.assign(seed)),
        buffer_side=design.buffer_side if design.buffered else "none",
        randomization=record_randomization(design),
    )


def test_the_same_plan_has_the_same_hash_and_any_change_shows() -> None:
    design = design_arms(draw_units(20), 0.2, MATCH)
    plan = write_plan(design)
    assert plan.digest == write_plan(design).digest
    assert len(plan.digest) == 64
    changed = [
        ("seed", 8),
        ("made_at", dt.datetime(2030, 4, 2, tzinfo=dt.UTC)),
        ("arms", plan.arms[1:]),
        ("warnings", ()),
    ]
    digests = {dataclasses.replace(plan, **{name: value}).digest for name, value in changed}
    assert len(digests | {plan.digest}) == 5


def test_the_plan_as_json_can_be_read_by_anyone() -> None:
    plan = write_plan(design_arms(draw_units(20), 0.2, MATCH))
    read = json.loads(plan.canonical_json())
    assert read["flight_start"] == "2030-04-08"
    assert read["made_at"] == "2030-04-01T09:30:00+00:00"
    assert [arm for _, arm, _ in read["arms"]].count("holdout") == 4


@pytest.mark.parametrize("side", [Arm.TREAT, Arm.HOLDOUT])
@pytest.mark.parametrize("tied", [True, False])
def test_a_plan_that_was_read_back_draws_its_arms_and_every_other_draw_again(
    side: Arm, *, tied: bool
) -> None:
    units = draw_units(60).sample(frac=1, random_state=3)
    ties = Ties(units["town"], ring(units)[:20], side) if tied else UNTIED
    design = design_arms(units, 0.2, MATCH, ties)
    plan = write_plan(design)
    read = read_plan(plan.canonical_json())
    assert read == plan
    rebuilt = rebuild_design(read)
    order = pd.Index(design.unit_ids).get_indexer(pd.Index(rebuilt.unit_ids))
    np.testing.assert_array_equal(
        rebuilt.randomize(50, seed=3), design.randomize(50, seed=3)[:, order]
    )
    assert [ARMS[code] for code in rebuilt.randomize(1, plan.seed)[0]] == [
        arm for _, arm, _ in plan.arms
    ]


def test_a_plan_of_a_test_of_saturation_draws_its_areas_again() -> None:
    units = draw_units(60).sample(frac=1, random_state=3)
    areas = pd.Series(np.arange(60) // 6, index=units.index)
    design = design_arms(units, 0.2, MATCH, Ties(area=areas))
    plan = dataclasses.replace(
        write_plan(design), levels=record_levels(design), spill_mde_share=0.002
    )
    read = read_plan(plan.canonical_json())
    assert read == plan
    rebuilt = rebuild_design(read)
    order = pd.Index(design.unit_ids).get_indexer(pd.Index(rebuilt.unit_ids))
    np.testing.assert_array_equal(
        rebuilt.randomize(50, seed=3), design.randomize(50, seed=3)[:, order]
    )
    assert plan.levels is not None
    swapped = dataclasses.replace(plan.levels, low_held=plan.levels.pair)
    with pytest.raises(ModelError, match="are not the ones that its seed draws"):
        rebuild_design(dataclasses.replace(plan, levels=swapped))


def write_older_text(plan: TrialPlan, *, randomization: bool) -> str:
    """Write a plan as version 0.1 did, which called two figures otherwise."""
    values = json.loads(plan.canonical_json())
    values["smallest_visible_share"] = values.pop("mde_share")
    basis = values.pop("randomization")
    if randomization:
        values["lots"] = basis
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_a_plan_of_an_earlier_version_is_read_and_keeps_its_digest() -> None:
    plan = write_plan(design_arms(draw_units(20), 0.2, MATCH))
    text = write_older_text(plan, randomization=True)
    older = read_plan(text + "\n")
    assert older.mde_share == plan.mde_share
    assert older.digest == hashlib.sha256(text.encode()).hexdigest() != plan.digest
    assert rebuild_design(older).unit_ids == rebuild_design(plan).unit_ids


def test_a_plan_without_its_randomization_is_read_but_its_arms_cannot_be_drawn_again() -> None:
    plan = write_plan(design_arms(draw_units(20), 0.2, MATCH))
    text = write_older_text(plan, randomization=False)
    older = read_plan(text)
    assert older.digest == hashlib.sha256(text.encode()).hexdigest()
    with pytest.raises(ModelError, match="does not hold the clusters"):
        rebuild_design(older)


def test_a_plan_whose_seed_or_randomization_were_changed_is_not_drawn_again() -> None:
    plan = write_plan(design_arms(draw_units(20), 0.2, MATCH))
    assert plan.randomization is not None
    short = dataclasses.replace(plan.randomization, clusters=plan.randomization.clusters[1:])
    for change in ({"seed": 8}, {"randomization": short}):
        with pytest.raises(ModelError, match="not the ones that its seed draws"):
            rebuild_design(dataclasses.replace(plan, **change))
