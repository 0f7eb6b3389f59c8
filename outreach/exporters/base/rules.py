"""Read what a platform accepts: limits, headers, bounds, and fixed words.

The facts are in ``rules/<platform>.toml`` beside the exporter, taken from the platform reference
(checked November 2026). Each has a status, a source, and a value. A user who knows better puts a
file of the same name into a folder of their own and writes there only what differs.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach import exporters
from outreach.errors import ExportError
from outreach.evidence import Fact, date_facts, overlay_facts
from outreach.user_files.toml import read_toml

KM_PER_MILE = 1.609344

#: A fact that was compared with its source within this time is not old.
_FRESH = dt.timedelta(days=183)

#: Maximum length of a name where a platform states no limit.
_NAME_LENGTH = 255


class RadiusUnit(StrEnum):
    """The unit of a platform's radii."""

    KILOMETERS = "km"
    MILES = "mi"


class _Rules(BaseModel):
    """What all parts of the rules have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Caps(_Rules):
    """How much one campaign, ad set, or file may hold; names in characters.

    ``least_daily_usd`` is the smallest budget for a day that the platform takes.
    """

    locations: Fact[int] | None = None
    zips: Fact[int] | None = None
    pins: Fact[int] | None = None
    campaign_name: Fact[int] | None = None
    label: Fact[int] | None = None
    pin_name: Fact[int] | None = None
    least_daily_usd: Fact[float] | None = None


class Radius(_Rules):
    """Bounds of a pin's radius, all in ``unit``. Every radius is a multiple of ``step``.

    A platform with ``least_people`` widens circles that hold fewer; ``people_per_household`` turns
    the households that we count into people.
    """

    unit: Fact[RadiusUnit]
    minimum: Fact[float]
    maximum: Fact[float]
    step: Fact[float]
    least_people: Fact[int] | None = None
    people_per_household: Fact[float] | None = None

    def to_km(self, radius: float) -> float:
        """Convert a radius from this platform's unit to kilometers."""
        return radius * (KM_PER_MILE if self.unit.value is RadiusUnit.MILES else 1)

    def from_km(self, radius_km: float) -> float:
        """Convert kilometers to this platform's unit without rounding or bounds."""
        return radius_km / (KM_PER_MILE if self.unit.value is RadiusUnit.MILES else 1)


class Recruitment(_Rules):
    """The targeting that is left for job ads; the radius in the platform's unit."""

    zips: Fact[bool]
    exclusions: Fact[bool]
    least_radius: Fact[float] | None = None


class PlatformRules(_Rules):
    """Everything that one platform requires.

    Parameters
    ----------
    platform, title
        The platform's name in the campaign file, and what people call it.
    checked
        The day on which the facts were last compared with their sources.
    units, exclusions
        Kinds of :class:`~outreach.tables.Targets` that can be advertised in and excluded.
    bom
        Whether text files start with a byte-order mark.
    caps, radius, recruitment
        Limits; ``None`` where the platform has none.
    columns
        Headers in order, by the name of their file.
    text
        Fixed words in the files, by name.
    tables
        Small tables of words, by name.
    checklist
        What a person must check before the upload.
    """

    platform: str
    title: str
    checked: dt.date
    units: Fact[tuple[str, ...]]
    exclusions: Fact[tuple[str, ...]]
    bom: Fact[bool]
    caps: Caps = Caps()
    radius: Radius | None = None
    recruitment: Recruitment | None = None
    columns: dict[str, Fact[tuple[str, ...]]] = Field(default_factory=dict)
    text: dict[str, Fact[str]] = Field(default_factory=dict)
    tables: dict[str, Fact[dict[str, str]]] = Field(default_factory=dict)
    checklist: tuple[Fact[str], ...] = ()

    def header(self, name: str) -> tuple[str, ...]:
        """Return the columns of one of its files."""
        return self.columns[name].value

    def word(self, name: str) -> str:
        """Return one of its fixed words."""
        return self.text[name].value

    @property
    def unit(self) -> RadiusUnit:
        """The unit of this platform's radii."""
        return self.radius.unit.value if self.radius else RadiusUnit.KILOMETERS

    @property
    def unit_word(self) -> str:
        """The word that this platform uses for its radius unit."""
        return self.word("miles" if self.unit is RadiusUnit.MILES else "kilometers")

    @property
    def name_length(self) -> int:
        """The maximum length of a campaign's name, in characters."""
        return self.caps.campaign_name.value if self.caps.campaign_name else _NAME_LENGTH

    @property
    def label_length(self) -> int:
        """The maximum length of a label, in characters."""
        return self.caps.label.value if self.caps.label else _NAME_LENGTH

    def name_languages(self, codes: Iterable[str]) -> list[str]:
        """Return the platform's own codes of languages; none where it knows one of them not.

        A campaign that is limited to some of its languages would lose the readers of the others.
        """
        known: dict[str, str] = {}
        for table in ("languages_assumed", "languages"):
            known |= self.tables[table].value if table in self.tables else {}
        names = [known.get(code) or known.get(code.split("-")[0], "") for code in codes]
        return list(dict.fromkeys(names)) if all(names) else []

    def cut_label(self, label: str) -> str:
        """Shorten a pin's label to the length that the platform allows."""
        return label[: self.caps.pin_name.value if self.caps.pin_name else _NAME_LENGTH].strip()

    def facts(self) -> Iterator[tuple[str, Fact[Any]]]:
        """List every fact with its address in the file, such as ``caps.pins``."""
        yield from _list_facts(self, "")


