"""Keep the processes of the service running as one family.

Nothing here imports Prefect: the family's head only starts others, looks after them, and stops them
in order.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from outreach.errors import SettingsError

#: Set in the environment of the service's processes: they end with their parent.
SERVED = "OUTREACH_SERVED"
#: Seconds between two looks, and the longest wait before a child that keeps failing starts again.
_LOOK_SECONDS, _LONGEST_PAUSE = 0.3, 30.0
#: A child that lives this long has started well.
_SETTLED_SECONDS = 60.0
#: So many failed starts in a row are no accident.
_MOST_FAILURES = 5
#: Seconds that a child has to end by itself.
_PATIENCE = {"portal": 10.0, "flows": 25.0, "prefect": 10.0}


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the family.

    Parameters
    ----------
    name
        What it is, also the name of its log.
    command
        The arguments after Python itself.
    is_ready
        Whether it can be used; the next child starts only then.
    env
        What its environment has beyond that of all.
    """

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    env: Mapping[str, str] = field(default_factory=dict)


class Family:
    """Processes that start one after the other and end in the reverse order.

    Parameters
    ----------
    children
        In the order in which they need one another.
    env
        Their environment.
    logs
        Folder of their logs.
    announce
        Takes a sentence for the person at the terminal.
    """

    def __init__(
        self,
        children: Sequence[Child],
        env: Mapping[str, str],
        logs: Path,
        announce: Callable[[str], None],
    ) -> None:
        self._children, self._env, self._logs, self._announce = children, env, logs, announce
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._failures: dict[str, int] = {}

    def run(self, start_seconds: float = 600) -> None:
        """Start all, and start again whichever ends, until an interruption.

        Raises
        ------
        SettingsError
            A child does not start. The message names its log.
        """
        try:
            for child in self._children:
                self._start(child)
                self._wait_until_ready(child, start_seconds)
            self._announce("The service is ready. Stop it with Ctrl-C.")
            while True:
                time.sleep(_LOOK_SECONDS)
                for child in self._children:
                    if self._processes[child.name].poll() is not None:
                        self._start_again(child)
        finally:
            self._stop()

    def find_process_id(self, name: str) -> int:
        """Return the process ID of a child."""
        return self._processes[name].pid

    def _start(self, child: Child) -> None:
        """Start one child; it ends with us, however we end."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with self._find_log(child).open("ab") as log:
            self._processes[child.name] = subprocess.Popen(  # noqa: S603  our own modules
                [sys.executable, *child.command],
                env={**self._env, **child.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we end the children in order
            )
        self._started[child.name] = time.monotonic()

    def _start_again(self, child: Child) -> None:
        """Start a child that ended; after each failure in a row wait longer."""
        lived = time.monotonic() - self._started[child.name]
        failures = 1 if lived > _SETTLED_SECONDS else self._failures.get(child.name, 0) + 1
        self._failures[child.name] = failures
        if failures > _MOST_FAILURES:
            raise self._explain(child, f"stopped {failures} times in a row")
        self._announce(f"The process '{child.name}' stopped; it is started again.")
        time.sleep(min(2.0 ** (failures - 1), _LONGEST_PAUSE))
        self._start(child)

    def _wait_until_ready(self, child: Child, seconds: float) -> None:
        """Return once a child can be used."""
        deadline = time.monotonic() + seconds
        while not child.is_ready():
            if self._processes[child.name].poll() is not None:
                raise self._explain(child, "does not start")
            if time.monotonic() > deadline:
                raise self._explain(child, f"is not ready after {seconds:.0f} seconds")
            time.sleep(_LOOK_SECONDS)

    def _stop(self) -> None:
        """End all in the reverse order: nothing new is asked for, then nothing is running."""
        for child in reversed(self._children):
            process = self._processes.get(child.name)
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(_PATIENCE.get(child.name.partition("-")[0], 10.0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _explain(self, child: Child, reason: str) -> SettingsError:
        """Return what to tell the person when a child cannot be kept."""
        log = self._find_log(child)
        last = ""
        with contextlib.suppress(OSError):
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = f" Its last words are: {lines[-1]}" if lines else ""
        return SettingsError(
            f"The process '{child.name}' of the service {reason}; its log is {log}.{last}",
            "Fix what the log says, and start the service again. All complete runs are safe.",
        )

    def _find_log(self, child: Child) -> Path:
        return self._logs / f"{child.name}.log"


def leave_with_parent() -> None:
    """Stop this process as soon as its parent is gone, even if the parent was killed."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
