"""Send requests to redirected addresses, retry with a limit, and keep the key secret."""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from outreach.errors import PatienceSpent, ServiceUnavailable
from outreach.settings import Settings, read_settings
from outreach.transport import API_URL, FILES_URL, Transport, announce_waits
from outreach.transport.patience import Patience, read_wait

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


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        (" 86400 ", 86_400),
        ("9" * 400, 366 * 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86_400),
        ("", None),
        (None, None),
        ("-5", None),
        ("1e99", None),
        ("soon", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
        ("\u0663", None),
    ],
)
def test_a_requested_wait_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert read_wait(header) == seconds


def test_a_requested_wait_is_kept_and_announced_once_for_all_threads(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    server.statuses, server.headers = [429, 429, 429, 429, 200], {"Retry-After": "60"}
    sentences: list[str] = []
    with (
        announce_waits(sentences.append),
        Transport(read_settings(api_url=server.url, retries=4)) as transport,
    ):
        assert transport.get(f"{API_URL}/data").status_code == 200
    assert waits == [60] * 4
    assert sentences == ["The service asks us to wait 60 s."]


def test_a_wait_of_our_own_is_announced_with_its_reason(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    server.statuses = [503, 503, 200]
    sentences: list[str] = []
    settings = read_settings(api_url=server.url, retries=4, backoff_seconds=10)
    with announce_waits(sentences.append), Transport(settings) as transport:
        assert transport.get(f"{API_URL}/data").status_code == 200
    (sentence,) = sentences
    assert sentence.startswith(f"{server.url[7:]} failed (status 503). We wait ")
    assert sentence.endswith(" s and ask again.")


def test_a_longer_wait_than_our_patience_ends_at_once(server: _Server) -> None:
    server.statuses, server.headers = [429], {"Retry-After": "3600"}
    with (
        Transport(read_settings(api_url=server.url)) as transport,
        pytest.raises(PatienceSpent, match=r"wait 3,600 s for /data, and 600 s of patience"),
    ):
        transport.get(f"{API_URL}/data")
    assert len(server.asked) == 1


def test_headers_that_drip_end_at_the_limit_too() -> None:
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stop.wait(0.1):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        settings = read_settings(
            api_url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            timeout_seconds=120,
            answer_seconds=1,
        )
        with (
            Transport(settings) as transport,
            pytest.raises(ServiceUnavailable, match="not complete after 1 s"),
        ):
            transport.get(f"{API_URL}/data")
        stop.set()
        thread.join()


def test_all_requests_of_a_session_share_one_patience(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time passes by waiting alone, so that a busy machine spends no patience.
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    monkeypatch.setattr(time, "monotonic", lambda: sum(waits))
    server.statuses, server.headers = [500], {}
    settings = read_settings(
        api_url=server.url, retries=20, backoff_seconds=5, patience_seconds=100
    )
    with Transport(settings) as transport:
        assert transport.get(f"{API_URL}/data/1").status_code == 500
        first = len(server.asked)
        assert transport.get(f"{API_URL}/data/2").status_code == 500
    assert 1 < first < 20
    assert len(server.asked) - first < first
    assert sum(waits) <= 100


def test_time_that_threads_spend_side_by_side_counts_once() -> None:
    patience = Patience(1_000)
    both = threading.Barrier(2)

    def wait() -> None:
        with patience.spend():
            both.wait(60)
            patience.wait(0.5, "")

    start = time.monotonic()
    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    assert 0.5 <= 1_000 - patience.left <= elapsed


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
