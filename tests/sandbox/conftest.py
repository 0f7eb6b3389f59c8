"""Run one invented county for all tests of the sandbox, and send it requests."""

from collections.abc import Callable, Iterator

import pytest
import requests

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def county() -> InventedCounty:
    return InventedCounty(seed=2020)


@pytest.fixture
def sandbox(county: InventedCounty) -> Iterator[Sandbox]:
    with Sandbox(county) as running:
        yield running


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    """Send a request with the key; ``within`` means ``in``, and ``target`` means ``for``."""

    def get(
        path: str = "/data/2020/dec/responserate", *, key: str | None = sandbox.key, **query: object
    ) -> requests.Response:
        names = {"target": "for", "within": "in"}
        params = {names.get(name, name): value for name, value in query.items()}
        if key is not None:
            params["key"] = key
        return requests.get(sandbox.url + path, params=params, timeout=120, allow_redirects=False)  # type: ignore[arg-type]

    return get
