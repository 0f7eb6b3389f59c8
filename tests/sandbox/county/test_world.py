"""The invented county is the same everywhere."""

import os
import subprocess
import sys

import numpy as np
import pytest
import shapely

from outreach.sandbox.county.world import InventedCounty
from tests.sandbox.county.served import (
    CARTOGRAPHIC,
    RELATIONSHIP,
    WARDS,
    ZIPS,
)

_DIGEST = """
import hashlib
from outreach.sandbox.county.world import InventedCounty
county, digest = InventedCounty(), hashlib.sha256()
datasets = [(2020, "dec/responserate"), (2010, "dec/responserate"), (2018, "acs/acs5")]
datasets += [(2022, "acs/acs5"), (2020, "pdb/tract")]
for vintage, path in datasets:
    for rows in county.dataset(vintage, path).rows.values():
        digest.update(rows.to_csv().encode())
for path in ("{files}").split():
    digest.update(county.file(path))
print(digest.hexdigest())
""".replace("{files}", f"{CARTOGRAPHIC} {WARDS} {RELATIONSHIP} {ZIPS}")


@pytest.mark.slow
def test_two_processes_with_different_hash_seeds_draw_the_same_county() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _DIGEST],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


@pytest.mark.slow
def test_another_seed_draws_another_county(county: InventedCounty) -> None:
    other = InventedCounty(seed=7)
    assert 700 < len(other.season.geoids) < 900
    assert not np.array_equal(other.season.addresses[:50], county.season.addresses[:50])
    assert shapely.coverage_is_valid(other.ground.polygons.geometry.to_numpy())
