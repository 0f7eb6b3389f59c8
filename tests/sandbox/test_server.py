"""The server sends files with validators, logs no key, and listens on loopback only."""

import socket
import threading
from collections.abc import Callable

import pytest
import requests

from outreach.errors import SettingsError
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

Ask = Callable[..., requests.Response]
TRACTS = "/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"


def test_a_file_comes_with_validators_and_not_again(sandbox: Sandbox) -> None:
    url = sandbox.url + TRACTS
    first = requests.get(url, timeout=120)
    assert first.status_code == 200
    assert first.content.startswith(b"PK")
    for name, value in (
        ("If-None-Match", first.headers["ETag"]),
        ("If-Modified-Since", first.headers["Last-Modified"]),
    ):
        again = requests.get(url, headers={name: value}, timeout=120)
        assert (again.status_code, again.content) == (304, b"")
    assert requests.get(url, headers={"If-None-Match": '"other"'}, timeout=120).status_code == 200


def test_head_gives_the_size_without_content(sandbox: Sandbox) -> None:
    whole = requests.get(sandbox.url + TRACTS, timeout=120)
    head = requests.head(sandbox.url + TRACTS, timeout=120)
    assert head.status_code == 200
    assert int(head.headers["Content-Length"]) == len(whole.content)
    assert head.content == b""


def test_an_unknown_file_is_404(ask: Ask) -> None:
    assert ask("/geo/tiger/GENZ2020/shp/cb_2020_17_tract_500k.zip").status_code == 404
    assert ask("/").status_code == 404


def test_only_reading_is_allowed(sandbox: Sandbox) -> None:
    assert requests.post(sandbox.url + TRACTS, timeout=120).status_code == 405


def test_the_log_has_every_request_and_never_the_key(sandbox: Sandbox, ask: Ask) -> None:
    ask(get="CRRALL", target="state:*")
    ask("/data/2051/acs/acs5")
    ask("/geo/none", key=None)
    assert sandbox.log == [
        ("/data/2020/dec/responserate?get=CRRALL&for=state%3A%2A", 200),
        ("/data/2051/acs/acs5", 404),
        ("/geo/none", 404),
    ]


def test_it_listens_on_loopback_only(sandbox: Sandbox) -> None:
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox._server.server_address[0] == "127.0.0.1"


def test_a_port_in_use_is_named_in_a_sentence(county: InventedCounty) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SettingsError, match="cannot listen on port"):
            Sandbox(county, port=other.getsockname()[1])


def test_many_clients_can_send_requests_at_once(ask: Ask) -> None:
    counts: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: counts.append(
                len(ask(get="GEO_ID", target="tract:*", within="state:99").json())
            )
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [802] * 8


def test_nothing_listens_after_the_end(county: InventedCounty) -> None:
    with Sandbox(county) as running:
        url = running.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=120)
