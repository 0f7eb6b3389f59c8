"""Lend the benchmarks the fixtures of the rooms they measure."""

from tests.census.conftest import api, settings, transport
from tests.exporters.conftest import bench
from tests.geo.conftest import real_cook
from tests.models.conftest import cook_season
from tests.models.peers.test_expect import cook

__all__ = ["api", "bench", "cook", "cook_season", "real_cook", "settings", "transport"]
