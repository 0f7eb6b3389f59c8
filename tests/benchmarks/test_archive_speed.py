"""Time the reading of Cook County's whole season from the archive."""

import time
from pathlib import Path

import pytest

from outreach.archive import Archive, import_files

pytestmark = [pytest.mark.bench, pytest.mark.real]


def test_a_season_of_cook_is_read_in_under_three_seconds(real_data: Path, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    import_files([real_data / "responserate_cook"], archive)
    start = time.perf_counter()
    rates = archive.read(["17031"])
    seconds = time.perf_counter() - start
    print(f"\n{len(rates):,} rows: {seconds:.2f} s (at most 3 s)")
    assert seconds < 3