def list_platforms() -> tuple[str, ...]:
    """Name the platforms that have rules, in alphabetical order."""
    return tuple(sorted(_find_rule_files()))


def load_rules(platform: str, folder: Path | None = None) -> PlatformRules:
    """Read the rules of a platform.

    Parameters
    ----------
    platform
        One of :func:`list_platforms`.
    folder
        Where the user's own ``<platform>.toml`` may be. It names only what differs, by the same
        addresses. A fact without a status becomes ``USER`` with the file as its source. A
        ``checklist`` in it replaces the shipped one.

    Raises
    ------
    ExportError
        The user's file cannot be read or is not in the right form.
    """
    shipped: dict[str, Any] = tomllib.loads(
        _find_rule_files()[platform].read_text(encoding="utf-8")
    )
    date_facts(shipped, shipped["checked"])
    own = folder / f"{platform}.toml" if folder else None
    if own is None or not own.is_file():
        return PlatformRules.model_validate(shipped)

    hint = "Write each fact like this: caps.pins = {value = 400, source = 'our account manager'}."
    changes = read_toml(own, "the rules", hint, ExportError)
    try:
        _refuse_unknown_facts(shipped, changes, own)
        _refuse_mixed_units(changes, own)
        return PlatformRules.model_validate(overlay_facts(shipped, changes, str(own)))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        address = ".".join(map(str, fault["loc"]))
        raise ExportError(f"{own}: '{address}' is wrong: {fault['msg']}.", hint) from error


def list_old_facts(rules: PlatformRules, today: dt.date) -> list[tuple[str, dt.date]]:
    """Return the facts that nobody compared with their source for six months, oldest first.

    Returns
    -------
    list
        The address of each, and the day when it was last compared.
    """
    old = [
        (address, fact.checked)
        for address, fact in rules.facts()
        if fact.checked and today - fact.checked > _FRESH
    ]
    return sorted(old, key=lambda fact: (fact[1], fact[0]))


def _find_rule_files() -> dict[str, Path]:
    """Return the rules file of each platform, from every folder that holds exporters."""
    return {
        path.stem: path
        for folder in exporters.__path__
        for path in sorted(Path(folder).glob("rules/*.toml"))
    }


def _list_facts(part: object, address: str) -> Iterator[tuple[str, Fact[Any]]]:
    """Walk through models, dictionaries, and tuples down to the facts."""
    match part:
        case Fact():
            yield address, part
        case BaseModel():
            for name in type(part).model_fields:
                yield from _list_facts(getattr(part, name), f"{address}.{name}".lstrip("."))
        case dict():
            for name, value in part.items():
                yield from _list_facts(value, f"{address}.{name}")
        case tuple():
            for number, value in enumerate(part, 1):
                yield from _list_facts(value, f"{address}[{number}]")


def _refuse_unknown_facts(shipped: dict[str, Any], changes: dict[str, Any], own: Path) -> None:
    """Refuse a header or word that no exporter reads, because nobody would notice the typo."""
    for section in ("columns", "text", "tables"):
        names, changed = shipped.get(section, {}), changes.get(section, {})
        if not isinstance(changed, dict):
            continue
        if unknown := sorted(changed.keys() - names.keys()):
            raise ExportError(
                f"{own}: {shipped['title']} has no fact '{section}.{unknown[0]}'.",
                f"It has {', '.join(f'{section}.{name}' for name in names)}.",
            )


def _refuse_mixed_units(changes: dict[str, Any], own: Path) -> None:
    """Refuse a new radius unit beside bounds that are still in the old one."""
    radius = changes.get("radius", {})
    missing = [name for name in ("minimum", "maximum", "step") if name not in radius]
    if "unit" in radius and missing:
        raise ExportError(
            f"{own} changes 'radius.unit' and leaves 'radius.{missing[0]}' in the old unit.",
            "Give all four in one unit.",
        )
