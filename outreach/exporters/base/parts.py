"""Split places into parts that stay within a platform's limits."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from outreach.errors import ExportError
from outreach.exporters.base.places import Place
from outreach.exporters.base.rules import PlatformRules
from outreach.units import UnitKind


@dataclass(frozen=True, slots=True)
class Part:
    """The places that fit into one campaign, ad set, or file."""

    number: int
    total: int
    places: tuple[Place, ...]

    @property
    def zips(self) -> list[Place]:
        """The ZIPs among the places."""
        return [place for place in self.places if place.kind == UnitKind.ZIP]

    @property
    def pins(self) -> list[Place]:
        """The pins among the places."""
        return [place for place in self.places if place.kind == UnitKind.PIN]

    @property
    def budget_usd(self) -> float:
        """The money that the plan spends on the places."""
        return math.fsum(place.budget_usd for place in self.places)

    @property
    def title(self) -> str:
        """``part 1 of 3``, or empty if there is only one."""
        return f"part {self.number} of {self.total}" if self.total > 1 else ""

    def name_file(self, stem: str, ending: str) -> str:
        """Return a file name, such as ``google-editor-part-1-of-3.csv``."""
        return "-".join([stem, *self.title.split()]) + ending


def split_places(places: Sequence[Place], rules: PlatformRules, reserved: int = 0) -> list[Part]:
    """Split places, in their order, so that each part stays within the platform's limits.

    Parameters
    ----------
    reserved
        The number of locations in every part that exclusions take up.

    Raises
    ------
    ExportError
        The exclusions alone fill a campaign.
    """
    caps: dict[str, int] = {
        kind: cap.value
        for kind, cap in ((UnitKind.ZIP, rules.caps.zips), (UnitKind.PIN, rules.caps.pins))
        if cap
    }
    most = _count_room(len(places), rules, reserved)

    # Start a new part wherever the next place would go over a limit.
    cuts, counts = [0], Counter[str]()
    for position, place in enumerate(places):
        if position - cuts[-1] >= most or counts[place.kind] >= caps.get(place.kind, len(places)):
            cuts.append(position)
            counts = Counter[str]()
        counts[place.kind] += 1

    spans = list(pairwise([*cuts, len(places)]))
    return [
        Part(number, len(spans), tuple(places[low:high]))
        for number, (low, high) in enumerate(spans, 1)
    ]


def _count_room(count: int, rules: PlatformRules, reserved: int) -> int:
    """Return how many locations fit beside the exclusions; all of them if there is no limit."""
    cap = rules.caps.locations
    if cap is None:
        return count
    if cap.value - reserved < 1:
        raise ExportError(
            f"{reserved:,} exclusions leave no room for targets: {rules.title} allows"
            f" {cap.value:,} locations in a campaign ({cap}).",
            "Export without --exclude-holdout.",
        )
    return cap.value - reserved
