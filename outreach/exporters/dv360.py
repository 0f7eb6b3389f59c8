"""Write line items and location lists for Display & Video 360.

There is one structured data file (SDF v10) with a line item for each language, one list of regions
for each, and one list of points for each radius (a proximity list has one radius for all its
points). Insertion orders and campaigns have no targeting since February 2026. Form and limits:
``rules/dv360.toml``.
"""

import json
from collections.abc import Sequence
from typing import Any

from outreach.errors import ExportError
from outreach.exporters.base.cells import format_figure
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.place_ids import match_zips, read_geotargets, write_unmatched
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.exporters.base.tracking import write_utm
from outreach.spreadsheet import Cell, clean_text, write_table
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind


def write_dv360(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the line items, the location lists, and the ZIPs without a region ID.

    Raises
    ------
    ExportError
        A target would be refused, or there are ZIPs and no list of geo targets.
    """
    rules = load_rules("dv360", context.rules_folder)
    places = choose_places(targets, rules, context)
    exclusions = choose_exclusions(targets, rules, context)
    ids = _find_ids([*places, *exclusions], rules, context)
    matched = [place for place in places if place.kind == UnitKind.PIN or place.code in ids]

    excluded_ids = [ids[place.code] for place in exclusions if place.code in ids]
    files, rows = [], []
    for part in make_parts(matched, targets, rules, context.brief.languages):
        numbers = [ids[place.code] for place in part.zips]
        if numbers:
            files.append(_write_regional_list(part, numbers, rules, context))
        proximity = _write_proximity_lists(part, rules, context)
        files += proximity
        lists = [file.name.removesuffix(".json") for file in proximity]
        geography = {
            "Geography Targeting - Include": _join_ids(numbers),
            "Geography Targeting - Exclude": _join_ids(excluded_ids),
            "Proximity Location List Targeting": _join_lists(lists, rules),
        }
        rows.append(_describe_line_item(part, targets, rules, context) | geography)
    files.append(_write_line_items(rows, rules))

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


def _join_ids(numbers: Sequence[str]) -> str:
    """Return IDs as one cell: ascending, a semicolon after each, and a space between."""
    return " ".join(f"{number};" for number in sorted(numbers, key=int))


def _join_lists(lists: Sequence[str], rules: PlatformRules) -> str:
    """Return words in the place of the IDs that location lists get when they are created.

    The upload refuses them, so that no line item runs without its circles.
    """
    return " ".join(f"{rules.word('list_id')} {name};" for name in lists)


def _describe_line_item(
    part: Part, targets: DataFrame[Targets], rules: PlatformRules, context: ExportContext
) -> dict[str, Cell]:
    """Return a line item without its places."""
    first, last = find_flight_days(context.brief, targets)
    languages = rules.name_languages(part.languages)
    return {
        "Io Id": rules.word("io_id"),
        "Type": rules.word("line_item_type"),
        "Name": context.name_campaign(rules.name_length, part.title),
        "Status": rules.word("status"),
        "Start Date": f"{first:{rules.word('date')}} {rules.word('day_start')}",
        "End Date": f"{last:{rules.word('date')}} {rules.word('day_end')}",
        "Budget Type": rules.word("budget_type"),
        "Budget Amount": format_figure(part.budget_usd),
        "Pacing": rules.word("pacing"),
        "Pacing Rate": rules.word("pacing_rate"),
        **_limit_frequency(targets, (last - first).days + 1, rules),
        "Contains EU Political Ads": rules.word("eu_political"),
        "Language Targeting - Include": _join_ids(
            [number for cell in languages for number in cell.split(";")]
        ),
        "Details": f"{clean_text(context.approval)}; {write_utm(rules.platform, part, context)}",
    }


def _limit_frequency(
    targets: DataFrame[Targets], days: int, rules: PlatformRules
) -> dict[str, Cell]:
    """Return the frequency cap of a line item over the days of its flight."""
    if "frequency_cap" not in targets:
        return {"Frequency Enabled": "FALSE"}
    return {
        "Frequency Enabled": "TRUE",
        "Frequency Exposures": int(targets["frequency_cap"].max()),
        "Frequency Period": rules.word("frequency_period"),
        "Frequency Amount": days,
    }


def _write_line_items(rows: Sequence[dict[str, Cell]], rules: PlatformRules) -> ExportFile:
    """Write the structured data file of the line items."""
    header = rules.header("sdf")
    cells = [[row.get(column, "") for column in header] for row in rows]
    return ExportFile("dv360-sdf-line-items.csv", write_table(cells, header, bom=rules.bom.value))


def _write_regional_list(
    part: Part, numbers: Sequence[str], rules: PlatformRules, context: ExportContext
) -> ExportFile:
    """Write the list of the regions of a line item."""
    spec = _describe_list("regional", numbers, part, "ZIPs", rules, context)
    return _write_list(part.name_file("dv360-regional-list", ""), spec)


def _write_proximity_lists(
    part: Part, rules: PlatformRules, context: ExportContext
) -> list[ExportFile]:
    """Write one list for each radius of a line item's pins."""
    files = []
    for radius in sorted({pin.radius for pin in part.pins}):
        title = f"{radius:g} {rules.unit.value}"
        points = [_format_point(pin) for pin in part.pins if pin.radius == radius]
        spec = _describe_list("proximity", points, part, title, rules, context)
        spec["assignment"] = {"proximityRadius": radius, "proximityRadiusUnit": rules.unit_word}
        name = part.name_file("dv360-proximity-list", f"-{title.replace(' ', '')}")
        files.append(_write_list(name, spec))
    return files


def _format_point(pin: Place) -> str:
    """Return a point's ID: latitude and longitude in millionths of a degree."""
    return f"{round(pin.latitude * 1e6)};{round(pin.longitude * 1e6)}"


def _describe_list(
    kind: str,
    ids: Sequence[str],
    part: Part,
    title: str,
    rules: PlatformRules,
    context: ExportContext,
) -> dict[str, Any]:
    """Return a location list in the API's field names, and where it comes from."""
    label = " | ".join([part.title, title] if part.title else [title])
    return {
        "locationList": {
            "displayName": context.name_campaign(rules.name_length, label),
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


EXPORTER = Exporter(
    title="Display & Video 360 (line items and location lists)",
    write=write_dv360,
    notes=(
        (
            "ZIPs need Google's list of geo targets (--geotargets). Pins come as one list for each"
            " radius; put the ID of each list into the line item's row before you upload it."
        ),
    ),
)
