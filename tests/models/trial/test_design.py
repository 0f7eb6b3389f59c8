"""Test matched blocks, exact shares, and buffers where arms touch."""

import numpy as np
import pandas as pd
import pytest

from models.trial.design import (
    BUFFER,
    HOLDOUT,
    TREAT,
    Ties,
    design_arms,
)
from outreach.errors import ModelError
from outreach.units import Arm


def draw_units(count: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "households_count": rng.integers(500, 9000, count),
            "forecast_share": rng.uniform(0.4, 0.8, count),
            "pace_share": rng.uniform(0, 0.01, count),
            "town": rng.integers(0, max(count // 4, 1), count),
        },
        index=pd.Index([f"{60001 + each}" for each in range(count)], name="unit_id"),
    )


MATCH = ["forecast_share", "pace_share"]


def ring(units: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return neighbors in a circle."""
    return tuple(zip(units.index, np.roll(units.index, 1), strict=True))


@pytest.mark.parametrize(
    ("share", "held", "size"), [(0.2, 1, 5), (0.5, 1, 2), (0.1, 1, 10), (0.3, 3, 10), (1 / 3, 1, 3)]
)
def test_every_block_holds_out_its_share_in_every_draw(share: float, held: int, size: int) -> None:
    units = draw_units(60)
    design = design_arms(units, share, MATCH)
    for arms in design.randomize(50, seed=1):
        for block in range(design.unit_block.max() + 1):
            inside = arms[design.unit_block == block]
            assert len(inside) == size
            assert (inside == HOLDOUT).sum() == held


def test_what_is_left_over_joins_the_last_block() -> None:
    design = design_arms(draw_units(63), 0.2, MATCH)
    sizes = np.bincount(design.unit_block)
    assert sizes.sum() == 63
    assert sorted(sizes)[:-1] == [5] * 11
    assert sizes.max() == 8


def test_each_unit_is_held_out_as_often_as_stated() -> None:
    design = design_arms(draw_units(63), 0.2, MATCH)
    stated = (design.held / np.bincount(design.block))[design.unit_block]
    seen = (design.randomize(4000, seed=2) == HOLDOUT).mean(axis=0)
    assert np.abs(seen - stated).max() < 4.5 * np.sqrt(0.25 * 0.75 / 4000)


def test_blocks_are_more_alike_than_chance() -> None:
    units = draw_units(100)
    blocks = design_arms(units, 0.2, MATCH).unit_block
    for name in MATCH:
        within = units[name].groupby(blocks).var().mean()
        assert within < 0.5 * units[name].var()


def test_a_cluster_is_drawn_as_one() -> None:
    units = draw_units(80)
    arms = design_arms(units, 0.5, MATCH, Ties(units["town"])).randomize(20, seed=3)
    for assignment in arms:
        assert pd.Series(assignment, units.index).groupby(units["town"]).nunique().max() == 1


@pytest.mark.parametrize(
    ("side", "kept", "lost"), [(Arm.TREAT, HOLDOUT, TREAT), (Arm.HOLDOUT, TREAT, HOLDOUT)]
)
def test_no_unit_touches_the_other_arm_once_buffers_are_drawn(
    side: Arm, kept: int, lost: int
) -> None:
    units = draw_units(60)
    plain = design_arms(units, 0.5, MATCH).randomize(30, seed=4)
    ties = Ties(None, ring(units), side)
    arms = design_arms(units, 0.5, MATCH, ties).randomize(30, seed=4)
    before = np.roll(arms, 1, axis=1)
    assert not (
        ((arms == TREAT) & (before == HOLDOUT)) | ((arms == HOLDOUT) & (before == TREAT))
    ).any()
    assert (arms == BUFFER).any()
    assert ((plain == kept) == (arms == kept)).all()
    assert (plain[arms == BUFFER] == lost).all()


def test_buffers_that_leave_an_arm_empty_are_refused() -> None:
    units = draw_units(10)
    everyone = tuple((a, b) for a in units.index for b in units.index)
    with pytest.raises(ModelError, match="no unit in the arm 'treat'"):
        design_arms(units, 0.5, MATCH, Ties(None, everyone)).assign(seed=0)


def test_the_same_seed_draws_the_same_arms_and_another_does_not() -> None:
    design = design_arms(draw_units(60), 0.2, MATCH)
    pd.testing.assert_frame_equal(design.assign(7), design.assign(7))
    assert (design.assign(7)["arm"] != design.assign(8)["arm"]).any()


def test_a_constant_column_does_not_hinder_matching() -> None:
    units = draw_units(20).assign(pace_share=0.0)
    assert (np.bincount(design_arms(units, 0.2, MATCH).unit_block) == 5).all()


@pytest.mark.parametrize(
    ("change", "share", "sentence"),
    [
        ({"pace_share": np.nan}, 0.2, "lacks a figure"),
        ({}, 0.0, "is not possible"),
        ({}, 0.999, "is not possible"),
        ({}, 0.05, "too few"),
    ],
)
def test_a_design_that_cannot_be_drawn_is_refused(
    change: dict[str, float], share: float, sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        design_arms(draw_units(12).assign(**change), share, MATCH)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ModelError, match="'forecast'"):
        design_arms(draw_units(12), 0.5, ["forecast"])
