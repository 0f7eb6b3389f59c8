"""What an exporter is: one file form that an ad platform or a person can open, and what it is told besides the targets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from outreach import exporters
from outreach.campaign import Campaign
from outreach.errors import CampaignError
from outreach.exporters.base.cells import clean_text, defuse
from outreach.registry import discover

#: So much of a plan's hash, or of a run's name, stands in a campaign's name on a platform;
#: 'outreach' finds a run by its beginning.
_TAG_LENGTH = 19
_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file to hand over: its name and its exact bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A table for people beside the list: its name in a run, what people call it, and its rows."""

    name: str
    title: str
    table: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class ExportContext:
    """What an export says about itself, and the lists that a user supplies.

    Parameters
    ----------
    campaign
        What the planner asked.
    run_id
        The run that the targets come from.
    version
        Hash of the written plan; the run's name where there is none.
    approved_by
        Who approved the list; empty for a draft.
    shapes
        Polygons of tracts by GEOID (EPSG:4326), where the targets carry none.
    geotargets
        Google's ``geotargets-YYYY-MM-DD.csv``, zipped or not.
    location_codes
        Microsoft's file of geographical location codes.
    rules_folder
        Where the user's own ``<platform>.toml`` may stand; see
        :func:`outreach.exporters.base.rules.load_rules`.
    exclude_holdout
        List holdout and buffer units as exclusions where a platform takes them.
    views
        Tables for people that go into the workbook.
    """

    campaign: Campaign
    run_id: str
    version: str = ""
    approved_by: str = ""
    shapes: "pd.Series[Any] | None" = None
    geotargets: Path | None = None
    location_codes: Path | None = None
    rules_folder: Path | None = None
    exclude_holdout: bool = False
    views: tuple[View, ...] = ()

    @property
    def approval(self) -> str:
        """Whether the list was approved, and by whom."""
        return f"approved by {self.approved_by}" if self.approved_by else "DRAFT"

    @property
    def full_version(self) -> str:
        """The plan's hash, or the run's name."""
        return self.version or self.run_id

    @property
    def tag(self) -> str:
        """The beginning of the version: enough to find the plan or the run by."""
        return self.full_version[:_TAG_LENGTH]

    def name_campaign(self, longest: int, part: str = "") -> str:
        """Return what the campaign is called on a platform: name, arm, version, approval, part.

        The planner's name is cut where the whole would be longer than ``longest`` characters; the
        rest, by which reports join back, never is.
        """
        tail = " | ".join(
            [
                "",
                "treat",
                self.tag,
                clean_text(self.approval)[:_NAME_LENGTH],
                *([part] if part else []),
            ]
        )
        head = defuse(self.campaign.name)[: max(longest - len(tail), 1)].strip()
        return f"{head or 'Campaign'}{tail}"


@dataclass(frozen=True, slots=True)
class Exporter:
    """One way out.

    Parameters
    ----------
    title
        What people call it.
    write
        Turns checked :class:`~outreach.tables.Targets` and the context into files; raises
        ``ExportError`` for what the platform would refuse.
    notes
        What the person who uploads must know, one sentence each.
    """

    title: str
    write: Callable[[pd.DataFrame, ExportContext], list[ExportFile]]
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
            raise CampaignError(
                f"There is no platform '{name}' to export to.", f"There are: {', '.join(known)}."
            )
    return {name: known[name] for name in wanted}
