"""Test that a loss is told from chance, area by area."""

import numpy as np
import pandas as pd
import pytest

from models.evaluation.losses import compare_orders


@pytest.fixture
def table() -> pd.DataFrame:
    """Return two large areas and a small one; the order ``good`` knows the final rates."""
    rng = np.random.default_rng(4)
    final = rng.uniform(0.3, 0.9, 220)
    return pd.DataFrame(
        {
            "final_share": final,
            "good": final,
            "poor": rng.uniform(0, 1, 220),
            "nearly": final + rng.normal(0, 1e-4, 220),
            "area": ["01"] * 100 + ["02"] * 100 + ["03"] * 20,
        }
    )


def test_a_poor_order_loses_beyond_chance_and_small_areas_are_not_judged(
    table: pd.DataFrame,
) -> None:
    found = compare_orders(table, "poor", "good", table["area"])
    assert found.index.tolist() == ["01", "02"]
    assert (found["found_count"] < -5).all()
    assert (found["missing_points"] < -5).all()
    assert (found["chance_share"] < 0.01).all()


def test_the_same_list_or_a_better_one_is_no_loss(table: pd.DataFrame) -> None:
    same = compare_orders(table, "good", "good", table["area"])
    assert (same["found_count"] == 0).all()
    assert (same["chance_share"] == 1).all()
    better = compare_orders(table, "good", "poor", table["area"])
    assert (better["found_count"] > 5).all()
    assert (better["chance_share"] == 1).all()


def test_two_orders_without_knowledge_lose_to_each_other_as_often_as_chance_says() -> None:
    rng = np.random.default_rng(9)
    areas, size = 150, 40
    table = pd.DataFrame(rng.uniform(0, 1, (areas * size, 3)), columns=["final_share", "a", "b"])
    area = pd.Series(np.repeat(np.arange(areas), size).astype(str))
    chance = compare_orders(table, "a", "b", area)["chance_share"]
    assert 0.01 < (chance <= 0.05).mean() < 0.1
