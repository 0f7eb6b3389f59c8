"""Write down who did what, one line for each act, and never change a line.

The log is ``service/audit.jsonl`` of the service's folder.
"""

import datetime as dt
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from outreach.errors import StoreError


class Act(BaseModel):
    """One act: when, who with which role, what, on which object, and from which address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: dt.datetime
    who: str
    role: str
    act: str
    what: str = ""
    detail: str = ""
    address: str = ""


class AuditLog:
    """The acts of a service's folder.

    Parameters
    ----------
    home
        The service's folder.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "service" / "audit.jsonl"

    def append(self, act: Act) -> None:
        """Write one act to the end of the log, and to the disk, before anything goes on.

        Raises
        ------
        StoreError
            The log cannot be written; then the act must not happen either.
        """
        line = act.model_dump_json().encode("utf-8") + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise StoreError(
                f"Cannot write the audit log {self._path}: {error.strerror}.",
                "Free some space. Nothing is done that cannot be written down.",
            ) from error

    def read(self, most: int | None = None) -> list[Act]:
        """Return the acts, the newest first.

        Parameters
        ----------
        most
            Number of acts; by default all. A line that a power cut broke off is left out.
        """
        if not self._path.is_file():
            return []
        lines = self._path.read_bytes().splitlines()
        acts = []
        for line in reversed(lines):
            try:
                acts.append(Act.model_validate_json(line))
            except ValidationError:
                continue
            if most is not None and len(acts) >= most:
                break
        return acts
