"""What an exporter is: one file form that an ad platform or a person can open, with its rules beside it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from outreach import exporters
from outreach.campaign import Campaign
from outreach.errors import CampaignError
from outreach.registry import discover


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


def find_exporters(names: Iterable[str]) -> dict[str, Exporter]:
    """Return the exporters of these platforms, in their order.

    Raises
    ------
    CampaignError
        A platform has no exporter; the message names those there are.
    """
    known = discover(exporters, "EXPORTER", Exporter)
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            raise CampaignError(f"There is no platform '{name}' to export to.", f"There are: {', '.join(known)}.")
    return {name: known[name] for name in wanted}
