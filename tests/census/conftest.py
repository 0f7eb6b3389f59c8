"""Run a small HTTP server with canned replies like the Census API's.

It is independent of the sandbox.
"""

import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from outreach.settings import Settings, read_settings
from outreach.transport import Transport

#: Odd characters, because addresses encode them.
KEY = "s3cret+key/0123456789abcdef"

Query = dict[str, str]
Table = dict[str, dict[str, str | None]]


@dataclass(frozen=True)
class CannedReply:
    """One canned reply.

    ``reset`` resets the connection instead, and ``cut`` sends half of the announced body.
    """

    body: str | Callable[[Query], str] = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    cut: bool = False


class CannedApi(ThreadingHTTPServer):
    """Serves ``replies`` in order, then repeats the last one, and records each request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[CannedReply] = []
        self.paths: list[str] = []
        self.queries: list[Query] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def take(self, path: str, query: Query) -> CannedReply:
        with self._lock:
            self.paths.append(path)
            self.queries.append(query)
            return self.replies[min(len(self.queries), len(self.replies)) - 1]

    def serve(self, *replies: CannedReply) -> None:
        """Answer with these from now on."""
        self.replies = list(replies)

    @staticmethod
    def reply(
        body: str | Callable[[Query], str] = "", status: int = 200, **rest: Any
    ) -> CannedReply:
        """Make a reply from its body."""
        return CannedReply(body, status, **rest)

    @staticmethod
    def table(table: Table) -> CannedReply:
        """Make a reply with the requested columns of a table (geoid to code to text).

        Rows are shuffled and the geography comes last, as in the service.
        """

        def body(query: Query) -> str:
            codes = query["get"].split(",")
            rows = []
            for geoid, figures in table.items():
                values = {"GEO_ID": f"1400000US{geoid}", "GIDTR": geoid, **figures}
                rows.append([values[code] for code in codes] + [geoid[:2], geoid[2:5], geoid[5:]])
            random.Random(query["get"]).shuffle(rows)
            return json.dumps([[*codes, "state", "county", "tract"], *rows])

        return CannedReply(body)

    @staticmethod
    def rates(*geoids: str, **changes: str | None) -> Table:
        """Make the rates of one day for some tracts."""
        figures = {
            "RESP_DATE": "2020-10-16",
            "CRRALL": "67.3",
            "CRRINT": "61.9",
            "DRRALL": "0.1",
            "DRRINT": "0.0",
        }
        return {geoid: {**figures, **changes} for geoid in geoids}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CannedApi

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        reply = self.server.take(address.path, query)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        body = (reply.body if isinstance(reply.body, str) else reply.body(query)).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if reply.cut else body)
        self.close_connection = reply.cut

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def api() -> Iterator[CannedApi]:
    """Run a server on loopback for one test."""
    with CannedApi() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def key() -> str:
    """Return the secret that must never appear."""
    return KEY


@pytest.fixture
def settings(api: CannedApi) -> Settings:
    """Return settings for the server, with quick retries."""
    return read_settings(
        api_url=api.url, files_url=api.url, retries=2, backoff_seconds=0.01, timeout_seconds=120
    )


@pytest.fixture
def transport(settings: Settings) -> Iterator[Transport]:
    """Return a session with a key."""
    with Transport(settings, SecretStr(KEY)) as session:
        yield session
