"""Serve damaged answers of the Census Data API, and hold the rates against the answer."""

import contextlib
import json
import random
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from outreach.campaign import Area
from outreach.census.client import fetch_rates
from outreach.settings import Settings
from outreach.transport import Transport
from tests.fuzz.cases import Case, compare_values
from tests.fuzz.mutations import ODD_VALUES, damage_file

_HEADER = ["GEO_ID", "RESP_DATE", "CRRALL", "CRRINT", "DRRALL", "DRRINT"]
_AREA = Area(state="17", county="031")


class _Server(ThreadingHTTPServer):
    """Gives the same body to every request."""

    daemon_threads = True
    body, status, headers = b"", 200, {}  # type: ignore[var-annotated]  # set for each case


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        body = b"" if self.server.status == HTTPStatus.NO_CONTENT else self.server.body
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def open_round(_folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Serve on loopback, and make cases of rates of one county."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        settings = Settings(
            api_url=f"http://127.0.0.1:{server.server_port}", retries=0, timeout_seconds=60
        )
        with Transport(settings) as transport:
            yield lambda rng: _make_case(rng, server, transport)
        server.shutdown()
        thread.join()


def _make_case(rng: random.Random, server: _Server, transport: Transport) -> Case:
    """Make an answer: good, with odd values in good JSON, or damaged."""
    rows = _make_rows(rng)
    form = rng.random()
    is_good = form < 0.1
    if 0.1 <= form < 0.5:
        _put_odd_values(rows, rng)
    body = json.dumps(rows).encode()
    if form >= 0.5:
        body = damage_file(body, rng)
    status = 200 if form < 0.8 else rng.choice((200, 204, 302, 400, 404, 429, 500, 503, 599))
    odd = {"Retry-After": rng.choice(ODD_VALUES[:20]), "Location": rng.choice(ODD_VALUES[:20])}
    headers = {name: value for name, value in odd.items() if form >= 0.8 and value.strip()}

    def read() -> None:
        server.body, server.status, server.headers = body, status, headers
        rates = fetch_rates(2020, _AREA, transport)
        header, *tracts = json.loads(body)
        place = {name: header.index(name) for name in (*_HEADER, "state", "county", "tract")}
        written = {
            "".join(row[place[name]] for name in ("state", "county", "tract")): _read_share(
                row[place["CRRALL"]]
            )
            for row in tracts
        }
        compare_values(written, rates["cumulative_share"].to_dict())

    return Case(read, is_good)


def _make_rows(rng: random.Random) -> list[list[Any]]:
    """Make the header and the rows of some tracts."""
    tracts = rng.sample(range(1, 990_000), rng.randint(1, 6))
    return [
        [*_HEADER, "state", "county", "tract"],
        *(
            [
                f"1400000US17031{tract:06d}",
                "2020-05-28",
                *(str(rng.randint(0, 1000) / 10) for _ in range(4)),
                *("17", "031", f"{tract:06d}"),
            ]
            for tract in tracts
        ),
    ]


def _put_odd_values(rows: list[list[Any]], rng: random.Random) -> None:
    """Put values of other kinds into one to three cells."""
    others: list[Any] = [None, True, 67, 67.3, -1, [], {}, [1], 1e308, 10**400, *ODD_VALUES]
    for _ in range(rng.randint(1, 3)):
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = rng.choice(others)


def _read_share(cell: Any) -> float:
    """Read a percentage as the API's reference defines it, independent of our reader."""
    return round(float(cell) / 100, 6)
