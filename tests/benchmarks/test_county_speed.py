"""Time the drawing of the invented county."""

import time

import pytest

from outreach.sandbox.county.world import InventedCounty


@pytest.mark.bench
def test_the_invented_county_is_drawn_in_under_three_seconds() -> None:
    start = time.process_time()
    county = InventedCounty()
    for vintage, path in (
        (2020, "dec/responserate"),
        (2010, "dec/responserate"),
        (2018, "acs/acs5"),
        (2020, "pdb/tract"),
    ):
        county.dataset(vintage, path)
    county.plan.dissolve("tract20")
    seconds = time.process_time() - start
    print(f"\nthe invented county: {seconds:.2f} s (at most 3 s)")
    assert seconds < 3
