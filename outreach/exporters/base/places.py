"""The places that a platform is given: targets of the advertised arm, held against the platform's rules, split at its caps."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from outreach.campaign import Campaign, CampaignKind
from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.base.rules import PlatformRules, Radius

#: Words of a column's name that say it holds a protected trait. Languages are not traits: ads need
#: them (``..._indo_european_english_...``).
_TRAITS = re.compile(
    r"rac(e|es|ial)|ethnic\w*|hispanics?|latin[aox]s?|nativity|native|foreign|born|immigra\w*|(non)?citizen\w*|nationality|ancestry"
    r"|religio\w*|bl(ac)?k|white|asian|aian|nhop?i|tribal"
)
_LANGUAGES = frozenset(("language", "languages", "english", "lang"))

_KIND_WORDS = {"tract": "census tracts", "zip": "ZIPs", "pin": "pins", "polygon": "polygons"}


@dataclass(frozen=True, slots=True)
class Place:
    """One place to advertise in, or to leave out; ``radius`` in the platform's unit, missing for all but pins."""

    unit_id: str
    kind: str
    place: str
    label: str
    latitude: float
    longitude: float
    radius: float
    households_count: float
    budget_usd: float


@dataclass(frozen=True, slots=True)
class Part:
    """What fits into one campaign, ad set or file."""

    number: int
    of: int
    places: tuple[Place, ...]

    @property
    def zips(self) -> list[Place]:
        """The ZIPs among the places."""
        return [place for place in self.places if place.kind == "zip"]

    @property
    def pins(self) -> list[Place]:
        """The pins among the places."""
        return [place for place in self.places if place.kind == "pin"]

    @property
    def budget_usd(self) -> float:
        """What the plan spends on the places."""
        return math.fsum(place.budget_usd for place in self.places)

    @property
    def title(self) -> str:
        """``part 1 of 3``, or nothing where there is only one."""
        return f"part {self.number} of {self.of}" if self.of > 1 else ""

    def name_file(self, stem: str, ending: str) -> str:
        """Return a file's name, such as ``google-editor-part-1-of-3.csv``."""
        return "-".join([stem, *self.title.split()]) + ending


def refuse_protected_traits(targets: pd.DataFrame) -> None:
    """Stop where a list carries a protected trait: race, ethnicity, nativity, citizenship or religion are never an input to an ad.

    Raises
    ------
    ExportError
        A column's name says that it holds one.
    """
    for column in targets.columns:
        words = re.split(r"[^a-z]+", str(column).lower())
        if any(map(_TRAITS.fullmatch, words)) and _LANGUAGES.isdisjoint(words):
            raise ExportError(
                f"The targets carry the column '{column}', which names a protected trait.",
                "Take it out of the list: such traits are never an input to an ad file.",
            )


def choose_places(
    targets: pd.DataFrame, rules: PlatformRules, context: ExportContext
) -> list[Place]:
    """Return the places to advertise in, best first; holdout and buffer units are never among them.

    Parameters
    ----------
    targets
        Checked :class:`~outreach.tables.Targets`.

    Raises
    ------
    ExportError
        Nothing is there to advertise in, or the platform would refuse a place; the message names
        the rule and how sure it is.
    """
    refuse_protected_traits(targets)
    chosen = targets[targets["arm"] == "treat"].sort_values(["rank", "place"], kind="stable")
    if chosen.empty:
        raise ExportError(
            f"There is no target to give to {rules.title}, and a campaign without places would be shown everywhere.",
            "Raise the budget, or choose other targets.",
        )
    _refuse_kinds(chosen, rules)
    places = _list_places(chosen, rules)
    if context.campaign.kind is CampaignKind.RECRUITMENT:
        _refuse_small_areas(places, rules)
    return places


def choose_exclusions(
    targets: pd.DataFrame, rules: PlatformRules, context: ExportContext
) -> list[Place]:
    """Return the holdout and buffer units that the platform can leave out, where the context asks for it.

    Raises
    ------
    ExportError
        The campaign recruits, and the platform allows job ads no exclusions.
    """
    if not context.exclude_holdout:
        return []
    if (
        context.campaign.kind is CampaignKind.RECRUITMENT
        and rules.recruitment
        and not rules.recruitment.exclusions.value
    ):
        raise ExportError(
            f"{rules.title} allows ads that recruit to exclude no location ({rules.recruitment.exclusions}).",
            "Export without --exclude-holdout.",
        )
    out = targets[(targets["arm"] != "treat") & targets["kind"].isin(rules.exclusions.value)]
    return _list_places(out.sort_values(["rank", "place"], kind="stable"), rules)


