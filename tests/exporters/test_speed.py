"""Each export of 1,000 units is written, read back and checked in less than a second of the processor's time."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely

from outreach.exporters.preflight import export_to

PLATFORMS = ["csv", "dv360", "excel", "geojson", "google", "meta", "microsoft", "tiktok", "zips"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_thousand_units_take_less_than_a_second(bench: Any, platform: str, tmp_path: Path) -> None:
    codes = [f"{number:05d}" for number in range(60_000, 61_000)]
    targets: pd.DataFrame = bench.targets(zips=codes)
    if platform == "geojson":
        targets["geometry"] = [shapely.Point(-87, 41).buffer(0.01, quad_segs=50)] * len(targets)
    # As long as Google's own list of October 2026.
    lists = {"geotargets": bench.geotargets(tmp_path, codes), "location_codes": bench.location_codes(tmp_path, codes)}
    filler = "".join(
        f'"{number}","Town {number}","Town {number},Illinois,United States","21147","US","City","Active"\r\n'
        for number in range(270_000)
    )
    with lists["geotargets"].open("a", encoding="utf-8", newline="") as file:
        file.write(filler)
    context = bench.context(**lists)
    export_to(platform, targets.head(3), context)
    begun = time.process_time()
    export_to(platform, targets, context)
    taken = time.process_time() - begun
    print(f"{platform}: {taken:.3f} s")
    assert taken < 1
