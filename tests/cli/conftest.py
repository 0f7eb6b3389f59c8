"""A sandbox for the session, and a campaign that fits it."""

from collections.abc import Callable, Iterator

import pytest

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.fault_injection import Faults
from outreach.sandbox.server import Sandbox


@pytest.fixture(scope="session")
def county() -> InventedCounty:
    return InventedCounty()


@pytest.fixture
def sandbox(county: InventedCounty) -> Iterator[Sandbox]:
    with Sandbox(county) as server:
        yield server


@pytest.fixture
def misbehave(sandbox: Sandbox) -> Callable[..., None]:
    """Return a function that sets the sandbox's faults."""

    def set_faults(*texts: str) -> None:
        sandbox.faults = Faults.parse(texts)

    return set_faults


@pytest.fixture
def address(sandbox: Sandbox) -> dict[str, str]:
    """Return the settings that lead to the sandbox."""
    return {
        "OUTREACH_API_URL": sandbox.url,
        "OUTREACH_FILES_URL": sandbox.url,
        "OUTREACH_CENSUS_API_KEY": sandbox.key,
    }
