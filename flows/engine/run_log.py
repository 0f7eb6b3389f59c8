"""Write a log of each run, one JSON object a line, also of a run that fails."""

import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

from outreach.errors import OutreachError

#: Most logs that are kept; the oldest goes first.
_KEPT = 500


class RunLog:
    """The log of one run: ``logs/<run>.jsonl`` of the service's folder.

    Each line has ``at`` (UTC), ``run``, and ``event``: ``begins``, ``step``, ``note``, ``fails``,
    ``ends``. A log that cannot be written stops no run.

    Parameters
    ----------
    home
        The service's folder.
    run_id
        The run.
    """

    def __init__(self, home: Path, run_id: str) -> None:
        self.path = home / "logs" / f"{run_id}.jsonl"
        self._run_id = run_id

    def write(self, event: str, **facts: object) -> None:
        """Append one line."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": now, "run": self._run_id, "event": event, **facts}, default=str)
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


@contextlib.contextmanager
def open_log(home: Path, run_id: str, **facts: object) -> Iterator[RunLog]:
    """Log the begin and the end of the block, or why it failed.

    Parameters
    ----------
    home, run_id
        As :class:`RunLog` takes them.
    facts
        What the first line says beside them.
    """
    log = RunLog(home, run_id)
    with contextlib.suppress(OSError):
        for old in sorted(log.path.parent.glob("*.jsonl"))[:-_KEPT]:
            old.unlink()
    log.write("begins", **facts)
    try:
        yield log
    except OutreachError as error:
        log.write("fails", error=str(error), kind=type(error).__name__)
        raise
    except BaseException as error:  # its text may have an address with a key: the kind only
        log.write("fails", kind=type(error).__name__)
        raise
    log.write("ends")
