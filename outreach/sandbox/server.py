"""Run the sandbox's HTTP server on loopback.

One address answers as api.census.gov and www2.census.gov would for a world. The product does not
know about it; its settings ``api_url`` and ``files_url`` point here.
"""

import datetime as dt
import hashlib
import os
import socket
import struct
import threading
import time
from collections.abc import Iterable
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from outreach.errors import SettingsError
from outreach.sandbox.census_api import answer_query
from outreach.sandbox.fault_injection import (
    Fault,
    FaultKind,
    Faults,
    drip_bytes,
    nest_lists,
    pack_blanks,
    spoil_body,
)
from outreach.sandbox.metadata import answer_metadata
from outreach.sandbox.pages import INVALID_KEY, MISSING_KEY, NOT_FOUND, Answer, make_page
from outreach.sandbox.world import ServedDataset, World

DEFAULT_KEY = "sandbox-key"
_TEMPORARY_FAILURE = (
    "There was an error while running your query.  We've logged the error and we'll correct it"
    " ASAP.  Sorry for the inconvenience."
)
_FILE_DATE = dt.datetime(2020, 10, 1, tzinfo=dt.UTC)
_MEDIA = {
    ".zip": "application/zip",
    ".txt": "text/plain",
    ".geojson": "application/geo+json",
    ".json": "application/json",
}


class _QuietHandler(WSGIRequestHandler):
    """Handles HTTP/1.1 without log lines; :attr:`Sandbox.log` lists the requests."""

    protocol_version = "HTTP/1.1"

    def connection_dropped(
        self, error: BaseException, environ: dict[str, Any] | None = None
    ) -> None:
        """Close a connection that was reset."""
        del error, environ
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  the base class's signature
        """Write nothing."""


class Sandbox:
    """A running server for one world, on 127.0.0.1 only; a context manager.

    Parameters
    ----------
    world
        What is served. It may be replaced while the server runs, such as by the same county a day
        later.
    key
        The only API key that is accepted.
    port
        Port to listen on; 0 takes a free one.
    faults
        What goes wrong, if anything. It may be replaced while the server runs.

    Attributes
    ----------
    log
        Path (with the query, without the key) and status of every request, in order. The status is
        0 if the connection was reset.

    Raises
    ------
    SettingsError
        The port is in use.
    """

    def __init__(
        self, world: World, *, key: str = DEFAULT_KEY, port: int = 0, faults: Faults | None = None
    ) -> None:
        self.world, self.key, self.faults = world, key, faults or Faults()
        self.log: list[tuple[str, int]] = []
        self._server = _listen(port, self._serve)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name="sandbox",
            daemon=True,
        )

    @property
    def url(self) -> str:
        """The base address for both the API and the files."""
        return f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def wait(self) -> None:
        """Serve until Ctrl-C, or until a ``down`` fault closes the server."""
        try:
            while self._thread.is_alive():
                self._thread.join(0.2)
        except KeyboardInterrupt:
            return

    def _close(self) -> None:
        """Stop listening. The serving thread closes the socket when it ends."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request, as a WSGI application."""
        request = Request(environ)
        fault = self.faults.find_fault(request.path)
        address = _format_address(request)
        if fault and fault.kind in {FaultKind.RESET, FaultKind.DOWN}:
            self.log.append((address, 0))
            if fault.kind is FaultKind.DOWN:
                self._close()
            _reset(environ["werkzeug.socket"])
        if fault and fault.kind is FaultKind.SLOW:
            time.sleep(float(fault.value or 5))
        response = (_refuse(fault) if fault else None) or self._answer(request)
        if fault and response.status_code == 200:  # noqa: PLR2004  only a good answer can be spoiled
            stem = PurePosixPath(request.path).stem
            response.set_data(spoil_body(fault, response.get_data(), stem))
            response.headers.pop("ETag", None)
            if fault.kind is FaultKind.DRIP:
                response.response = drip_bytes(response.get_data(), float(fault.value or 1))
        self.log.append((address, response.status_code))
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        """Answer without faults."""
        if request.method not in {"GET", "HEAD"}:
            return Response(status=405)
        if request.path.startswith("/data/"):
            return self._answer_query(request)
        return self._answer_file(request)

    def _answer_query(self, request: Request) -> Response:
        """Answer for the API. Check the key first."""
        if request.path in {"/data/missing_key.html", "/data/invalid_key.html"}:
            return _respond(MISSING_KEY if "missing" in request.path else INVALID_KEY)
        vintage, dataset, rest = self._find_dataset(request.path)
        if dataset is None:
            return _respond(NOT_FOUND)
        key = request.args.get("key", "")
        if key != self.key:
            headers = {
                "X-DataWebAPI-KeyError": "1",
                "Location": f"/data/{'invalid' if key else 'missing'}_key.html",
            }
            return Response(status=302, headers=headers)
        query = parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
        if not rest:
            return _respond(
                answer_query(dataset, query, f"{vintage} {request.args.get('get', '')}")
            )
        answer = answer_metadata(dataset, rest, request.base_url.removesuffix(f"/{rest}"))
        return _respond(answer or NOT_FOUND)

    def _find_dataset(self, path: str) -> tuple[str, ServedDataset | None, str]:
        """Split a path into vintage, dataset, and the rest."""
        vintage, _, rest = path.removeprefix("/data/").strip("/").partition("/")
        if not vintage.isdecimal():
            return vintage, None, ""
        parts = rest.split("/")
        for length in range(len(parts), 0, -1):
            dataset = self.world.dataset(int(vintage), "/".join(parts[:length]))
            if dataset is not None:
                return vintage, dataset, "/".join(parts[length:])
        return vintage, None, rest

    def _answer_file(self, request: Request) -> Response:
        """Answer for the file server, with 304 if the client has the file."""
        content = self.world.file(request.path)
        if content is None:
            return _respond(NOT_FOUND)
        media = _MEDIA.get(PurePosixPath(request.path).suffix, "application/octet-stream")
        response = Response(content, mimetype=media)
        response.set_etag(hashlib.sha256(content).hexdigest()[:32])
        response.last_modified = _FILE_DATE
        conditional = response.make_conditional(request.environ)
        conditional.headers.pop("Date", None)  # the handler writes one already
        return conditional


