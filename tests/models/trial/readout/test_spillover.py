"""A two-stage design finds planted effects and spill-over without bias, covered as stated."""

import numpy as np
import pandas as pd
import pytest

from models.trial.design import ARMS, TREAT, Design, Ties, design_arms
from models.trial.effect import prepare_comparison
from models.trial.readable import find_obstacle
from models.trial.readout.spillover import find_high, prepare_spill
from outreach.errors import ModelError

DIRECT, SPILL = 0.006, 0.003


def invent(areas: int = 16, size: int = 6) -> tuple[pd.DataFrame, Ties]:
    """Return units in areas that have something in common."""
    rng = np.random.default_rng(2)
    count = areas * size
    index = pd.Index([f"zip-{60001 + each}" for each in range(count)], name="unit_id")
    units = pd.DataFrame(
        {
            "households_count": rng.integers(500, 3000, count).astype(float),
            "rate_share": rng.uniform(0.3, 0.7, count),
        },
        index=index,
    )
    return units, Ties(area=pd.Series(np.arange(count) // size, index=index))


def change_of(units: pd.DataFrame, ties: Ties) -> "pd.Series[float]":
    rng = np.random.default_rng(3)
    assert ties.area is not None
    common = rng.normal(0, 0.002, ties.area.max() + 1)[ties.area]
    return pd.Series(
        0.1 - 0.1 * units["rate_share"] + common + rng.normal(0, 0.004, len(units)), units.index
    )


def draw(share: float = 0.2) -> tuple[pd.DataFrame, Ties, Design]:
    units, ties = invent()
    return units, ties, design_arms(units, share, ["rate_share"], ties)


def test_half_of_the_areas_are_high_and_hold_out_a_fifth_the_others_four_fifths() -> None:
    _, _, design = draw()
    arms = design.randomize(200, seed=1)
    high = find_high(design, arms)
    assert design.levels is not None
    for codes, level in zip(arms, high, strict=True):
        by_area = pd.Series(codes == TREAT).groupby(design.unit_block).agg(["sum", "size"])
        assert sorted(by_area["sum"].unique()) == [1, 5]
        areas = pd.Series(level).groupby(design.unit_block).first()
        assert (areas == (by_area["sum"] == 5)).all()
        assert (areas.groupby(design.levels.pair).sum() == 1).all()
    assert np.abs(high.mean(axis=0) - 0.5).max() < 0.15
    again = design.randomize(200, seed=1)
    assert (arms == again).all()


def test_direct_effect_and_spill_over_are_found_without_bias_and_covered_as_stated() -> None:
    units, ties, design = draw()
    change, runs = change_of(units, ties), 300
    comparison = prepare_comparison(
        design, units["households_count"], units[["rate_share"]], permutations=399, seed=1
    )
    spill = prepare_spill(comparison)
    found, held = [], []
    for codes in design.randomize(runs, seed=7):
        arms = pd.Series(np.array(ARMS, dtype=object)[codes], index=units.index)
        planted = change + DIRECT * (codes == TREAT) + SPILL * find_high(design, codes[None])[0]
        direct = comparison.estimate(arms, planted)
        over = spill.estimate(arms, planted, direct.estimate_share)
        found.append((direct.estimate_share, over.estimate_share))
        held.append(
            (
                direct.low_share <= DIRECT <= direct.high_share,
                over.low_share <= SPILL <= over.high_share,
            )
        )
    estimates = np.array(found)
    error = estimates.std(axis=0) / np.sqrt(runs)
    assert (np.abs(estimates.mean(axis=0) - [DIRECT, SPILL]) < 4 * error).all()
    coverage = np.mean(held, axis=0)
    assert coverage == pytest.approx([0.95, 0.95], abs=3 * np.sqrt(0.95 * 0.05 / runs))
    assert 0.6 < spill.find_mde(change.to_numpy()) / (2.8 * estimates[:, 1].std()) < 1.5


def test_the_direct_effect_does_not_depend_on_the_spill_over() -> None:
    units, ties, design = draw()
    change = change_of(units, ties)
    comparison = prepare_comparison(
        design, units["households_count"], units[["rate_share"]], permutations=399, seed=1
    )
    codes = design.randomize(1, seed=7)[0]
    arms = pd.Series(np.array(ARMS, dtype=object)[codes], index=units.index)
    flooded = change + 0.1 * find_high(design, codes[None])[0]
    one, other = (comparison.estimate(arms, each) for each in (change, flooded))
    assert one.estimate_share == pytest.approx(other.estimate_share, abs=1e-10)
    assert one.low_share == pytest.approx(other.low_share, abs=1e-10)
    assert find_obstacle(comparison, arms) == ""


def test_few_areas_are_refused() -> None:
    units, ties = invent(areas=3)
    with pytest.raises(ModelError, match="3 areas are too few to draw some high and some low"):
        design_arms(units, 0.2, ["rate_share"], ties)
