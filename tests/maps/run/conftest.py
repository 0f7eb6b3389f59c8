"""Give the tests of the map page the page of the invented town."""

import pytest

from maps.run.inputs import MapView
from maps.run.page import build_map


@pytest.fixture(scope="session")
def town_page(town: MapView) -> str:
    """Return the page of the town's map."""
    return build_map(town)
