"""Start, use, and kill a whole service as the drills need it."""

import contextlib
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: What is killed: the name in the table, and the module that its process runs.
TARGETS = {
    "Prefect's server": "flows.engine.serving.server",
    "worker": "flows.serve",
    "portal": "outreach.portal",
    "a job": "prefect.engine",
    "PostgreSQL": "",
    "object store": "",
    "the whole service": "",
}
_PATIENCE_SECONDS = 600.0


class DrilledService:
    """A service that is started, used, and started again.

    Parameters
    ----------
    folder
        Its working folder.
    env
        Its settings.
    """

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.home = folder, folder / "outreach-data"
        self._env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OUTREACH_", "PREFECT_"))
        } | {"OUTREACH_HOME": str(self.home), "OUTREACH_RETRIES": "0", **env}
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> None:
        """Start it, on the port that it had before."""
        program = str(Path(sys.executable).parent / "outreach")
        self._process = subprocess.Popen(
            [program, "serve", "--port", str(self.port)],
            env=self._env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if found := re.search(r"Portal: +http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(found[1])
            if "is ready" in line:
                break
        stream = self._process.stdout
        threading.Thread(target=lambda: list(stream), daemon=True).start()

    def kill(self) -> None:
        """Kill its head; the others leave by themselves."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        wait_for(lambda: not any(self.find_processes(module) for module in TARGETS.values()))

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(120)

    def run_command(self, folder: Path, *arguments: str) -> tuple[int, str]:
        """Run a command with these settings in another folder; return its exit code and words."""
        program = str(Path(sys.executable).parent / "outreach")
        done = subprocess.run(
            [program, *arguments],
            env=self._env | {"OUTREACH_HOME": str(folder / "outreach-data")},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def find_processes(self, module: str) -> list[int]:
        """Return the IDs of this service's processes that run a module."""
        found = []
        for folder in Path("/proc").glob("[0-9]*") if module else ():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().decode().split("\0")
                home = f"OUTREACH_HOME={self.home}".encode()
                if module in words and home in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def ask(self, path: str, content: dict[str, Any] | None = None) -> Any:
        """Ask the portal for JSON, or send it some.

        Raises
        ------
        OSError
            It does not answer, or refuses.
        """
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        opener = urllib.request.build_opener(jar)
        base = f"http://127.0.0.1:{self.port}/api/v1"
        headers = {"Content-Type": "application/json"}
        data = None
        if content is not None:
            with opener.open(f"{base}/me", timeout=60) as answer:
                headers["X-CSRF-Token"] = json.loads(answer.read())["token"]
            data = json.dumps(content).encode()
        request = urllib.request.Request(f"{base}{path}", data, headers)
        with opener.open(request, timeout=120) as answer:
            return json.loads(answer.read())

    def is_ready(self) -> bool:
        """Return whether jobs can be started."""
        address = f"http://127.0.0.1:{self.port}/ready"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=60) as answer:
            return bool(answer.read() == b"ready") and bool(self.find_processes("flows.serve"))
        return False


def wait_for(is_so: Callable[[], Any]) -> bool:
    """Wait until something is so; return false if that takes too long."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            if is_so():
                return True
        time.sleep(0.3)
    return False
