"""Define what an exporter is and what it receives."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from outreach import exporters
from outreach.ad_names import TAG_LENGTH, write_ad_name
from outreach.campaign import CampaignKind
from outreach.campaign.ad_formats import choose_format
from outreach.errors import CampaignError
from outreach.registry import discover
from outreach.tables import DataFrame, Targets

#: How the name of a checklist goes on after the platform.
CHECKLIST = "-checklist"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file to hand over: its name and its exact bytes."""

    name: str
    content: bytes

    @property
    def is_checklist(self) -> bool:
        """Whether it is for the person who uploads and not for the platform."""
        return f"{CHECKLIST}." in self.name


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A table for people beside the list: its name in a run, its title, and its rows."""

    name: str
    title: str
    table: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the campaign behind the list: its key, its value, and what it means."""

    name: str
    value: str | int | float
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """What the planner decided, as far as ad files depend on it.

    Parameters
    ----------
    name
        The campaign's name.
    deadline
        The day by which the goal should be reached.
    budget_usd
        All the money of the campaign.
    kind
        What the ads are for; platforms restrict job ads.
    languages
        ISO codes of the languages that the ads are written in.
    flight
        First and last day of the ads, where the planner set them.
    settings
        Every setting behind the list, for the workbook.
    overlaps
        Whether the planner lets ads reach into held-out units (no buffers).
    fee_percent, fee_billed_by
        Fees on top of the media, and who bills them: ``agency`` or ``platform``.
    ad_formats
        The format of the ads that were priced, by platform
        (:mod:`outreach.campaign.ad_formats`).
    coming_census
        For a plan, the census that has not begun; ``None`` in a season.
    """

    name: str
    deadline: dt.date
    budget_usd: float
    kind: CampaignKind = CampaignKind.PARTICIPATION
    languages: tuple[str, ...] = ("en",)
    flight: tuple[dt.date, dt.date] | None = None
    settings: tuple[Setting, ...] = ()
    overlaps: bool = False
    fee_percent: float = 0.0
    fee_billed_by: str = "agency"
    ad_formats: Mapping[str, str] = field(default_factory=dict)
    coming_census: int | None = None

    @property
    def date_title(self) -> str:
        """What the date of a list is: that of its data, or of the plan."""
        return "Data of" if self.coming_census is None else f"Plan for {self.coming_census}, of"

    def find_format(self, platform: str) -> str:
        """Return the format of the ads on a platform: what was priced, or its usual one."""
        return self.ad_formats.get(platform) or choose_format(platform)

    @property
    def recruits(self) -> bool:
        """Whether the ads look for census workers."""
        return self.kind is CampaignKind.RECRUITMENT


@dataclass(frozen=True, slots=True, eq=False)
class ExportContext:
    """What goes into the files besides the targets.

    Parameters
    ----------
    brief
        What the planner decided.
    run_id
        The run that the targets come from.
    version
        Hash of the written plan; empty if the run has none.
    campaign_tag
        The hash or run that campaigns were named by when they were first uploaded; empty for
        campaigns that are named by this list.
    approved_by
        Who approved the list; empty for a draft.
    shapes
        Polygons of tracts by GEOID (EPSG:4326), for targets without a geometry column.
    geotargets
        Google's ``geotargets-YYYY-MM-DD.csv``, zipped or not.
    location_codes
        Microsoft's file of geographical location codes.
    routes
        The user's file of carrier routes.
    markets
        The user's table of media markets by county.
    members
        How much of each tract lies in each target: ``geoid``, ``unit_id``, and ``weight``.
    rules_folder
        Folder with the user's own ``<platform>.toml``; see
        :func:`outreach.exporters.base.rules.load_rules`.
    exclude_holdout
        Whether to list holdout and buffer units as exclusions where a platform allows it.
    views
        Tables for people that go into the workbook.
    test_warning
        That the test of the list cannot be read out, and why; empty if it can be.
    today
        The day of the export, to say which rules are old; ``None`` says nothing.
    """

    brief: Brief
    run_id: str
    version: str = ""
    campaign_tag: str = ""
    approved_by: str = ""
    shapes: "pd.Series[Any] | None" = None
    geotargets: Path | None = None
    location_codes: Path | None = None
    routes: Path | None = None
    markets: Path | None = None
    members: pd.DataFrame | None = None
    rules_folder: Path | None = None
    exclude_holdout: bool = False
    views: tuple[View, ...] = ()
    test_warning: str = ""
    today: dt.date | None = None

    @property
    def approval(self) -> str:
        """Who approved the list, or that it is a draft."""
        return f"approved by {self.approved_by}" if self.approved_by else "DRAFT"

    @property
    def full_version(self) -> str:
        """The plan's hash, or the run's name if there is no plan."""
        return self.version or self.run_id

    @property
    def tag(self) -> str:
        """The start of the version that campaigns are named by, long enough to find the list."""
        return (self.campaign_tag or self.full_version)[:TAG_LENGTH]

    def name_campaign(self, max_length: int, part: str = "") -> str:
        """Return the campaign's name on a platform: name, arm, version, language, and part.

        Approval changes nothing in it, and it carries nobody's name.
        """
        return write_ad_name(self.brief.name, self.tag, part, max_length)


@dataclass(frozen=True, slots=True)
class Exporter:
    """One platform or file format.

    Parameters
    ----------
    title
        What people call it.
    write
        Turns checked targets and the context into files. Raises ``ExportError`` for targets that
        the platform would refuse.
    notes
        What the person who uploads must know, one sentence each.
    """

    title: str
    write: Callable[[DataFrame[Targets], ExportContext], list[ExportFile]]
    notes: tuple[str, ...] = ()


def find_exporters(names: Iterable[str]) -> dict[str, Exporter]:
    """Return the exporters with these names, in their order and each once.

    Raises
    ------
    CampaignError
        A name has no exporter; the message lists those that exist.
    """
    exporters_by_name = discover(exporters, "EXPORTER", Exporter)
    names = list(dict.fromkeys(names))
    for name in names:
        if name not in exporters_by_name:
            near = get_close_matches(name.casefold(), exporters_by_name, n=1)
            hint = f"Did you mean '{near[0]}'? " if near else ""
            raise CampaignError(
                f"There is no platform '{name}' to export to.",
                f"{hint}Choose from: {', '.join(exporters_by_name)}.",
            )
    return {name: exporters_by_name[name] for name in names}
