"""What a platform accepts, as data: every limit, header, bound and fixed word, each with its status and source.

The facts stand in ``rules/<platform>.toml``, taken from the platform reference (checked November
2026). A user who knows better puts a file of the same name into a folder of their own and names
there only what differs.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach.errors import ExportError

KM_PER_MILE = 1.609344

#: Longest name where a platform states no limit.
_NAME_LENGTH = 255

T = TypeVar("T")


class Status(StrEnum):
    """How far a fact can be trusted."""

    VERIFIED = "VERIFIED"
    THIRD_PARTY = "VERIFIED (3P)"
    ASSUMED = "ASSUMED"
    USER = "USER"


class RadiusUnit(StrEnum):
    """The unit in which a platform is given its radii."""

    KILOMETRES = "km"
    MILES = "mi"


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(_Rules, Generic[T]):
    """One thing that a platform demands: its value, how sure we are, and who says so."""

    value: T
    status: Status
    source: str = Field(min_length=1)

    def __str__(self) -> str:
        return f"{self.status}: {self.source}"


class Caps(_Rules):
    """Most of each that one campaign, ad set or file may hold; names in characters."""

    locations: Fact[int] | None = None
    zips: Fact[int] | None = None
    pins: Fact[int] | None = None
    campaign_name: Fact[int] | None = None
    pin_name: Fact[int] | None = None


class Radius(_Rules):
    """Bounds of a pin's radius, all in ``unit``; every radius is a multiple of ``step``."""

    unit: Fact[RadiusUnit]
    minimum: Fact[float]
    maximum: Fact[float]
    step: Fact[float]

    def to_km(self, radius: float) -> float:
        """Return a radius of this platform in kilometres."""
        return radius * (KM_PER_MILE if self.unit.value is RadiusUnit.MILES else 1)

    def from_km(self, radius_km: float) -> float:
        """Return kilometres in this platform's unit, neither rounded nor bounded."""
        return radius_km / (KM_PER_MILE if self.unit.value is RadiusUnit.MILES else 1)


class Recruitment(_Rules):
    """What is left of targeting when the ads look for workers; the radius in the platform's unit."""

    zips: Fact[bool]
    exclusions: Fact[bool]
    least_radius: Fact[float] | None = None


class PlatformRules(_Rules):
    """Everything one platform demands.

    Parameters
    ----------
    units, exclusions
        Kinds of :class:`~outreach.tables.Targets` that it takes as places to advertise in, and as
        places to leave out.
    columns
        Headers, in order, by what they head.
    text
        Fixed words that its files carry, by what they say.
    tables
        Small tables of words, by name.
    checklist
        What a person must see to before the upload.
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
        return self.radius.unit.value if self.radius else RadiusUnit.KILOMETRES

    @property
    def unit_word(self) -> str:
        """What this platform calls the unit of its radii."""
        return self.word("miles" if self.unit is RadiusUnit.MILES else "kilometres")

    @property
    def name_length(self) -> int:
        """Most characters of a campaign's name."""
        return self.caps.campaign_name.value if self.caps.campaign_name else _NAME_LENGTH

    def cut_label(self, label: str) -> str:
        """Return a pin's label as long as the platform takes it."""
        return label[: self.caps.pin_name.value if self.caps.pin_name else _NAME_LENGTH].strip()

    def facts(self) -> Iterator[tuple[str, Fact[Any]]]:
        """List every fact with its address in the file, such as ``caps.pins``."""
        yield from _list_facts(self, "")


def _list_facts(part: object, address: str) -> Iterator[tuple[str, Fact[Any]]]:
    """Walk through models, dictionaries and tuples down to the facts."""
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


def list_platforms() -> tuple[str, ...]:
    """Name the platforms whose rules are shipped."""
    folder = resources.files("outreach.exporters") / "rules"
    return tuple(
        sorted(
            file.name.removesuffix(".toml")
            for file in folder.iterdir()
            if file.name.endswith(".toml")
        )
    )


def load_rules(platform: str, folder: Path | None = None) -> PlatformRules:
    """Read what a platform demands.

    Parameters
    ----------
    platform
        One of :func:`list_platforms`.
    folder
        Where the user's own ``<platform>.toml`` may stand. It names only what differs, by the same
        addresses; a fact without a status becomes ``USER`` with the file as its source. A new
        ``checklist`` replaces the shipped one.

    Raises
    ------
    ExportError
        The user's file cannot be read or breaks the form.
    """
    shipped = resources.files("outreach.exporters") / "rules" / f"{platform}.toml"
    asked: dict[str, Any] = tomllib.loads(shipped.read_text(encoding="utf-8"))
    own = folder / f"{platform}.toml" if folder else None
    if own is None or not own.is_file():
        return PlatformRules.model_validate(asked)
    try:
        changes = tomllib.loads(own.read_text(encoding="utf-8-sig"))
        _refuse_strangers(asked, changes, own)
        return PlatformRules.model_validate(_overlay(asked, changes, str(own)))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        what = f"The rules {own} cannot be read: {error}."
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        what = f"{own}: '{'.'.join(map(str, fault['loc']))}' is wrong: {fault['msg']}."
    raise ExportError(
        what, "Write each fact as in: caps.pins = {value = 400, source = 'our account manager'}."
    )


def _refuse_strangers(asked: dict[str, Any], changes: dict[str, Any], own: Path) -> None:
    """Stop at a header or word that no exporter reads, and at a change of unit by halves: nobody would see the slip."""
    for section in ("columns", "text", "tables"):
        known, named = asked.get(section, {}), changes.get(section, {})
        if isinstance(named, dict) and (strangers := sorted(named.keys() - known.keys())):
            raise ExportError(
                f"{own}: '{section}.{strangers[0]}' is no fact of {asked['title']}.",
                f"There are: {', '.join(f'{section}.{name}' for name in known)}.",
            )
    circles = changes.get("radius", {})
    if "unit" in circles and (
        left := [name for name in ("minimum", "maximum", "step") if name not in circles]
    ):
        raise ExportError(
            f"{own} changes 'radius.unit' and leaves 'radius.{left[0]}' in the old unit.",
            "State all four, in one unit.",
        )


def _overlay(base: dict[str, Any], changes: dict[str, Any], origin: str) -> dict[str, Any]:
    """Lay a user's facts over the shipped ones."""
    merged = dict(base)
    for name, change in changes.items():
        if isinstance(change, dict) and "value" in change:
            merged[name] = {"status": Status.USER, "source": origin} | change
        elif isinstance(change, dict):
            merged[name] = _overlay(base.get(name, {}), change, origin)
        elif name == "checklist" and isinstance(change, list):
            merged[name] = [
                {"status": Status.USER, "source": origin}
                | (item if isinstance(item, dict) else {"value": item})
                for item in change
            ]
        else:
            merged[name] = change
    return merged