def split_places(places: Sequence[Place], rules: PlatformRules, reserved: int = 0) -> list[Part]:
    """Split places, in their order, into the parts that the platform's caps ask for.

    Parameters
    ----------
    reserved
        So many locations of every part are taken up by exclusions.

    Raises
    ------
    ExportError
        The exclusions alone fill a campaign.
    """
    caps = {
        kind: cap.value for kind, cap in (("zip", rules.caps.zips), ("pin", rules.caps.pins)) if cap
    }
    most = len(places)
    if cap := rules.caps.locations:
        most = cap.value - reserved
        if most < 1:
            raise ExportError(
                f"{reserved:,} exclusions leave no room for a target among the {cap.value:,} locations of a campaign of {rules.title} ({cap}).",
                "Export without --exclude-holdout.",
            )
    cuts, held = [0], dict.fromkeys(_KIND_WORDS, 0)
    for position, place in enumerate(places):
        if position - cuts[-1] >= most or held[place.kind] >= caps.get(place.kind, len(places)):
            cuts.append(position)
            held = dict.fromkeys(_KIND_WORDS, 0)
        held[place.kind] += 1
    spans = list(pairwise([*cuts, len(places)]))
    return [
        Part(number, len(spans), tuple(places[low:high]))
        for number, (low, high) in enumerate(spans, 1)
    ]


def fit_radius(radius_km: float, bounds: Radius) -> float:
    """Return a radius in the platform's unit, rounded up to its step and never below its least.

    Raises
    ------
    ExportError
        It is larger than the platform takes.
    """
    wanted = bounds.from_km(radius_km)
    steps = math.ceil(round(max(wanted, bounds.minimum.value) / bounds.step.value, 6))
    radius: float = round(steps * bounds.step.value, 6)
    if not radius <= bounds.maximum.value:
        raise ExportError(
            f"A pin of {wanted:g} {bounds.unit.value} is larger than the {bounds.maximum.value:g} {bounds.unit.value} allowed"
            f" ({bounds.maximum}).",
            "Cover the area with more and smaller pins.",
        )
    return radius


def list_flight_days(campaign: Campaign, targets: pd.DataFrame) -> tuple[dt.date, dt.date]:
    """Return first and last day of the ads: of the flight, or from the data date to the deadline."""
    if campaign.flight:
        return campaign.flight.start, campaign.flight.end
    first = targets["data_date"].max().date()
    return first, max(first, campaign.deadline)


def daily_budget_usd(part: Part, campaign: Campaign, targets: pd.DataFrame) -> float:
    """Return the money of a part over the days of the ads, first and last day included."""
    first, last = list_flight_days(campaign, targets)
    return part.budget_usd / ((last - first).days + 1)


def _refuse_kinds(chosen: pd.DataFrame, rules: PlatformRules) -> None:
    """Stop where the platform does not take a kind of place."""
    for kind, count in chosen["kind"].value_counts().items():
        if kind not in rules.units.value:
            options = " or ".join(
                f'kind = "{one}s"' for one in ("zip", "pin") if one in rules.units.value
            )
            raise ExportError(
                f"{count:,} of the targets are {_KIND_WORDS[str(kind)]}; {rules.title}:"
                f" {' and '.join(_KIND_WORDS[one] for one in rules.units.value)} only ({rules.units}).",
                f"Set {options} under [units] in the campaign and run it again.",
            )


def _list_places(chosen: pd.DataFrame, rules: PlatformRules) -> list[Place]:
    """Turn rows of Targets into places, refusing what cannot be one."""
    columns = [
        "kind",
        "place",
        "label",
        "latitude",
        "longitude",
        "radius_km",
        "households_count",
        "budget_usd",
    ]
    places: list[Place] = []
    seen: set[str] = set()
    for unit_id, kind, code, label, latitude, longitude, radius_km, households, budget in chosen[
        columns
    ].itertuples():
        radius = math.nan
        if kind == "zip":
            if not re.fullmatch(r"[0-9]{5}", code):
                raise ExportError(
                    f"The ZIP {code!r} of {unit_id} has not five digits.", "Keep ZIPs as text."
                )
            if code in seen:
                raise ExportError(
                    f"The ZIP {code} stands twice in the targets.", "Keep one row for each ZIP."
                )
            seen.add(code)
        elif kind == "pin":
            if not all(map(math.isfinite, (latitude, longitude, radius_km))):
                raise ExportError(
                    f"The pin {unit_id} has no point or no radius.", "Choose the pins again."
                )
            radius = fit_radius(radius_km, rules.radius) if rules.radius else radius_km
        places.append(
            Place(str(unit_id), kind, code, label, latitude, longitude, radius, households, budget)
        )
    return places


def _refuse_small_areas(places: Sequence[Place], rules: PlatformRules) -> None:
    """Stop where ads that recruit may not be aimed so narrowly."""
    if (law := rules.recruitment) is None:
        return
    if not law.zips.value and any(place.kind == "zip" for place in places):
        raise ExportError(
            f"{rules.title} allows ads that recruit no targeting by ZIP ({law.zips}).",
            "Use cities or counties in the platform itself, or pins of at least 25 km.",
        )
    unit, least = rules.unit.value, law.least_radius
    for place in places:
        if least and place.kind == "pin" and place.radius < least.value:
            raise ExportError(
                f"The pin {place.unit_id} has a radius of {place.radius:g} {unit}, and {rules.title} allows ads that recruit none under"
                f" {least.value:g} {unit} ({least}).",
                "Choose fewer and larger pins.",
            )
