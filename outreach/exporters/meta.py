"""Write ad sets for Meta (Facebook, Instagram).

There is JSON for the Marketing API, a ZIP list to paste for each ad set, and an import sheet that
must be tested. Form and limits: ``rules/meta.toml``.
"""

import json
from collections.abc import Sequence
from typing import Any

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.parts import Part, split_places
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.spreadsheet import Cell, clean_text, write_table
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind


def write_meta(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write one JSON file and one ZIP list for each ad set, and one import sheet.

    Raises
    ------
    ExportError
        Meta would refuse a target.
    """
    rules = load_rules("meta", context.rules_folder)
    places = choose_places(targets, rules, context)
    exclusions = choose_exclusions(targets, rules, context)
    parts = split_places(places, rules)
    files = []
    for part in parts:
        spec = _describe_ad_set(part, exclusions, rules, context)
        content = json.dumps(spec, ensure_ascii=False, indent=1).encode("utf-8")
        files.append(ExportFile(part.name_file("meta-geo-locations", ".json"), content))
        if part.zips:
            lines = "".join(f"{place.code}\r\n" for place in part.zips)
            files.append(ExportFile(part.name_file("meta-zips", ".txt"), lines.encode("ascii")))
    return [*files, _write_sheet(parts, exclusions, rules, context)]


def _describe_ad_set(
    part: Part, exclusions: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> dict[str, Any]:
    """Return campaign and ad set in the Marketing API's field names, and where they come from."""
    location_types = [word.strip() for word in rules.word("location_types").split(",")]
    targeting: dict[str, Any] = {
        "geo_locations": _list_locations(part.places, rules) | {"location_types": location_types},
        "age_min": int(rules.word("age_min")),
        "age_max": int(rules.word("age_max")),
        "targeting_automation": {"advantage_audience": 0},
    }
    if exclusions:
        targeting["excluded_geo_locations"] = _list_locations(exclusions, rules)

    return {
        "campaign": {
            "name": context.name_campaign(rules.name_length),
            "status": rules.word("paused"),
            "special_ad_categories": [rules.word(context.brief.kind.value)],
            "special_ad_category_country": [rules.word("category_country")],
        },
        "ad_set": {
            "name": context.name_campaign(rules.name_length, part.title),
            "status": rules.word("paused"),
            "targeting": targeting,
        },
        "source": {
            "run": context.run_id,
            "version": context.full_version,
            "arm": Arm.TREAT,
            "approval": context.approval,
            "units": [place.unit_id for place in part.places],
        },
    }


def _list_locations(places: Sequence[Place], rules: PlatformRules) -> dict[str, Any]:
    """Return places in the form of ``geo_locations``."""
    zips = [
        {"key": rules.word("zip_prefix") + place.code}
        for place in places
        if place.kind == UnitKind.ZIP
    ]
    pins = [
        {
            "latitude": round(place.latitude, 6),
            "longitude": round(place.longitude, 6),
            "radius": place.radius,
            "distance_unit": rules.unit_word,
            "name": rules.cut_label(clean_text(place.label)),
        }
        for place in places
        if place.kind == UnitKind.PIN
    ]
    return ({"zips": zips} if zips else {}) | ({"custom_locations": pins} if pins else {})


def _write_sheet(
    parts: Sequence[Part],
    exclusions: Sequence[Place],
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write the Ads Manager import sheet, one row for each ad set."""
    header = rules.header("sheet") + rules.header("locations") + rules.header("exclusions")
    rows = []
    for part in parts:
        row: dict[str, Cell] = {
            "Campaign Name": context.name_campaign(rules.name_length),
            "Campaign Status": rules.word("paused"),
            "Campaign Objective": rules.word("objective"),
            "Buying Type": rules.word("buying_type"),
            "Ad Set Name": context.name_campaign(rules.name_length, part.title),
            "Ad Set Run Status": rules.word("paused"),
            "Age Min": int(rules.word("age_min")),
            "Age Max": int(rules.word("age_max")),
            "Optimization Goal": rules.word("optimization"),
            "Billing Event": rules.word("billing"),
            "Zip": _format_zips(part.places, rules),
            "Addresses": _format_pins(part.places, rules),
            "Location Types": rules.word("location_types"),
            "Excluded Zip": _format_zips(exclusions, rules),
            "Excluded Addresses": _format_pins(exclusions, rules),
        }
        rows.append([row.get(column, "") for column in header])
    content = write_table(rows, header, bom=rules.bom.value)
    return ExportFile("meta-import-sheet-check-on-a-test-ad-set.csv", content)


def _format_zips(places: Sequence[Place], rules: PlatformRules) -> str:
    """Return the ZIPs as one cell."""
    prefix = rules.word("zip_prefix")
    return ", ".join(prefix + place.code for place in places if place.kind == UnitKind.ZIP)


def _format_pins(places: Sequence[Place], rules: PlatformRules) -> str:
    """Return the pins as one cell."""
    return ", ".join(
        f"({place.latitude:.6f}, {place.longitude:.6f}) +{place.radius:g}{rules.unit.value}"
        for place in places
        if place.kind == UnitKind.PIN
    )


EXPORTER = Exporter(
    title="Meta (Facebook, Instagram)",
    write=write_meta,
    notes=(
        (
            "Paste the ZIP list under 'Add locations in bulk', or send the JSON to the Marketing"
            " API. Try the import sheet on a test ad set first."
        ),
        (
            "Census ads need the authorization for social issues and a 'Paid for by' disclaimer."
            " Start early."
        ),
    ),
)
