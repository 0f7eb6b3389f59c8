"""What an exporter is: one file form that an ad platform or a person can open, with its rules beside it."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from outreach.campaign import Campaign


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file to hand over: its name and its exact bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Exporter:
    """One way out.

    Parameters
    ----------
    title
        What people call it.
    write
        Turns checked :class:`~outreach.tables.Targets` and the campaign into files.
    notes
        What the person who uploads must know, one sentence each.
    """

    title: str
    write: Callable[[pd.DataFrame, Campaign], list[ExportFile]]
    notes: tuple[str, ...] = ()
