"""Split places by language, and into parts that stay within a platform's limits."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from outreach.ad_names import write_part
from outreach.errors import ExportError
from outreach.exporters.base.languages import split_languages
from outreach.exporters.base.places import Place
from outreach.exporters.base.rules import PlatformRules
from outreach.tables import DataFrame, Targets
from outreach.units import UnitKind


@dataclass(frozen=True, slots=True)
class Part:
    """The places that fit into one campaign, ad set, or file.

    Parameters
    ----------
    number, total
        Which part this is of how many in its language.
    places
        With the money for this part.
    languages
        Codes of the languages of its ads.
    is_shared
        Whether other parts have ads in other languages.
    """

    number: int
    total: int
    places: tuple[Place, ...]
    languages: tuple[str, ...] = ()
    is_shared: bool = False

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
        """The languages, then ``part 2`` from the second part on, for the campaign's name.

        The name of a campaign stays the same if a later list has one part more.
        """
        return write_part(self.languages, self.number)

    @property
    def stem(self) -> str:
        """What tells this part's files from those of others, such as ``es-part-1-of-3``."""
        words = ["+".join(self.languages)] if self.is_shared else []
        if self.total > 1:
            words.append(f"part-{self.number}-of-{self.total}")
        return "-".join(words)

    def name_file(self, beginning: str, ending: str) -> str:
        """Return a file name, such as ``google-editor-es-part-1-of-3.csv``."""
        return "-".join([beginning, *([self.stem] if self.stem else [])]) + ending


def make_parts(
    places: Sequence[Place],
    targets: DataFrame[Targets],
    rules: PlatformRules,
    languages: Sequence[str],
    reserved: int = 0,
) -> list[Part]:
    """Split places by language, then so that each part stays within the platform's limits.

    Parameters
    ----------
    places
        From :func:`outreach.exporters.base.places.choose_places`.
    targets
        Where the places are from.
    languages
        Codes of the languages of the ads.
    reserved
        The number of locations in every part that exclusions take up.

    Raises
    ------
    ExportError
        The exclusions alone fill a campaign.
    """
    groups = split_languages(places, targets, languages)
    return [
        replace(part, languages=codes, is_shared=len(groups) > 1)
        for codes, own in groups
        for part in split_places(own, rules, reserved)
    ]


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
