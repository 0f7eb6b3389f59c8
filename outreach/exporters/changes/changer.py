"""Define what turns the files of one list into those of another, and find it by platform."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach.exporters import changes
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.rules import PlatformRules
from outreach.registry import discover


@dataclass(frozen=True, slots=True)
class Difference:
    """The files of two lists for one platform, made with the same campaign names.

    Parameters
    ----------
    old, new
        What was uploaded, and what is to be there.
    platform_rules
        The platform's rules; ``None`` for a file format without rules.
    bulk_download
        The file that the platform gives of what it holds, for its own IDs.
    """

    old: Sequence[ExportFile]
    new: Sequence[ExportFile]
    platform_rules: PlatformRules | None
    bulk_download: Path | None = None

    @property
    def rules(self) -> PlatformRules:
        """The rules, for platforms that have some."""
        if self.platform_rules is None:
            raise LookupError("this file format has no platform rules")
        return self.platform_rules


@dataclass(frozen=True, slots=True)
class Changer:
    """How one platform is told what to add, change, and remove.

    Parameters
    ----------
    write
        Turns the files of two lists into files of changes; none if nothing changes.
    notes
        What the person who uploads must know, one sentence each.
    """

    write: Callable[[Difference], list[ExportFile]]
    notes: tuple[str, ...] = ()


def find_changer(platform: str) -> Changer | None:
    """Return how a platform is told of changes; ``None`` if its files are replaced as a whole."""
    return discover(changes, "CHANGER", Changer).get(platform)
