"""Keep a figure together with its source and how sure it is."""

import datetime as dt
from enum import StrEnum
from typing import Generic, TypeVar

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
