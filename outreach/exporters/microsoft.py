"""Write bulk files for Microsoft Advertising (format 6.0).

Each file holds a paused campaign, its location intent, a paused ad group with the dates, its ZIPs
by location ID, and its pins. Form and limits: ``rules/microsoft.toml``.
"""

from collections.abc import Sequence

from outreach.errors import ExportError
from outreach.exporters.base.cells import floor_cents, format_degrees, format_figure
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.flight import find_flight_days, split_daily_budget
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.place_ids import (
    match_zips,
    read_geotargets,
    read_location_codes,
    write_unmatched,
)
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.exporters.base.tracking import write_utm
from outreach.spreadsheet import Cell, defuse_text, write_table
from outreach.tables import DataFrame, Targets
from outreach.units import UnitKind

#: Records of a file refer to its own campaign by this key, and its ad group has the other. They are
#: negative because neither has an ID yet.
_PARENT, _AD_GROUP = -111, -112


def write_microsoft(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write one bulk file for each campaign, and the ZIPs without a location ID.

    Raises
    ------
    ExportError
        Microsoft would refuse a target, or there are ZIPs and one of the two lists of IDs is
        missing.
    """
    rules = load_rules("microsoft", context.rules_folder)
    places = choose_places(targets, rules, context)
    exclusions = choose_exclusions(targets, rules, context)
    ids = _find_ids([*places, *exclusions], rules, context)
    matched = [place for place in places if place.kind == UnitKind.PIN or place.code in ids]
    excluded = [place for place in exclusions if place.code in ids]
    files = []
    for part in make_parts(matched, targets, rules, context.brief.languages, len(excluded)):
        rows = [*_open_campaign(part, targets, rules, context)]
        rows += [_describe_place(place, ids, rules) for place in part.places]
        rows += [_describe_exclusion(place, ids, rules) for place in excluded]
        files.append(_write_bulk(part, rows, rules))

    unmatched = [
        place
        for place in [*places, *exclusions]
        if place.kind == UnitKind.ZIP and place.code not in ids
    ]
    return files + write_unmatched(
        unmatched, "not in the location codes", "microsoft-unmatched-zips.csv", rules
    )


def _find_ids(
    places: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> dict[str, str]:
    """Return the location ID of each ZIP."""
    zips = sum(place.kind == UnitKind.ZIP for place in places)
    if not zips:
        return {}
    if context.location_codes is None or context.geotargets is None:
        raise ExportError(
            f"{rules.title} takes ZIPs by its own location IDs only, and {zips:,} of the targets"
            " are ZIPs. Its IDs are found by Google's.",
            "Download both lists, and name Microsoft's geographical location codes with"
            " --location-codes and Google's geo targets with --geotargets. Or set"
            ' kind = "pins" under [units] in the campaign.',
        )
    google = load_rules("google", context.rules_folder)
    google_ids = read_geotargets(context.geotargets, google)
    ids = read_location_codes(context.location_codes, google_ids, rules)
    match_zips(places, ids, "postal code of Microsoft's file", context.location_codes)
    return ids


def _write_bulk(part: Part, rows: Sequence[dict[str, Cell]], rules: PlatformRules) -> ExportFile:
    """Write the records of one campaign."""
    header = rules.header("bulk") + rules.header("campaign")
    cells = [[row.get(column, "") for column in header] for row in rows]
    content = write_table(cells, header, bom=rules.bom.value)
    return ExportFile(part.name_file("microsoft-bulk", ".csv"), content)


def _open_campaign(
    part: Part, targets: DataFrame[Targets], rules: PlatformRules, context: ExportContext
) -> list[dict[str, Cell]]:
    """Return the records before the places: version, campaign, location intent, and ad group."""
    first, last = find_flight_days(context.brief, targets)
    name = context.name_campaign(rules.name_length, part.title)
    languages = ";".join(rules.name_languages(part.languages)) or rules.word("all_languages")
    return [
        {"Type": "Format Version", "Name": rules.word("format_version")},
        {
            "Type": "Campaign",
            "Status": rules.word("paused"),
            "Id": _PARENT,
            "Parent Id": 0,
            "Campaign": name,
            "Client Id": context.tag,
            "Campaign Type": rules.word("campaign_type"),
            "Budget": floor_cents(split_daily_budget(part, context.brief, targets)),
            "Budget Type": rules.word("budget_type"),
            "Language": languages,
            "Bid Strategy Type": rules.word("bid_strategy"),
            "Final Url Suffix": write_utm(rules.platform, part, context),
        },
        {
            "Type": "Campaign Location Intent Criterion",
            "Status": "Active",
            "Parent Id": _PARENT,
            "Client Id": "intent",
            "Target": rules.word("presence"),
        },
        {
            "Type": "Ad Group",
            "Status": rules.word("paused"),
            "Id": _AD_GROUP,
            "Parent Id": _PARENT,
            "Campaign": name,
            "Client Id": "dates",
            "Ad Group": rules.word("ad_group"),
            "Start Date": f"{first:{rules.word('date')}}",
            "End Date": f"{last:{rules.word('date')}}",
        },
    ]


def _describe_place(place: Place, ids: dict[str, str], rules: PlatformRules) -> dict[str, Cell]:
    """Return the record of a ZIP or a pin."""
    if place.kind == UnitKind.ZIP:
        return {
            "Type": "Campaign Location Criterion",
            "Status": "Active",
            "Parent Id": _PARENT,
            "Sub Type": rules.word("postal_code"),
            "Client Id": place.unit_id,
            "Target": ids[place.code],
        }
    return {
        "Type": "Campaign Radius Criterion",
        "Status": "Active",
        "Parent Id": _PARENT,
        "Client Id": place.unit_id,
        "Name": rules.cut_label(defuse_text(place.label)),
        "Radius": format_figure(place.radius, 3),
        "Unit": rules.unit_word,
        "Latitude": format_degrees(place.latitude),
        "Longitude": format_degrees(place.longitude),
    }


def _describe_exclusion(place: Place, ids: dict[str, str], rules: PlatformRules) -> dict[str, Cell]:
    """Return the record of a ZIP that the campaign excludes."""
    return _describe_place(place, ids, rules) | {"Type": "Campaign Negative Location Criterion"}


EXPORTER = Exporter(
    title="Microsoft Advertising (bulk file)",
    write=write_microsoft,
    notes=(
        (
            "ZIPs need Microsoft's own location IDs, which are found by Google's: name the two"
            " lists with --location-codes and --geotargets. Campaigns arrive paused."
        ),
    ),
)
