"""Prefect's settings for this service, and a server of its own for one run.

Prefect would start a temporary server by itself, but only once a flow begins, and it loads all of
the server into our process to do so: 20 s and more on a small machine. This starts the same server
at once and lets it warm up while the flow's libraries load. Nothing here imports Prefect, because
Prefect reads its environment when it is imported.
"""

import contextlib
import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path

from flows.engine.serving.processes import leave_with_parent
from outreach.errors import OutreachError, SettingsError, name_cause

#: The first start makes the database, which may take minutes on a slow, busy machine.
_START_SECONDS = 180


def prepare_prefect(home: Path) -> None:
    """Point Prefect at this service's folders and keep it quiet.

    Variables that the user set in the environment win.

    Parameters
    ----------
    home
        The service's folder; Prefect's database goes to ``home/prefect``, cached results to
        ``home/cache/prefect``.
    """
    home = home.absolute()
    defaults = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "cache" / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    # Prefect sets its own loggers up late, and would print a warning of urllib3 for each retry.
    # No planner can act on these, nor on what Prefect and pydantic warn of among themselves.
    if os.environ["PREFECT_LOGGING_LEVEL"] == defaults["PREFECT_LOGGING_LEVEL"]:
        logging.getLogger("prefect").setLevel(logging.CRITICAL)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    for library in ("prefect", "pydantic"):
        warnings.filterwarnings("ignore", module=rf"{library}(\.|$)")
    with _explain_disk_failure(home):
        Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def serve_prefect(home: Path) -> Iterator["PrefectServer"]:
    """Start a server for the block, unless ``PREFECT_API_URL`` names a running one.

    Yields
    ------
    PrefectServer
        It is still starting; call its ``wait`` before the first flow.

    Raises
    ------
    SettingsError
        Prefect's folder cannot be written, or the named server does not answer.
    """
    prepare_prefect(home)
    if os.environ.get("PREFECT_API_URL"):
        server = PrefectServer(None, Path())
        server.check()
        with _explain_loss(server):
            yield server
        return
    log = Path(os.environ["PREFECT_HOME"]) / "server.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
    }
    with _explain_disk_failure(log), log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-m", "flows.engine.serving.server", str(port)],
            env=os.environ | quiet,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C is for us; we stop the server once the flow has ended
        )
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    server = PrefectServer(process, log)
    try:
        with _explain_loss(server):
            yield server
    finally:
        del os.environ["PREFECT_API_URL"]
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class PrefectServer:
    """A server that was started and may not answer yet."""

    def __init__(self, process: "subprocess.Popen[bytes] | None", log: Path) -> None:
        self._process, self._log = process, log
        self._health = f"{os.environ['PREFECT_API_URL']}/health"

    def check(self) -> None:
        """Check that the server answers.

        Raises
        ------
        SettingsError
            It does not answer.
        """
        reason = ""
        try:
            with urllib.request.urlopen(self._health, timeout=30):  # noqa: S310  the user's own address
                return
        except (OSError, ValueError) as error:
            reason = name_cause(error)
        raise SettingsError(
            f"The Prefect server of PREFECT_API_URL, {os.environ['PREFECT_API_URL']}, does not"
            f" answer ({reason}).",
            "Start it, or unset PREFECT_API_URL: each run then starts its own server.",
        )

    def wait(self) -> None:
        """Return as soon as the server answers.

        Raises
        ------
        SettingsError
            It stopped, or does not answer in time. The message names its log.
        """
        deadline = time.monotonic() + _START_SECONDS
        while (
            self._process is not None
            and self._process.poll() is None
            and time.monotonic() < deadline
        ):
            with contextlib.suppress(OSError), urllib.request.urlopen(self._health, timeout=5):  # noqa: S310  our own http address
                return
            time.sleep(0.1)
        if self._process is not None:
            raise SettingsError(
                f"The Prefect server does not start; its log is {self._log}.",
                "Free some disk space, or set PREFECT_API_URL to a running server.",
            )


@contextlib.contextmanager
def _explain_loss(server: PrefectServer) -> Iterator[None]:
    """Turn what Prefect raises without its server into one sentence; pass other failures on."""
    lost = False
    try:
        yield
    except OutreachError:
        raise
    except Exception:
        try:
            server.check()
        except SettingsError:
            lost = True
        if not lost:
            raise
    if lost:
        raise SettingsError(
            "The Prefect server stopped answering during the run; the last complete run is"
            " unchanged.",
            "Run again, or set PREFECT_API_URL to a permanent server.",
        )


@contextlib.contextmanager
def _explain_disk_failure(place: Path) -> Iterator[None]:
    """Turn a disk failure into one sentence."""
    reason = ""
    try:
        yield
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SettingsError(
            f"Cannot write {place}: {reason}.",
            "Free some space, or choose another folder with OUTREACH_HOME.",
        )


def _serve(port: int, host: str = "127.0.0.1") -> None:
    """Serve Prefect's API: on this machine only, unless its container is its machine."""
    leave_with_parent()
    import uvicorn  # noqa: PLC0415  only in the server's own process

    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host=host,
        port=port,
        log_level="error",
    )


if __name__ == "__main__":
    _serve(int(sys.argv[1]), *sys.argv[2:3])
