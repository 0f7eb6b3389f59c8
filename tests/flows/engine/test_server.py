"""Explain in one sentence that the user's Prefect server went away during a run."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flows.engine.serving.server import serve_prefect
from outreach.errors import NothingThere, SettingsError


class _Healthy(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), _Healthy) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{listening.server_port}/api")
        monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
        yield listening
        listening.shutdown()


def test_a_server_that_goes_away_is_one_sentence(server: HTTPServer, tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsError, match="stopped answering during"),
        serve_prefect(tmp_path),
    ):
        server.shutdown()
        server.server_close()
        raise ConnectionError("what a client of Prefect says then")


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "failure", [NothingThere("No tract.", "Ask for more."), RuntimeError("ours")]
)
def test_while_the_server_answers_a_failure_stays_what_it_is(
    tmp_path: Path, failure: Exception
) -> None:
    with pytest.raises(type(failure)) as caught, serve_prefect(tmp_path):
        raise failure
    assert caught.value is failure


def test_no_warning_of_prefect_reaches_a_user(tmp_path: Path) -> None:
    program = f"""
import logging, pathlib, warnings
from flows.engine.serving.server import prepare_prefect
prepare_prefect(pathlib.Path({str(tmp_path)!r}))
for name in ("prefect.client.orchestration", "pydantic.main"):
    warnings.warn_explicit("chatter", UserWarning, "x.py", 1, module=name)
logging.getLogger("prefect.events").warning("chatter")
warnings.warn_explicit("ours", UserWarning, "x.py", 1, module="outreach.store")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "chatter" not in done.stdout + done.stderr
    assert "ours" in done.stderr
