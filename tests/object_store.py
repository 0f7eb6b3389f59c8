"""Run a real S3 server in a process of its own, which keeps what it acknowledged.

The server is moto's. Each change is written to a journal before it is acknowledged, and the journal
is read again at the start, so that a killed server comes back with all that it had.
"""

import base64
import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple
from werkzeug.test import create_environ, run_wsgi_app

BUCKET = "census"
#: Keys that the server accepts, as it accepts all.
KEYS = {
    "AWS_ACCESS_KEY_ID": "invented",
    "AWS_SECRET_ACCESS_KEY": "invented",
    "AWS_REGION": "us-east-1",
}
_CHANGES = ("PUT", "POST", "DELETE")
#: Headers that say what is done, and under which condition.
_HEADERS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION", "HTTP_HOST")
_Start = Callable[..., Any]


class ObjectStore:
    """A server in a folder, which can be killed and started again.

    Parameters
    ----------
    folder
        Where it keeps its journal.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=KEYS["AWS_REGION"],
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.object_store"),
                    *(str(self._port), str(self._folder / "journal")),
                ],
                cwd=Path(__file__).parents[1],
                env=os.environ | KEYS,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 300
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port)):
                return
            assert self._process.poll() is None, (self._folder / "server.log").read_text()[-2000:]
            assert time.monotonic() < until, "the object store does not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def make_bucket(self) -> str:
        """Make the bucket, and return its address."""
        self._client.create_bucket(Bucket=BUCKET)
        return f"s3://{BUCKET}"

    def survey(self) -> set[str]:
        """Return the name of every object."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {each["Key"] for page in pages for each in page.get("Contents", ())}

    def read(self, name: str) -> bytes:
        """Return an object's content."""
        return bytes(self._client.get_object(Bucket=BUCKET, Key=name)["Body"].read())


@contextlib.contextmanager
def serve_object_store() -> Iterator[ObjectStore]:
    """Run a server for the time of the block."""
    with tempfile.TemporaryDirectory(prefix="object-store-") as folder:
        store = ObjectStore(Path(folder))
        store.start()
        try:
            yield store
        finally:
            store.kill()


class _JournaledApp:
    """Let one change after the other through, and write each down before its answer leaves.

    Parameters
    ----------
    app
        The server's own.
    journal
        One line for each change.
    """

    def __init__(self, app: Any, journal: Path) -> None:
        self._app, self._lock = app, threading.Lock()
        self._replay(journal)
        self._journal = journal.open("ab")

    def __call__(self, environ: dict[str, Any], start_response: _Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _CHANGES:
            answer: Iterable[bytes] = self._app(environ, start_response)
            return answer
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        with self._lock:
            parts, status, headers = run_wsgi_app(self._app, environ, buffered=True)
            if status.startswith("2"):
                self._write(environ, body)
        start_response(status, list(headers))
        return parts

    def _write(self, environ: dict[str, Any], body: bytes) -> None:
        """Append a change to the journal, whole or torn."""
        change = {
            "method": environ["REQUEST_METHOD"],
            "path": environ["PATH_INFO"],
            "query": environ.get("QUERY_STRING", ""),
            "headers": {name: environ[name] for name in _HEADERS if name in environ},
            "body": base64.b64encode(body).decode(),
        }
        self._journal.write(json.dumps(change).encode() + b"\n")
        self._journal.flush()

    def _replay(self, journal: Path) -> None:
        """Do again what the journal has; a torn last line was never acknowledged."""
        if not journal.exists():
            return
        whole, _, torn = journal.read_bytes().rpartition(b"\n")
        if torn:
            journal.write_bytes(whole + b"\n" if whole else b"")
        for line in whole.splitlines():
            change = json.loads(line)
            environ = create_environ(
                change["path"],
                method=change["method"],
                query_string=change["query"],
                data=base64.b64decode(change["body"]),
                environ_overrides=change["headers"],
            )
            _, status, _ = run_wsgi_app(self._app, environ, buffered=True)
            assert status.startswith("2"), (status, change["path"])


class _QuietHandler(WSGIRequestHandler):
    """Write no line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> None:
    """Serve on a port until the process is killed."""
    port, journal = int(sys.argv[1]), Path(sys.argv[2])
    app = _JournaledApp(DomainDispatcherApplication(create_backend_app), journal)
    run_simple("127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler)


if __name__ == "__main__":
    main()
