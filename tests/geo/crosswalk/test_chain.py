"""Chained crosswalks multiply their weights."""

import pandas as pd
import pytest

from geo.crosswalk.chain import chain_crosswalks
from geo.crosswalk.table import make_crosswalk
from outreach.errors import GeographyError


def make(rows: list[tuple[str, str, float]], kinds: tuple[str, str]) -> pd.DataFrame:
    return make_crosswalk(
        pd.DataFrame(rows, columns=["source", "target", "weight"]),
        "households",
        "user",
        kinds,
        "test",
    )


def test_weights_multiply_and_unknown_middle_areas_lie_nowhere() -> None:
    first = make([("a", "x", 0.5), ("a", "y", 0.5), ("b", "z", 1.0)], ("tract2020", "tract2010"))
    second = make([("x", "1", 0.8), ("x", "2", 0.2), ("y", "1", 1.0)], ("tract2010", "ward"))
    chained = chain_crosswalks(first, second).set_index(["source", "target"])["weight"].to_dict()
    assert chained == pytest.approx({("a", "1"): 0.9, ("a", "2"): 0.1, ("b", ""): 1.0})


def test_crosswalks_that_do_not_meet_are_refused() -> None:
    first = make([("a", "x", 1.0)], ("tract2020", "tract2010"))
    with pytest.raises(GeographyError, match="tract2010"):
        chain_crosswalks(first, make([("x", "1", 1.0)], ("tract2020", "ward")))
