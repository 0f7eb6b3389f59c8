"""Choose the places to advertise in, and those to exclude."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext
from outreach.exporters.base.rules import PlatformRules, Radius
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.tables import DataFrame, Targets, as_table
from outreach.units import Arm, UnitKind

_KIND_TITLES = {"tract": "census tracts", "zip": "ZIPs", "pin": "pins", "polygon": "polygons"}

_COLUMNS = (
    "kind",
    "place",
    "label",
    "latitude",
    "longitude",
    "radius_km",
    "households_count",
    "budget_usd",
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place to advertise in, or to exclude.

    Parameters
    ----------
    unit_id, kind, code, label
        As in :class:`~outreach.tables.Targets`, where ``code`` is called ``place``.
    latitude, longitude
        Degrees (WGS 84); missing for places without a point.
    radius
        In the platform's unit; missing for all but pins.
    """

    unit_id: str
    kind: str
    code: str
    label: str
    latitude: float
    longitude: float
    radius: float
    households_count: float
    budget_usd: float


def choose_places(
    targets: DataFrame[Targets], rules: PlatformRules, context: ExportContext
) -> list[Place]:
    """Return the places to advertise in, best first.

    Holdout and buffer units are never among them.

    Raises
    ------
    ExportError
        There is no place to advertise in, or the platform would refuse one. The message names the
        rule and how sure it is.
    """
    refuse_protected_traits(targets)
    advertised = _order_targets(targets, targets["arm"] == Arm.TREAT)
    if advertised.empty:
        raise ExportError(
            f"There is no target for {rules.title}. A campaign without locations would run"
            " everywhere.",
            "Raise the budget or choose other targets; after the flight, export the run that was"
            " approved for it.",
        )
    _refuse_kinds(advertised, rules)

    places = _list_places(advertised, rules)
    if context.brief.recruits:
        _refuse_small_areas(places, rules)
    return places


def choose_exclusions(
    targets: DataFrame[Targets], rules: PlatformRules, context: ExportContext
) -> list[Place]:
    """Return the holdout and buffer units that the platform can exclude.

    The list is empty unless the context asks for exclusions.

    Raises
    ------
    ExportError
        The ads recruit, and the platform does not allow job ads to exclude locations.
    """
    if not context.exclude_holdout:
        return []
    limits = rules.recruitment
    if context.brief.recruits and limits and not limits.exclusions.value:
        raise ExportError(
            f"{rules.title} does not allow job ads to exclude locations ({limits.exclusions}).",
            "Export without --exclude-holdout.",
        )
    excludable = targets["kind"].isin(rules.exclusions.value)
    return _list_places(_order_targets(targets, (targets["arm"] != Arm.TREAT) & excludable), rules)


def fit_radius(radius_km: float, bounds: Radius) -> float:
    """Return a radius in the platform's unit, rounded up to its step and its minimum.

    Raises
    ------
    ExportError
        The radius is larger than the platform allows.
    """
    exact = bounds.from_km(radius_km)
    steps = math.ceil(round(max(exact, bounds.minimum.value) / bounds.step.value, 6))
    radius: float = round(steps * bounds.step.value, 6)
    if not radius <= bounds.maximum.value:
        unit = bounds.unit.value
        raise ExportError(
            f"A pin of {exact:g} {unit} is larger than the {bounds.maximum.value:g} {unit} allowed"
            f" ({bounds.maximum}).",
            "Cover the area with more and smaller pins.",
        )
    return radius


def _order_targets(targets: DataFrame[Targets], mask: "pd.Series[bool]") -> DataFrame[Targets]:
    """Return the targets under the mask, best first."""
    rows = targets[mask].sort_values(["rank", "place"], kind="stable")
    return as_table(rows, Targets)


def _refuse_kinds(advertised: DataFrame[Targets], rules: PlatformRules) -> None:
    """Refuse kinds of places that the platform does not take."""
    for kind, count in advertised["kind"].value_counts().items():
        if kind in rules.units.value:
            continue
        options = " or ".join(
            f'kind = "{option}s"' for option in ("zip", "pin") if option in rules.units.value
        )
        titles = " and ".join(_KIND_TITLES[allowed] for allowed in rules.units.value)
        raise ExportError(
            f"{count:,} of the targets are {_KIND_TITLES[str(kind)]}, and {rules.title} takes"
            f" {titles} only ({rules.units}).",
            f"Set {options} under [units] in the campaign and run it again.",
        )


def _list_places(advertised: DataFrame[Targets], rules: PlatformRules) -> list[Place]:
    """Turn targets into places. Refuse a wrong or repeated ZIP and a pin without a circle."""
    places: list[Place] = []
    zips: set[str] = set()
    for (
        unit_id,
        kind,
        code,
        label,
        latitude,
        longitude,
        radius_km,
        households,
        budget,
    ) in advertised[list(_COLUMNS)].itertuples():
        radius = math.nan
        if kind == UnitKind.ZIP:
            _refuse_zip(unit_id, code, zips)
            zips.add(code)
        elif kind == UnitKind.PIN:
            if not all(map(math.isfinite, (latitude, longitude, radius_km))):
                raise ExportError(
                    f"The pin {unit_id} has no point or no radius.", "Choose the pins again."
                )
            radius = fit_radius(radius_km, rules.radius) if rules.radius else radius_km
        places.append(
            Place(str(unit_id), kind, code, label, latitude, longitude, radius, households, budget)
        )
    return places


def _refuse_zip(unit_id: str, code: str, earlier: set[str]) -> None:
    """Refuse a ZIP that does not have five digits or is already in the list."""
    if not re.fullmatch(r"[0-9]{5}", code):
        raise ExportError(
            f"The ZIP {code!r} of {unit_id} does not have five digits.", "Keep ZIPs as text."
        )
    if code in earlier:
        raise ExportError(
            f"The ZIP {code} appears twice in the targets.", "Keep one row for each ZIP."
        )


def _refuse_small_areas(places: Sequence[Place], rules: PlatformRules) -> None:
    """Refuse areas that are too small for job ads."""
    limits = rules.recruitment
    if limits is None:
        return
    if not limits.zips.value and any(place.kind == UnitKind.ZIP for place in places):
        raise ExportError(
            f"{rules.title} does not allow job ads to target by ZIP ({limits.zips}).",
            "Use cities or counties in the platform itself, or pins of at least 25 km.",
        )

    unit, minimum = rules.unit.value, limits.least_radius
    for place in places:
        if minimum and place.kind == UnitKind.PIN and place.radius < minimum.value:
            raise ExportError(
                f"The pin {place.unit_id} has a radius of {place.radius:g} {unit}, and"
                f" {rules.title} allows job ads no radius under {minimum.value:g} {unit}"
                f" ({minimum}).",
                "Choose fewer and larger pins.",
            )
