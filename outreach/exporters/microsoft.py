"""Microsoft Advertising: a bulk file with a paused campaign, its location intent, its ZIPs by location ID and its pins.

Form and limits: ``rules/microsoft.toml``.
"""

from collections.abc import Sequence

import pandas as pd

from outreach.errors import ExportError
from outreach.exporters.base.cells import (
    Cell,
    defuse,
    floor_cents,
    format_degrees,
    format_figure,
    write_table,
)
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.place_ids import list_unmatched, read_location_codes
from outreach.exporters.base.places import (
    Part,
    Place,
    choose_exclusions,
    choose_places,
    daily_budget_usd,
    split_places,
)
from outreach.exporters.base.rules import PlatformRules, load_rules

#: The key under which records of a file refer to the file's own campaign; negative, for it has no
#: ID yet.
_PARENT = -111


def write_microsoft(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write one bulk file for each campaign, and the ZIPs that have no location ID.

    Raises
    ------
    ExportError
        Microsoft would refuse a target, or there are ZIPs and no file of location codes.
    """
    rules = load_rules("microsoft", context.rules_folder)
    places = choose_places(targets, rules, context)
    excluded = choose_exclusions(targets, rules, context)
    numbers = _find_numbers([*places, *excluded], rules, context)
    known = [place for place in places if place.kind == "pin" or place.place in numbers]
    barred = [place for place in excluded if place.place in numbers]
    if not known:
        raise ExportError(
            f"None of the {len(places):,} ZIPs stands in {context.location_codes}.",
            "Fetch Microsoft's newest file.",
        )
    files = []
    for part in split_places(known, rules, reserved=len(barred)):
        daily_usd = daily_budget_usd(part, context.campaign, targets)
        rows = [*_open_campaign(part, daily_usd, rules, context)]
        rows += [_describe_place(place, numbers, rules) for place in part.places]
        rows += [_bar_place(place, numbers, rules) for place in barred]
        header = rules.header("bulk") + rules.header("campaign")
        cells = [[row.get(column, "") for column in header] for row in rows]
        content = write_table(cells, header, bom=rules.bom.value)
        files.append(ExportFile(part.name_file("microsoft-bulk", ".csv"), content))
    missing = [
        place
        for place in [*places, *excluded]
        if place.kind == "zip" and place.place not in numbers
    ]
    return files + list_unmatched(
        missing, "not in the location codes", "microsoft-unmatched-zips.csv", rules
    )


def _find_numbers(
    places: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> dict[str, str]:
    """Return the location ID of each ZIP."""
    zips = sum(place.kind == "zip" for place in places)
    if not zips:
        return {}
    if context.location_codes is None:
        raise ExportError(
            f"{rules.title} takes ZIPs by its own location IDs only, and {zips:,} of the targets are ZIPs.",
            'Download its geographical location codes and name the file with --location-codes, or set kind = "pins" under [units] in the campaign.',
        )
    return read_location_codes(context.location_codes, rules)


def _open_campaign(
    part: Part, daily_usd: float, rules: PlatformRules, context: ExportContext
) -> list[dict[str, Cell]]:
    """Return the records before the places: format version, the campaign, whom it counts as being there."""
    return [
        {"Type": "Format Version", "Name": rules.word("format_version")},
        {
            "Type": "Campaign",
            "Status": rules.word("paused"),
            "Id": _PARENT,
            "Parent Id": 0,
            "Campaign": context.name_campaign(rules.name_length, part.title),
            "Client Id": context.tag,
            "Campaign Type": rules.word("campaign_type"),
            "Time Zone": rules.word("time_zone"),
            "Budget": floor_cents(daily_usd),
            "Budget Type": rules.word("budget_type"),
            "Language": rules.word("language"),
            "Bid Strategy Type": rules.word("bid_strategy"),
        },
        {
            "Type": "Campaign Location Intent Criterion",
            "Status": "Active",
            "Parent Id": _PARENT,
            "Client Id": "intent",
            "Target": rules.word("presence"),
        },
    ]


def _describe_place(place: Place, numbers: dict[str, str], rules: PlatformRules) -> dict[str, Cell]:
    """Return the record of a ZIP or a pin."""
    if place.kind == "zip":
        return {
            "Type": "Campaign Location Criterion",
            "Status": "Active",
            "Parent Id": _PARENT,
            "Sub Type": rules.word("postal_code"),
            "Client Id": place.unit_id,
            "Target": numbers[place.place],
        }
    return {
        "Type": "Campaign Radius Criterion",
        "Status": "Active",
        "Parent Id": _PARENT,
        "Client Id": place.unit_id,
        "Name": rules.cut_label(defuse(place.label)),
        "Radius": format_figure(place.radius, 3),
        "Unit": rules.unit_word,
        "Latitude": format_degrees(place.latitude),
        "Longitude": format_degrees(place.longitude),
    }


def _bar_place(place: Place, numbers: dict[str, str], rules: PlatformRules) -> dict[str, Cell]:
    """Return the record of a ZIP that the campaign leaves out."""
    return _describe_place(place, numbers, rules) | {"Type": "Campaign Negative Location Criterion"}


EXPORTER = Exporter(
    title="Microsoft Advertising (bulk file)",
    write=write_microsoft,
    notes=(
        "ZIPs need Microsoft's own location IDs: name its file with --location-codes. Campaigns arrive paused.",
    ),
)
