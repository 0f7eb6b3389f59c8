"""Time the join of Cook County and the carrying of national counts."""

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.crosswalk.carry import carry_counts
from geo.join import join_tracts

pytestmark = [pytest.mark.bench, pytest.mark.real]


def test_all_of_cook_is_joined_in_under_a_second(real_cook: Any) -> None:
    start = time.perf_counter()
    tracts, _ = join_tracts(
        real_cook.boundaries,
        real_cook.rates,
        [real_cook.profile],
        real_cook.forward,
        real_cook.backward,
    )
    seconds = time.perf_counter() - start
    print(f"\n{len(tracts):,} tracts joined: {seconds:.2f} s (at most 1 s)")
    assert seconds < 1


def test_national_counts_are_carried_in_under_three_seconds(real_cook: Any) -> None:
    forward = real_cook.forward
    sources = sorted(forward["source"].unique())
    values = np.random.default_rng(0).integers(0, 5000, (len(sources), 60)).astype(float)
    table = pd.DataFrame(
        values, index=sources, columns=[f"c{number}_count" for number in range(60)]
    )
    start = time.perf_counter()
    carried = carry_counts(table, forward)
    seconds = time.perf_counter() - start
    print(f"\n{len(table):,} tracts x 60 counts to {len(carried.table):,}: {seconds:.2f} s")
    assert np.allclose(carried.table.sum(), table.sum())
    assert seconds < 3
