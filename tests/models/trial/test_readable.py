"""Test that a design that could not be read out is known before the money is spent."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from models.trial.design import Ties, design_arms
from models.trial.effect import prepare_comparison
from models.trial.plan import describe_obstacle, read_plan
from models.trial.power import find_mde
from models.trial.readable import find_obstacle
from outreach.units import Arm
from tests.models.trial.test_design import MATCH, draw_units, ring
from tests.models.trial.test_plan import write_plan


def judge(count: int, share: float, ties: Ties | None = None) -> tuple[str, bool]:
    """Return the obstacle of a design, and whether a real read-out would have a range and an MDE.

    The read-out is the estimate of :mod:`models.trial.effect` on invented changes.
    """
    units = draw_units(count)
    design = design_arms(units, share, MATCH, ties or Ties())
    households, traits = units["households_count"], units[MATCH]
    arms = design.assign(5)["arm"]
    some = prepare_comparison(design, households, traits, permutations=600, seed=6)
    many = prepare_comparison(design, households, traits, permutations=1999, seed=7)
    change = pd.Series(np.random.default_rng(8).normal(0.03, 0.01, count), index=units.index)
    effect = many.estimate(arms, change)
    ends = np.isfinite([effect.low_share, effect.high_share, find_mde(some, change.to_numpy())])
    return find_obstacle(some, arms), bool(ends.all())


@pytest.mark.parametrize(
    ("count", "share", "readable"),
    [
        (10, 0.2, False),
        (10, 0.5, False),
        (15, 0.2, True),
        (20, 0.2, True),
        (20, 0.5, True),
        (60, 0.1, True),
    ],
)
def test_the_judgment_is_what_the_read_out_will_find(
    count: int, share: float, *, readable: bool
) -> None:
    obstacle, has_ends = judge(count, share)
    assert (obstacle == "") == has_ends == readable
    assert readable or "ways to draw these arms" in obstacle


def test_buffers_can_leave_too_little_to_compare() -> None:
    units = draw_units(24)
    ties = Ties(pd.Series(np.arange(24) // 4, index=units.index), ring(units), Arm.TREAT)
    obstacle, has_ends = judge(24, 1 / 3, ties)
    assert obstacle
    assert not has_ends


def test_an_arm_of_one_unit_cannot_be_compared() -> None:
    units = draw_units(5)
    design = design_arms(units, 0.2, MATCH)
    comparison = prepare_comparison(
        design, units["households_count"], units[MATCH], permutations=200, seed=1
    )
    sentence = find_obstacle(comparison, design.assign(1)["arm"])
    assert sentence == ("The arm 'holdout' has 1 unit, and at least 2 are needed to compare.")


def test_a_plan_keeps_its_obstacle_and_older_plans_keep_their_digest() -> None:
    plan = write_plan(design_arms(draw_units(20), 0.2, MATCH))
    assert describe_obstacle(plan) == ""
    blocked = dataclasses.replace(plan, obstacle="It is blocked.", remedy="Do this.")
    assert read_plan(blocked.canonical_json()) == blocked
    assert describe_obstacle(blocked) == "This test cannot be read out. It is blocked. Do this."
    fields = json.loads(plan.canonical_json())
    del fields["obstacle"], fields["remedy"]
    older = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    assert read_plan(older + "\n").canonical_json() == older
