"""Time the rank ranges of a county and of the nation."""

import time

import numpy as np
import pytest

from models.targeting.rank_range import range_ranks
from tests.models.targeting.test_rank_range import make

pytestmark = pytest.mark.bench


@pytest.mark.parametrize(("count", "most"), [(1_328, 0.3), (77_000, 10.0)])
def test_ranks_of_a_county_and_of_the_nation_are_quick(count: int, most: float) -> None:
    given = make(list(np.random.default_rng(0).lognormal(3, 0.5, count)), 0.2)
    start = time.perf_counter()
    range_ranks(*given, list_length=count // 5)
    seconds = time.perf_counter() - start
    print(f"\nrank ranges, {count:,} tracts x 400 simulations: {seconds:.2f} s (at most {most} s)")
    assert seconds < most
