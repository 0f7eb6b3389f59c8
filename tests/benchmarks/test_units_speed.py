"""How long the choice of ZIPs, pins and polygons takes for a county of Cook's size."""

import time
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.cover.compare import compare_units
from geo.cover.covering import count_households
from geo.cover.household_points import spread_by_grid
from geo.cover.pins import PinRules, cover_with_pins
from geo.cover.polygons import cover_with_polygons
from geo.cover.zips import count_zips, cover_with_zips, trace_zips
from geo.crosswalk.overlay import overlay_areas

SIDE, WANTED, ZIPS = 36, 160, 170


@pytest.mark.bench
def test_a_county_of_1296_tracts_is_packed_in_under_ten_seconds() -> None:
    """Measure processor time, so that a busy machine does not matter.

    Tracts lie in a grid of 0.9 km, ZIPs around random centers, and targets in patches.
    """
    rng = np.random.default_rng(0)
    column, row = (each.ravel() for each in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    step, west, south = 0.01, -88.0, 41.6
    shapes = shapely.box(
        west + column * step,
        south + row * step,
        west + (column + 1) * step,
        south + (row + 1) * step,
    )
    geoids = [f"17031{number:06d}" for number in range(SIDE**2)]
    tracts = gpd.GeoDataFrame(
        {"households_count": rng.integers(300, 3000, SIDE**2)},
        index=geoids,
        geometry=shapes,
        crs="EPSG:4326",
    )
    patches = rng.uniform(0, SIDE, (12, 2))
    away = np.hypot(column[:, None] - patches[:, 0], row[:, None] - patches[:, 1]).min(axis=1)
    target = pd.Series(away + rng.normal(0, 1, SIDE**2), index=geoids).rank() <= WANTED
    centers = shapely.points(
        west + rng.uniform(0, SIDE * step, ZIPS), south + rng.uniform(0, SIDE * step, ZIPS)
    )
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(centers)))
    zips = gpd.GeoDataFrame(
        geometry=cells, index=[f"{60001 + n}" for n in range(len(cells))], crs="EPSG:4326"
    )

    spent: dict[str, float] = {}

    def clock(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = work()
        spent[name] = time.process_time() - start
        return result

    households = count_households(tracts, target)
    crosswalk = clock("overlay", lambda: overlay_areas(tracts, zips, ("tract2020", "zip")))
    packer = count_zips(households, crosswalk)
    curve = clock("whole ZIP curve", lambda: trace_zips(packer, 0.48))
    spots = clock("spots", lambda: spread_by_grid(households, tracts))
    pins = clock(
        "pins", lambda: cover_with_pins(spots, PinRules("Meta", 1.02, 80, 0.01, 200), 0.75)
    )
    polygons = clock("polygons", lambda: cover_with_polygons(households, tracts))
    compare_units([cover_with_zips(packer, 0.75), pins, polygons], 0.75, 0.48)
    print(
        ", ".join(f"{name} {seconds:.1f} s" for name, seconds in spent.items()),
        f"; pins' gap {pins.gap_share:.1%}",
    )
    assert curve["gap_share"].max() < 1e-6
    assert pins.gap_share < 0.1
    assert sum(spent.values()) < 10
