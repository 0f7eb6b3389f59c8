"""The session: base addresses that settings can lead elsewhere, patience with an end, and a key that only the wire sees."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from outreach.errors import ServiceUnavailable
from outreach.settings import Settings, read_settings
from outreach.transport import API_URL, FILES_URL, Transport

KEY = "0123456789abcdef"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.statuses = [200]
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        number = min(len(self.server.asked), len(self.server.statuses)) - 1
        self.send_response(self.server.statuses[number])
        for name, value in {"Content-Length": "2", **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def settings(server: _Server) -> Settings:
    return read_settings(
        api_url=f"{server.url}/api",
        files_url=f"{server.url}/files/",
        retries=2,
        backoff_seconds=0.01,
    )


def test_each_public_address_goes_where_the_settings_say(
    server: _Server, settings: Settings
) -> None:
    with Transport(settings, SecretStr(KEY)) as transport:
        answer = transport.get(f"{API_URL}/data/2020", params={"get": "A"})
        transport.get(f"{FILES_URL}/geo/tiger.zip")
    assert server.asked == [f"/api/data/2020?get=A&key={KEY}", "/files/geo/tiger.zip"]
    assert (answer.url, answer.request.url) == (f"{API_URL}/data/2020?get=A",) * 2


@pytest.mark.parametrize("key", [None, SecretStr(""), SecretStr("  ")])
def test_no_key_sends_none(key: SecretStr | None, server: _Server, settings: Settings) -> None:
    with Transport(settings, key) as transport:
        transport.get(f"{API_URL}/data")
    assert server.asked == ["/api/data"]


def test_a_redirect_is_handed_back(server: _Server, settings: Settings) -> None:
    server.statuses, server.headers = [302], {"Location": f"/elsewhere?key={KEY}"}
    with Transport(settings, SecretStr(KEY)) as transport:
        answer = transport.get(f"{API_URL}/data")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/elsewhere?key=[key]"
    assert len(server.asked) == 1


def test_retries_wait_longer_each_time(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    server.statuses = [500, 500, 500, 200]
    settings = read_settings(api_url=server.url, retries=3, backoff_seconds=0.1)
    with Transport(settings) as transport:
        assert transport.get(f"{API_URL}/data").status_code == 200
    assert len(server.asked) == 4
    first, second = waits  # the first retry is sent at once
    assert 0.2 <= first <= 0.3
    assert 0.4 <= second <= 0.5


@pytest.mark.parametrize("status", [400, 404, 403])
def test_a_refused_question_is_not_repeated(
    status: int, server: _Server, settings: Settings
) -> None:
    server.statuses = [status]
    with Transport(settings) as transport:
        assert transport.get(f"{API_URL}/data").status_code == status
    assert len(server.asked) == 1


def test_a_service_can_ask_for_patience_but_not_for_ever(settings: Settings) -> None:
    with Transport(settings) as transport:
        retry = transport.get_adapter(API_URL).max_retries
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for asked, seconds in (("3", 3), ("86400", 120), (later, 120)):
        response = type("Answer", (), {"headers": {"Retry-After": asked}})
        assert retry.get_retry_after(response) == seconds
    assert retry.get_retry_after(type("Answer", (), {"headers": {}})) is None


def test_a_proxy_for_the_world_is_not_asked_for_loopback(
    server: _Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Transport(settings) as transport:
        assert transport.get(f"{API_URL}/data").text == "ok"
    assert len(server.asked) == 1


def test_a_service_that_is_not_there_is_said_so() -> None:
    settings = read_settings(api_url="http://127.0.0.1:9", retries=1, backoff_seconds=0)
    with (
        Transport(settings, SecretStr(KEY)) as transport,
        pytest.raises(ServiceUnavailable, match=r"Cannot reach 127\.0\.0\.1:9 for /data") as caught,
    ):
        transport.get(f"{API_URL}/data")
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_many_sessions_with_one_key_leave_one_filter(settings: Settings) -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    before = len(logger.filters)
    for _ in range(5):
        with Transport(settings, SecretStr("another-key")):
            pass
    assert len(logger.filters) == before + 1
