"""Give every test the real data, a home of its own, and the command line."""

import contextlib
import gc
import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from flows.engine.serving.service import name_database
from outreach.cli import main
from tests.browser import launch_chromium
from tests.postgres import PostgresServer, find_programs, serve_postgres

# A busy machine draws its examples slowly; neither a deadline nor a health check may fail for that.
# Examples are the same in every run, so that a change is judged by what it changed;
# examples that nobody has seen are tried by make fuzz.
settings.register_profile(
    "patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("quick", settings.get_profile("patient"), max_examples=10)
settings.register_profile("random", settings.get_profile("patient"), derandomize=False)
settings.load_profile("patient")

# Prefect reads these when it is imported, which a test's module may do.
os.environ |= {
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
# Images of containers often let Python keep no compiled files; then every process would compile
# every library again, which takes more than half of the processor time of its imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Several workers with several threads each would mostly wait for one another: one thread each is
# many times quicker.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _real_data_folder() -> Path | None:
    """Return the folder of real 2020 data: ``OUTREACH_DATA``, or ``../shared/data``."""
    named = os.environ.get("OUTREACH_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    return folder if (folder / "README.md").is_file() else None


#: What a Prefect server does by the clock and no test waits for; an idle server takes two thirds of
#: the processor time with these turned off. What keeps events, tasks, and limits goes on.
_TURNED_OFF = {
    f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false"
    for name in (
        "CANCELLATION_CLEANUP",
        "FOREMAN",
        "LATE_RUNS",
        "PAUSE_EXPIRATIONS",
        "SCHEDULER",
        "TRIGGERS",
    )
}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while libraries and tests load, nor later in what was loaded.

    It stays for the session. The search took almost half of the processor time of the collection.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


#: Fixtures that serve flows in a process of their own.
_SERVED = {"service", "portal"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Prefect or a browser by the fixtures it asks for.

    What waits for jobs of a running service comes first: one process runs all of it, while others
    use the processor.
    """
    items.sort(key=lambda item: _SERVED.isdisjoint(getattr(item, "fixturenames", ())))
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        for fixture, mark in (("prefect_api", "prefect"), ("chromium", "browser")):
            if fixture in fixtures:
                item.add_marker(mark)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real 2020 data, or skip."""
    folder = _real_data_folder()
    if folder is None:
        pytest.skip("the real 2020 data is not here (set OUTREACH_DATA to its folder)")
    return folder


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Run a headless Chromium for a module's tests, or skip them."""
    with launch_chromium() as browser:
        yield browser


@pytest.fixture(autouse=True)
def _quiet_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the user's environment and folders."""
    for name in [
        name for name in os.environ if name.startswith("OUTREACH_") and name != "OUTREACH_DATA"
    ] + ["CENSUS_API_KEY"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OUTREACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start a real PostgreSQL server for the session, or skip."""
    with serve_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def prefect_database(request: pytest.FixtureRequest) -> str:
    """Return the database of the session's Prefect: PostgreSQL, or SQLite where it is not there."""
    if find_programs() is None:
        return ""
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.make_database("prefect")


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory, prefect_database: str) -> Iterator[str]:
    """Start a real Prefect server for the session, again where its port was taken."""
    home = tmp_path_factory.mktemp("prefect")
    env = (
        os.environ
        | name_database(prefect_database)
        | _TURNED_OFF
        | {
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_LOGGING_LEVEL": "CRITICAL",
            "PREFECT_UI_ENABLED": "0",
        }
    )
    for _ in range(3):
        port = _find_free_port()
        with (home / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "flows.engine.serving.server", str(port)],
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        if _answers(f"http://127.0.0.1:{port}/api/health", server):
            break
        server.kill()
        server.wait()
    else:
        log_end = (home / "server.log").read_text(errors="replace")[-2000:]
        pytest.fail(f"Prefect's server did not start: {log_end}")
    yield f"http://127.0.0.1:{port}/api"
    server.terminate()
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _answers(address: str, server: "subprocess.Popen[bytes]") -> bool:
    """Wait until a server answers; false where it ended or took too long."""
    until = time.monotonic() + 600
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            time.sleep(0.3)
    return False


#: Folders of a home's cache that depend on no service, so tests may have them in common.
_COMPUTED = tuple(
    f"kept/{kind}"
    for kind in ("expected-response", "forecast", "scores-of-the-tracts", "shapes-of-the-map")
)


class Outreach:
    """Runs the command line as a person would: in its own process, from a path with a space."""

    def __init__(self, folder: Path, prefect_api: str) -> None:
        self.folder = folder / "my city"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.home = self.folder / "outreach-data"
        self.processes: list[subprocess.Popen[str]] = []
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OUTREACH_", "PREFECT_"))
        } | {
            "OUTREACH_HOME": str(self.home),
            "OUTREACH_RETRIES": "1",
            "OUTREACH_BACKOFF_SECONDS": "0.05",
            "OUTREACH_TIMEOUT_SECONDS": "300",
            "PREFECT_API_URL": prefect_api,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "COLUMNS": "200",
        }

    def share_computed(self, folder: Path) -> None:
        """Let the home keep in a common folder what is computed by content alone."""
        for name in _COMPUTED:
            (folder / name).mkdir(parents=True, exist_ok=True)
            for home in (self.home, self.home / "demo"):
                link = home / "cache" / name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(folder / name, target_is_directory=True)

    def forget_computed(self) -> None:
        """Let the home begin with nothing computed."""
        for name in _COMPUTED:
            for home in (self.home, self.home / "demo"):
                (home / "cache" / name).unlink()

    def start(self, *arguments: str, **env: str) -> "subprocess.Popen[str]":
        """Start ``outreach`` and return its process."""
        command = [str(Path(sys.executable).parent / "outreach"), *arguments]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, env=self.env | env, cwd=self.folder, stdout=pipe, stderr=pipe, text=True
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """Stop what a failed test left running."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def __call__(
        self, *arguments: str, timeout: float = 900, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run ``outreach`` to its end."""
        process = self.start(*arguments, **env)
        out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


class InsideOutreach(Outreach):
    """Runs the same command line in this process, whose libraries are loaded already."""

    def __call__(
        self, *arguments: str, timeout: float = 900, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run ``outreach`` to its end, however long it takes."""
        del timeout
        out, err, code = io.StringIO(), io.StringIO(), 0
        # Late, because Prefect is slow to import and most tests do without it.
        from prefect.settings import (  # noqa: PLC0415
            PREFECT_API_URL,
            PREFECT_HOME,
            PREFECT_LOCAL_STORAGE_PATH,
            temporary_settings,
        )

        folder = self.home / "prefect"
        prefect = {
            PREFECT_API_URL: self.env["PREFECT_API_URL"],
            PREFECT_HOME: folder,
            PREFECT_LOCAL_STORAGE_PATH: folder / "results",
        }
        kept = dict(os.environ), Path.cwd(), sys.argv
        os.environ.update(self.env | env)
        os.chdir(self.folder)
        sys.argv = ["outreach", *arguments]
        try:
            with (
                temporary_settings(prefect),
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.argv = kept[2]
            os.chdir(kept[1])
            os.environ.clear()
            os.environ.update(kept[0])
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of what runs of the session computed, which is found by its content.

    All processes of a session have it in common.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "computed"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def inside(tmp_path: Path, prefect_api: str, computed: Path) -> Iterator[Outreach]:
    """Return a command line that runs in this process, with its own home and a real Prefect."""
    command_line = InsideOutreach(tmp_path, prefect_api)
    command_line.share_computed(computed)
    yield command_line
    command_line.stop()


@pytest.fixture
def outreach(tmp_path: Path, prefect_api: str, computed: Path) -> Iterator[Outreach]:
    """Return a command line with a home of its own and a real Prefect server."""
    command_line = Outreach(tmp_path, prefect_api)
    command_line.share_computed(computed)
    yield command_line
    command_line.stop()
