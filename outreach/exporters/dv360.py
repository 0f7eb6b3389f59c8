"""Write location lists for Display & Video 360.

There is one list of regions, one list of points for each radius (a proximity list has one radius
for all its points), and cells for a structured data file. Form and limits: ``rules/dv360.toml``.
"""

import json
from collections.abc import Sequence
from typing import Any

from outreach.errors import ExportError
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.place_ids import match_zips, read_geotargets, write_unmatched
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.spreadsheet import write_table
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind


def write_dv360(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the location lists, the structured data cells, and the ZIPs without a region ID.

    Raises
    ------
    ExportError
        A target would be refused, or there are ZIPs and no list of geo targets.
    """
    rules = load_rules("dv360", context.rules_folder)
    places = choose_places(targets, rules, context)
    exclusions = choose_exclusions(targets, rules, context)
    ids = _find_ids([*places, *exclusions], rules, context)
    regions = [place for place in places if place.kind == UnitKind.ZIP and place.code in ids]
    pins = [place for place in places if place.kind == UnitKind.PIN]

    files = []
    if regions:
        numbers = [ids[place.code] for place in regions]
        excluded_numbers = [ids[place.code] for place in exclusions if place.code in ids]
        spec = _describe_list("regional", numbers, "ZIPs", rules, context)
        files.append(_write_list("dv360-regional-list", spec))
        files.append(_write_cells(numbers, excluded_numbers, rules, context))
    for radius in sorted({pin.radius for pin in pins}):
        points = [pin for pin in pins if pin.radius == radius]
        files.append(_write_proximity_list(radius, points, rules, context))

    unmatched = [
        place
        for place in [*places, *exclusions]
        if place.kind == UnitKind.ZIP and place.code not in ids
    ]
    return files + write_unmatched(
        unmatched, "not in the list of geo targets", "dv360-unmatched-zips.csv", rules
    )


def _find_ids(
    places: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> dict[str, str]:
    """Return the region ID of each ZIP, which is Google's criterion ID."""
    zips = sum(place.kind == UnitKind.ZIP for place in places)
    if not zips:
        return {}
    if context.geotargets is None:
        raise ExportError(
            f"{rules.title} takes ZIPs by region ID only, and {zips:,} of the targets are ZIPs.",
            'Name Google\'s list of geo targets with --geotargets, or set kind = "pins" under'
            " [units] in the campaign.",
        )
    ids = read_geotargets(context.geotargets, load_rules("google", context.rules_folder))
    match_zips(places, ids, "postal code of Google's list", context.geotargets)
    return ids


def _write_proximity_list(
    radius: float, pins: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> ExportFile:
    """Write the list of the pins with one radius."""
    title = f"{radius:g} {rules.unit.value}"
    spec = _describe_list("proximity", [_format_point(pin) for pin in pins], title, rules, context)
    spec["assignment"] = {"proximityRadius": radius, "proximityRadiusUnit": rules.unit_word}
    return _write_list(f"dv360-proximity-list-{title.replace(' ', '')}", spec)


def _format_point(pin: Place) -> str:
    """Return a point's ID: latitude and longitude in millionths of a degree."""
    return f"{round(pin.latitude * 1e6)};{round(pin.longitude * 1e6)}"


def _describe_list(
    kind: str, ids: Sequence[str], title: str, rules: PlatformRules, context: ExportContext
) -> dict[str, Any]:
    """Return a location list in the API's field names, and where it comes from."""
    name = context.name_campaign(rules.name_length, title).encode("utf-8")[: rules.name_length]
    return {
        "locationList": {
            "displayName": name.decode("utf-8", errors="ignore"),
            "locationType": rules.word(kind),
        },
        "bulkEdit": {"createdAssignedLocations": [{"targetingOptionId": id_} for id_ in ids]},
        "source": {
            "run": context.run_id,
            "version": context.full_version,
            "arm": Arm.TREAT,
            "approval": context.approval,
        },
    }


def _write_list(stem: str, spec: dict[str, Any]) -> ExportFile:
    """Write a location list as JSON."""
    content = json.dumps(spec, ensure_ascii=False, indent=1).encode("utf-8")
    return ExportFile(f"{stem}.json", content)


def _write_cells(
    ids: Sequence[str],
    excluded_ids: Sequence[str],
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write the geography cells of an insertion order, to copy into its structured data file."""
    join = rules.word("separator").join
    header = rules.header("sdf")
    name = context.name_campaign(rules.name_length)
    values = dict(zip(header, (name, join(ids), join(excluded_ids)), strict=False))
    row = [values.get(column, "") for column in header]
    return ExportFile("dv360-sdf-cells.csv", write_table([row], header, bom=rules.bom.value))


EXPORTER = Exporter(
    title="Display & Video 360 (location lists)",
    write=write_dv360,
    notes=(
        (
            "ZIPs need Google's list of geo targets (--geotargets). Pins come as one list for each"
            " radius."
        ),
    ),
)
