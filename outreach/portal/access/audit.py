"""Write down who did what, one line for each act, and never change a line.

The log is ``service/audit.jsonl`` of the service's folder, or a journal of the database.
"""

import datetime as dt
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from outreach.store import Database, Journal, open_journal


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


def open_audit_log(home: Path, database: Database | None = None) -> Journal[Act]:
    """Return the acts of a service, in its folder or in its database."""
    return open_journal(home / "service" / "audit.jsonl", Act, "audit log", database)


def describe_approval(reason: str, *, accepts: bool) -> str:
    """Return what the log says of an approval: why, and whether its test may stay without result.

    Parameters
    ----------
    reason
        In the person's words; may be empty.
    accepts
        Whether the person accepts a test that cannot be read out.
    """
    parts = [" ".join(reason.split()), "unreadable test accepted" if accepts else ""]
    return "; ".join(part for part in parts if part)
