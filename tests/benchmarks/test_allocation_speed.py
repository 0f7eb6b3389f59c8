"""How long the split of a budget over a nation's tracts takes."""

import time

import numpy as np
import pandas as pd
import pytest

from models.budget.allocation import allocate_budget
from models.budget.terms import GroupFloor, Terms

COUNT = 84_000


@pytest.mark.bench
@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("plain", Terms(1e6)),
        ("minimum spend", Terms(1e6, minimum_spend_usd=50)),
        (
            "minimum spend and 4 floors",
            Terms(1e6, minimum_spend_usd=50, floors=tuple(GroupFloor(g, 2.2e5) for g in "ABCD")),
        ),
    ],
)
def test_84_000_units_are_split_in_under_two_seconds(name: str, terms: Terms) -> None:
    rng = np.random.default_rng(0)
    households = rng.integers(200, 4000, COUNT)
    units = pd.DataFrame(
        {
            "households_count": households,
            "missing_households_count": households * rng.uniform(0.1, 0.6, COUNT),
            "addressable_share": rng.uniform(0.4, 0.95, COUNT),
            "group": rng.choice(list("ABCDEFGH"), COUNT),
        },
        index=[f"{each:011d}" for each in range(COUNT)],
    )
    start = time.perf_counter()
    ours = allocate_budget(units, terms)
    seconds = time.perf_counter() - start
    proof = ours.certificate
    print(
        f"\n{name}: {COUNT:,} units in {seconds:.2f} s, gap {proof.gap_responses_count:.1e}"
        f" of {proof.bound_responses_count:,.0f}"
    )
    assert seconds < 2
    assert proof.gap_responses_count < 1e-6 * proof.bound_responses_count
