"""Time an address check of 500,000 points, and measure its memory."""

import resource
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.addresses.assign import place_homes
from geo.addresses.assumptions import read_assumptions
from geo.addresses.compare import compare_blocks
from outreach.sandbox.county.world import InventedCounty
from outreach.user_files.points import read_points

pytestmark = pytest.mark.bench

POINTS = 500_000


def test_half_a_million_addresses_are_checked_within_two_minutes(tmp_path: Path) -> None:
    blocks = InventedCounty().ground.polygons
    blocks = blocks[blocks["housing"] > 0]
    rng = np.random.default_rng(0)

    # As many addresses in each block as it has homes, within 30 m of its middle: many lie near a
    # border, which is the slow case.
    share = blocks["housing"].to_numpy(dtype=float) / blocks["housing"].sum()
    chosen = rng.choice(len(blocks), POINTS, p=share)
    middle = blocks.geometry.representative_point()
    shifted = middle.iloc[chosen].translate(0, 0)
    east, north = rng.normal(0, 30, (2, POINTS))
    moved = shifted.x.to_numpy() + east, shifted.y.to_numpy() + north
    places = type(middle).from_xy(*moved, crs=middle.crs).to_crs(4326)
    path = tmp_path / "addresses.csv"
    pd.DataFrame({"longitude": places.x.round(6), "latitude": places.y.round(6)}).to_csv(
        path, index=False
    )

    start = time.perf_counter()
    points = read_points(path)
    read = time.perf_counter() - start
    assumptions = read_assumptions()
    ground = blocks.to_crs(4326)
    tracemalloc.start()
    placed = place_homes(
        points.longitude,
        points.latitude,
        points.homes,
        ground,
        assumptions.location_error_m.value,
        points.origin,
    )
    counted = blocks["housing"].astype(float) * POINTS / blocks["housing"].sum()
    table = compare_blocks(placed, counted, assumptions, growth_share=0.0)
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\n{POINTS:,} addresses in {len(blocks):,} blocks: {seconds:.1f} s (reading {read:.1f} s),"
        f" {peak:,.0f} MB of arrays, {most:.2f} GB in all"
    )
    # Every address is counted once, however near a border it lies.
    assert table["listed_count"].sum() == pytest.approx(placed.inside.sum(), rel=1e-6)
    assert placed.inside.mean() > 0.97
    assert seconds < 120
    assert most < 4
