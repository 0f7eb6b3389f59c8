"""Test that what differs between tracts widens rank ranges, and what is common does not."""

import numpy as np
import pandas as pd
import pytest

from models.scores.persuadable import CLOSED_SHARE
from models.scores.score import raise_floor
from models.targeting.rank_range import CommonFactor, range_ranks


def make(
    priority: list[float], error: float
) -> tuple["pd.Series[float]", pd.DataFrame, list[CommonFactor]]:
    index = pd.Index([f"{number:011d}" for number in range(len(priority))], name="geoid")
    errors = pd.DataFrame({"below": error, "above": error}, index=index)
    return (
        pd.Series(priority, index=index),
        errors,
        [CommonFactor(pd.Series(0.5, index=index), CLOSED_SHARE)],
    )


def test_without_errors_the_range_is_the_rank_and_every_tract_is_firm() -> None:
    ranges = range_ranks(*make([1.0, 4.0, 2.0, 3.0], 0.0), list_length=2)
    assert ranges.index.tolist() == ["00000000001", "00000000003", "00000000002", "00000000000"]
    assert (
        ranges["rank_low"].tolist()
        == ranges["rank"].tolist()
        == ranges["rank_high"].tolist()
        == [1, 2, 3, 4]
    )
    assert ranges["standing"].eq("firm").all()
    assert ranges["listed_share"].tolist() == [1, 1, 0, 0]


def test_tracts_that_cannot_be_told_apart_are_borderline_and_those_far_off_are_firm() -> None:
    ranges = range_ranks(*make([1000.0, *[10.0] * 8, 0.1], 0.1), list_length=5).sort_index()
    assert ranges["standing"].tolist() == ["firm", *["borderline"] * 8, "firm"]
    middle = ranges.iloc[1:9]
    assert middle["listed_share"].mean() == pytest.approx(0.5, abs=0.01)
    assert middle["rank_low"].between(2, 3).sum() >= 7
    assert middle["rank_high"].between(8, 9).sum() >= 7
    assert (ranges["rank_low"] <= ranges["rank"]).all()
    assert (ranges["rank"] <= ranges["rank_high"]).all()


def test_the_range_holds_the_true_rank_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(0, 0.3, 400)
    priority, errors, openness = make(list(np.exp(truth + rng.normal(0, 0.3, 400))), 0.3)
    ranges = range_ranks(priority, errors, openness, 100).sort_index()
    # What is seen scatters more than what is true: the range is around the seen rank, so it is
    # drawn back to the middle first.
    shrunk = range_ranks(priority**0.5, errors * np.sqrt(0.5), openness, 100).sort_index()
    true_rank = (-pd.Series(truth, index=shrunk.index)).rank()
    held = true_rank.between(shrunk["rank_low"], shrunk["rank_high"]).mean()
    assert 0.75 < held < 0.88
    assert (ranges["rank"] == shrunk["rank"]).all()


def test_a_factor_common_to_all_moves_no_rank_and_widens_no_range() -> None:
    priority, errors, openness = make([5.0, 4.0, 3.0, 2.9, 1.0], 0.1)
    plain = range_ranks(priority, errors, openness, 2)
    pd.testing.assert_frame_equal(range_ranks(1000 * priority, errors, openness, 2), plain)


def test_how_much_openness_counts_is_drawn_and_tells_only_between_unlike_tracts() -> None:
    priority, errors, openness = make([1.0, 1.01], 0.0)
    assert range_ranks(priority, errors, openness, 1)["listed_share"].tolist() == [1, 0]
    openness[0].measure.iloc[1] = 1.0
    listed = range_ranks(priority, errors, openness, 1)["listed_share"]
    assert 0.2 < listed.iloc[0] < 0.8
    assert raise_floor(pd.Series([0.0, 0.5, 1.0]), 0.5).tolist() == [0.5, 0.75, 1.0]


def test_tracts_without_priority_come_last_and_have_no_range() -> None:
    priority, errors, openness = make([0.0, 2.0, float("nan"), 1.0], 5.0)
    ranges = range_ranks(priority, errors, openness, 4)
    assert ranges.index.tolist() == ["00000000001", "00000000003", "00000000000", "00000000002"]
    assert ranges["rank_high"].tolist() == [2, 2, 3, 4]
    assert range_ranks(priority * 0, errors, openness, 4)["rank_low"].tolist() == [1, 2, 3, 4]


def test_the_same_seed_gives_the_same_ranges() -> None:
    priority, errors, openness = make(list(np.linspace(1, 2, 50)), 0.2)
    first = range_ranks(priority, errors, openness, 10, seed=4)
    pd.testing.assert_frame_equal(first, range_ranks(priority, errors, openness, 10, seed=4))
    assert not first.equals(range_ranks(priority, errors, openness, 10, seed=5))
