"""Define what a sandbox serves.

A world answers for datasets by vintage and for files by path. It knows nothing about HTTP.
"""

from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd


@dataclass(frozen=True)
class ServedDataset:
    """One dataset as the Census Data API would hold it.

    Parameters
    ----------
    rows
        By geography level (``"tract"``, ``"county"``, ...): the API's own column names, every value
        text or missing. The columns of that level's hierarchy (``state``, ``county``, ``tract``)
        come last.
    labels
        The API's label of each variable, for ``variables.json``.
    concepts
        Its concept there, such as the title of its table.
    notes
        What a figure really is, where the label alone would mislead. The service has none.
    """

    rows: dict[str, pd.DataFrame]
    labels: dict[str, str] = field(default_factory=dict)
    concepts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


class World(Protocol):
    """Anything that the server can serve."""

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        """Return the dataset at ``/data/{vintage}/{path}``, or ``None`` for a 404."""

    def file(self, path: str) -> bytes | None:
        """Return the file at a path of the file server, or ``None`` for a 404."""

    def describe(self) -> str:
        """Say in one line what is served: place, dates, source."""
