"""Write ad sets for Meta (Facebook, Instagram).

There is JSON for the Marketing API, a ZIP list to paste for each ad set, and an import sheet that
must be tested. Form and limits: ``rules/meta.toml``.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

from outreach.exporters.base.cells import format_figure
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.exporters.base.tracking import write_utm
from outreach.spreadsheet import Cell, clean_text, write_table
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind

_CENTS = 100


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
    parts = make_parts(places, targets, rules, context.brief.languages)
    files = []
    for part in parts:
        spec = _describe_ad_set(part, targets, exclusions, rules, context)
        content = json.dumps(spec, ensure_ascii=False, indent=1).encode("utf-8")
        files.append(ExportFile(part.name_file("meta-geo-locations", ".json"), content))
        if part.zips:
            lines = "".join(f"{place.code}\r\n" for place in part.zips)
            files.append(ExportFile(part.name_file("meta-zips", ".txt"), lines.encode("ascii")))
    return [*files, _write_sheet(parts, targets, exclusions, rules, context)]


def _describe_ad_set(
    part: Part,
    targets: DataFrame[Targets],
    exclusions: Sequence[Place],
    rules: PlatformRules,
    context: ExportContext,
) -> dict[str, Any]:
    """Return campaign and ad set in the Marketing API's field names, and where they come from."""
    first, last = find_flight_days(context.brief, targets)
    return {
        "campaign": {
            "name": context.name_campaign(rules.name_length),
            "objective": rules.word("api_objective"),
            "buying_type": rules.word("buying_type"),
            "status": rules.word("paused"),
            "special_ad_categories": [rules.word(context.brief.kind.value)],
            "special_ad_category_country": [rules.word("category_country")],
        },
        "ad_set": {
            "name": context.name_campaign(rules.name_length, part.title),
            "campaign_id": rules.word("campaign_id"),
            "status": rules.word("paused"),
            "lifetime_budget": round(part.budget_usd * _CENTS),
            "start_time": f"{first.isoformat()}T00:00:00",
            "end_time": f"{last.isoformat()}T23:59:00",
            "billing_event": rules.word("billing"),
            "optimization_goal": rules.word("optimization"),
            "bid_strategy": rules.word("api_bid_strategy"),
            **_limit_frequency(targets, (last - first).days + 1, rules),
            "targeting": _describe_targeting(part, exclusions, rules),
        },
        "ad": {"url_tags": write_utm(rules.platform, part, context)},
        "source": {
            "run": context.run_id,
            "version": context.full_version,
            "arm": Arm.TREAT,
            "approval": context.approval,
            "languages": part.languages,
            "units": [place.unit_id for place in part.places],
        },
    }


def _describe_targeting(
    part: Part, exclusions: Sequence[Place], rules: PlatformRules
) -> dict[str, Any]:
    """Return who sees the ads of an ad set, by the Marketing API's field names."""
    location_types = [word.strip() for word in rules.word("location_types").split(",")]
    targeting: dict[str, Any] = {
        "geo_locations": _list_locations(part.places, rules) | {"location_types": location_types},
        "age_min": int(rules.word("age_min")),
        "age_max": int(rules.word("age_max")),
        "targeting_automation": {"advantage_audience": 0},
    }
    if locales := rules.name_languages(part.languages):
        targeting["locales"] = [int(locale) for locale in locales]
    if exclusions:
        targeting["excluded_geo_locations"] = _list_locations(exclusions, rules)
    return targeting


def _limit_frequency(
    targets: DataFrame[Targets], days: int, rules: PlatformRules
) -> dict[str, Any]:
    """Return the frequency cap of an ad set; none where the list has none."""
    if "frequency_cap" not in targets:
        return {}
    most = int(rules.word("longest_interval"))
    cap = {
        "event": rules.word("billing"),
        "interval_days": min(days, most),
        "max_frequency": max(1, math.floor(targets["frequency_cap"].max() * min(1, most / days))),
    }
    return {"frequency_control_specs": [cap]}


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
    targets: DataFrame[Targets],
    exclusions: Sequence[Place],
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write the Ads Manager import sheet, one row for each ad set."""
    first, last = find_flight_days(context.brief, targets)
    header = rules.header("sheet") + rules.header("locations") + rules.header("exclusions")
    rows = []
    for part in parts:
        row: dict[str, Cell] = {
            "Campaign Name": context.name_campaign(rules.name_length),
            "Campaign Status": rules.word("paused"),
            "Campaign Objective": rules.word("objective"),
            "Buying Type": rules.word("buying_type"),
            "Special Ad Categories": rules.word(context.brief.kind.value),
            "Special Ad Category Country": rules.word("category_country"),
            "Ad Set Name": context.name_campaign(rules.name_length, part.title),
            "Ad Set Run Status": rules.word("paused"),
            "Ad Set Lifetime Budget": format_figure(part.budget_usd),
            "Ad Set Time Start": f"{first:{rules.word('date')}} {rules.word('day_start')}",
            "Ad Set Time Stop": f"{last:{rules.word('date')}} {rules.word('day_end')}",
            "Ad Set Bid Strategy": rules.word("bid_strategy"),
            "Age Min": int(rules.word("age_min")),
            "Age Max": int(rules.word("age_max")),
            "Optimization Goal": rules.word("optimization"),
            "Billing Event": rules.word("billing"),
            "URL Tags": write_utm(rules.platform, part, context),
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
