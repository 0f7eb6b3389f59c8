"""Keep a figure together with its source and how sure it is."""

import datetime as dt
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Status(StrEnum):
    """How far a figure can be trusted; the text is what files and tables show.

    A figure is verified by its own publisher's documentation, verified by a third party only,
    assumed because nobody publishes it, or set by the user.
    """

    VERIFIED = "VERIFIED"
    THIRD_PARTY = "VERIFIED (3P)"
    ASSUMED = "ASSUMED"
    USER = "USER"


class Evidence(BaseModel):
    """What stands behind a figure.

    Parameters
    ----------
    status
        How far it can be trusted.
    source
        Who says so: an address, a document, or a person. Never empty.
    checked
        The day on which somebody last compared the figure with its source, where one is noted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status
    source: str = Field(min_length=1)
    checked: dt.date | None = None

    def __str__(self) -> str:
        return f"{self.status}: {self.source}"


class Fact(Evidence, Generic[T]):
    """A value with the evidence for it.

    Parameters
    ----------
    value
        The figure, word, or table itself.
    """

    value: T


def date_facts(part: object, checked: dt.date) -> None:
    """Give each fact in the tables of a file the file's date unless it has one of its own."""
    if isinstance(part, dict) and "value" in part:
        part.setdefault("checked", checked)
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            date_facts(inner, checked)


def overlay_facts(base: dict[str, Any], changes: dict[str, Any], origin: str) -> dict[str, Any]:
    """Return the shipped facts with a user's facts on top.

    Parameters
    ----------
    base, changes
        Tables of facts by the same addresses. A ``checklist`` of the user replaces the shipped one.
    origin
        The user's file, which is the source of a fact that names none.
    """
    evidence = {"status": Status.USER, "source": origin}
    merged = dict(base)
    for name, change in changes.items():
        if isinstance(change, dict) and "value" in change:
            merged[name] = evidence | change
        elif isinstance(change, dict):
            merged[name] = overlay_facts(base.get(name, {}), change, origin)
        elif name == "checklist" and isinstance(change, list):
            merged[name] = [
                evidence | (item if isinstance(item, dict) else {"value": item}) for item in change
            ]
        else:
            merged[name] = change
    return merged
