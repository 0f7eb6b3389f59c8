"""Display & Video 360: location lists for the API - one of regions, one of points for each radius - and cells for a structured data file.

Form and limits: ``rules/dv360.toml``. A proximity list has one radius for all its points, so pins
are grouped by radius.
"""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from outreach.errors import ExportError
from outreach.exporters.base.cells import write_table
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.place_ids import list_unmatched, read_geotargets
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules


def write_dv360(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write the location lists, the structured data cells, and the ZIPs that have no region ID.

    Raises
    ------
    ExportError
        A target would be refused, or there are ZIPs and no list of geo targets.
    """
    rules = load_rules("dv360", context.rules_folder)
    places = choose_places(targets, rules, context)
    excluded = choose_exclusions(targets, rules, context)
    numbers = _find_numbers([*places, *excluded], rules, context)
    regions = [place for place in places if place.kind == "zip" and place.place in numbers]
    pins = [place for place in places if place.kind == "pin"]
    if not regions and not pins:
        raise ExportError(
            f"None of the {len(places):,} ZIPs stands in {context.geotargets}.",
            "Fetch the newest list.",
        )
    files = []
    if regions:
        ids = [numbers[place.place] for place in regions]
        files.append(
            _write_list(
                "dv360-regional-list", _describe_list("regional", ids, "ZIPs", rules, context)
            )
        )
        barred = [numbers[place.place] for place in excluded if place.place in numbers]
        files.append(_write_cells(ids, barred, rules, context))
    for radius in sorted({pin.radius for pin in pins}):
        title = f"{radius:g} {rules.unit.value}"
        points = [_spell_point(pin) for pin in pins if pin.radius == radius]
        spec = _describe_list("proximity", points, title, rules, context)
        spec["assignment"] = {"proximityRadius": radius, "proximityRadiusUnit": rules.unit_word}
        files.append(_write_list(f"dv360-proximity-list-{title.replace(' ', '')}", spec))
    missing = [
        place
        for place in [*places, *excluded]
        if place.kind == "zip" and place.place not in numbers
    ]
    return files + list_unmatched(
        missing, "not in the list of geo targets", "dv360-unmatched-zips.csv", rules
    )


def _find_numbers(
    places: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> dict[str, str]:
    """Return the region ID of each ZIP: Google's criterion ID."""
    zips = sum(place.kind == "zip" for place in places)
    if not zips:
        return {}
    if context.geotargets is None:
        raise ExportError(
            f"{rules.title} takes ZIPs by region ID only, and {zips:,} of the targets are ZIPs.",
            'Name Google\'s list of geo targets with --geotargets, or set kind = "pins" under [units] in the campaign.',
        )
    return read_geotargets(context.geotargets, load_rules("google", context.rules_folder))


def _spell_point(pin: Place) -> str:
    """Return a point's ID: both angles with six decimals, the decimal point dropped, joined by a semicolon."""
    return f"{round(pin.latitude * 1e6)};{round(pin.longitude * 1e6)}"


def _describe_list(
    kind: str, ids: Sequence[str], title: str, rules: PlatformRules, context: ExportContext
) -> dict[str, Any]:
    """Return a location list as the API names its fields, and where it comes from."""
    name = context.name_campaign(rules.name_length, title).encode("utf-8")[: rules.name_length]
    return {
        "locationList": {
            "displayName": name.decode("utf-8", errors="ignore"),
            "locationType": rules.word(kind),
        },
        "bulkEdit": {"createdAssignedLocations": [{"targetingOptionId": one} for one in ids]},
        "source": {
            "run": context.run_id,
            "version": context.full_version,
            "arm": "treat",
            "approval": context.approval,
        },
    }


def _write_list(stem: str, spec: dict[str, Any]) -> ExportFile:
    return ExportFile(
        f"{stem}.json", json.dumps(spec, ensure_ascii=False, indent=1).encode("utf-8")
    )


def _write_cells(
    ids: Sequence[str], barred: Sequence[str], rules: PlatformRules, context: ExportContext
) -> ExportFile:
    """Write the geography cells of an insertion order, to be copied into its structured data file."""
    join = rules.word("separator").join
    header = rules.header("sdf")
    values = dict(
        zip(
            header,
            (context.name_campaign(rules.name_length), join(ids), join(barred)),
            strict=False,
        )
    )
    row = [values.get(column, "") for column in header]
    return ExportFile("dv360-sdf-cells.csv", write_table([row], header, bom=rules.bom.value))


EXPORTER = Exporter(
    title="Display & Video 360 (location lists)",
    write=write_dv360,
    notes=(
        "ZIPs need Google's list of geo targets (--geotargets); pins come as one list for each radius.",
    ),
)
