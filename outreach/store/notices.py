"""Keep what the service has to tell its people, and who was told.

The notices are ``service/notices.jsonl`` of the service's folder, and what became of each on its
way ``service/deliveries.jsonl``.
"""

import datetime as dt
from collections import defaultdict
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from outreach.store.database import Database
from outreach.store.journal import open_journal


class NoticeKind(StrEnum):
    """Why people are told."""

    FAILED = "failed"
    LATE = "late"
    STALE = "stale"
    CHANGED = "changed"
    TEST = "test"


class Notice(BaseModel):
    """Something that people have to know.

    Parameters
    ----------
    key
        The cause; nobody is told twice of the same one.
    kind
        Why people are told.
    at
        When it was noticed.
    title
        What happened, in a few words.
    what
        What failed, or what is late, stale, or changed, in a sentence or two.
    todo
        What to do, in a sentence.
    place
        The page of the portal that shows it, such as ``/jobs/...``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    kind: NoticeKind
    at: dt.datetime
    title: str
    what: str
    todo: str
    place: str = "/notices"


class Delivery(BaseModel):
    """One try to bring a notice to people: over which channel, when, and what went wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    channel: str
    at: dt.datetime
    fault: str = ""


class NoticeBook:
    """The notices of a service's folder.

    Parameters
    ----------
    home
        The service's folder.
    database
        Where they are instead, if there is one.
    """

    def __init__(self, home: Path, database: Database | None = None) -> None:
        folder = home / "service"
        self._notices = open_journal(folder / "notices.jsonl", Notice, "list of notices", database)
        self._deliveries = open_journal(
            folder / "deliveries.jsonl", Delivery, "list of deliveries", database
        )

    def add(self, notice: Notice) -> bool:
        """Keep a notice, unless its cause is known; return whether it is new."""
        if any(known.key == notice.key for known in self._notices.read()):
            return False
        self._notices.append(notice)
        return True

    def note(self, delivery: Delivery) -> None:
        """Keep what became of a notice on its way."""
        self._deliveries.append(delivery)

    def read(self, most: int | None = None) -> list[Notice]:
        """Return the notices, the newest first."""
        return self._notices.read(most)

    def read_deliveries(self) -> dict[str, list[Delivery]]:
        """Return all tries by the key of the notice, the first one first."""
        tries: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in reversed(self._deliveries.read()):
            tries[delivery.key].append(delivery)
        return dict(tries)