def _listen(port: int, application: Any) -> BaseWSGIServer:
    """Bind a threaded server to loopback.

    werkzeug would end the process if the port is in use. Binding first lets us explain it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"The sandbox cannot listen on port {port}: {error.strerror}.",
            "Choose another with --port; 0 takes a free one.",
        ) from error
    server = make_server(
        "127.0.0.1",
        port,
        application,
        threaded=True,
        request_handler=_QuietHandler,
        fd=listener.fileno(),
    )
    listener.close()
    return server


def _format_address(request: Request) -> str:
    """Return path and query without the key."""
    query = [
        (name, value)
        for name, value in parse_qsl(request.query_string.decode("utf-8", "replace"))
        if name != "key"
    ]
    return request.path + (f"?{urlencode(query)}" if query else "")


def _refuse(fault: Fault) -> Response | None:
    """Return the answer of a fault that replaces the world's answer."""
    match fault.kind:
        case FaultKind.TOO_MANY:
            return Response(
                "Too Many Requests", 429, {"Retry-After": fault.value or "1"}, mimetype="text/plain"
            )
        case FaultKind.ERROR:
            return Response(_TEMPORARY_FAILURE, 500, mimetype="text/plain")
        case FaultKind.HTML:
            return _respond(make_page("Sorry", "The service is down for maintenance."))
        case FaultKind.GZIP:
            body = pack_blanks(float(fault.value or 300))
            return Response(body, 200, {"Content-Encoding": "gzip"}, mimetype="application/json")
        case FaultKind.DEEP:
            body = nest_lists(int(float(fault.value or 100_000)))
            return Response(body, 200, mimetype="application/json")
    return None


def _respond(answer: Answer) -> Response:
    """Turn an answer into an HTTP response."""
    return Response(answer.body, answer.status, content_type=answer.media)


def _reset(connection: socket.socket) -> None:
    """Reset a connection and end the request."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
    raise ConnectionResetError
