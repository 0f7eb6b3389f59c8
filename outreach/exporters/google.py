"""Write campaigns for Google Ads Editor as CSV.

Each file holds a paused campaign and its locations: ZIPs by criterion ID or by name, pins as
circles. Form and limits: ``rules/google.toml``.
"""

from collections.abc import Sequence

from outreach.errors import ExportError
from outreach.exporters.base.cells import floor_cents
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.flight import find_flight_days, split_daily_budget
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.place_ids import match_zips, read_geotargets, write_unmatched
from outreach.exporters.base.places import Place, choose_exclusions, choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.exporters.base.tracking import write_utm
from outreach.spreadsheet import Cell, clean_text, write_table
from outreach.tables import DataFrame, Targets
from outreach.units import UnitKind

#: Location ID and location text of each unit; one of the two is empty.
Locations = dict[str, tuple[str, str]]


def write_google(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write one file for each campaign, the ZIPs that Google does not list, and exclusions.

    Raises
    ------
    ExportError
        Google would refuse a target, or lists none of them.
    """
    rules = load_rules("google", context.rules_folder)
    places = choose_places(targets, rules, context)
    exclusions = choose_exclusions(targets, rules, context)
    locations = _find_locations([*places, *exclusions], rules, context)
    matched = [place for place in places if place.unit_id in locations]
    if not matched:
        raise ExportError(
            f"None of the {len(places):,} ZIPs is in the table of names.",
            "Download Google's newest list of geo targets and name it with --geotargets.",
        )

    # Only a location ID can be excluded, not a name.
    excluded_ids = [
        locations[place.unit_id][0]
        for place in exclusions
        if place.unit_id in locations and locations[place.unit_id][0]
    ]
    files = []
    parts = make_parts(matched, targets, rules, context.brief.languages, len(excluded_ids))
    for part in parts:
        rows = [_describe_campaign(part, targets, rules, context)]
        for place in part.places:
            number, text = locations[place.unit_id]
            rows.append({"Campaign": rows[0]["Campaign"], "Location ID": number, "Location": text})
        files.append(_write_rows(part, rows, rules))
    if excluded_ids:
        files += [_write_exclusions(part, excluded_ids, rules, context) for part in parts]

    unmatched = [place for place in [*places, *exclusions] if place.unit_id not in locations]
    reason = (
        "not in the list of geo targets"
        if context.geotargets
        else "no state is known for its first three digits"
    )
    return files + write_unmatched(unmatched, reason, "google-unmatched-zips.csv", rules)


def _find_locations(
    places: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> Locations:
    """Return location ID and text of each place; places that Google does not list are left out."""
    ids = None
    if context.geotargets:
        ids = read_geotargets(context.geotargets, rules)
        match_zips(places, ids, "postal code of Google's list", context.geotargets)
    locations: Locations = {}
    for place in places:
        if place.kind == UnitKind.PIN:
            unit = rules.unit.value
            circle = f"({place.radius:g}{unit}:{place.latitude:.6f}:{place.longitude:.6f})"
            locations[place.unit_id] = ("", circle)
        elif ids is not None:
            if number := ids.get(place.code):
                locations[place.unit_id] = (number, "")
        elif state := find_state(place.code, rules):
            name = f"{place.code}, {state}, {rules.word('country')}"
            locations[place.unit_id] = ("", name)
    return locations


def find_state(code: str, rules: PlatformRules) -> str:
    """Return the state of a ZIP by its first three digits, or an empty text."""
    for state, spans in rules.tables["zip_states"].value.items():
        for span in spans.split():
            low, high = span.split("-")
            if low <= code[:3] <= high:
                return state
    return ""


def _describe_campaign(
    part: Part, targets: DataFrame[Targets], rules: PlatformRules, context: ExportContext
) -> dict[str, Cell]:
    """Return the row of a campaign."""
    first, last = find_flight_days(context.brief, targets)
    ad_format = context.brief.find_format("google")
    return {
        "Campaign": context.name_campaign(rules.name_length, part.title),
        "Labels": clean_text(context.approval).replace(";", ",")[: rules.label_length],
        "Campaign Type": rules.tables["campaign_types"].value[ad_format],
        "Networks": rules.tables["networks"].value[ad_format],
        "Budget": floor_cents(split_daily_budget(part, context.brief, targets)),
        "Budget type": rules.word("budget_type"),
        "Start Date": first.isoformat(),
        "End Date": last.isoformat(),
        "Languages": ";".join(rules.name_languages(part.languages)),
        "Bid Strategy Type": rules.word("bid_strategy"),
        "Targeting method": rules.word("presence"),
        "Exclusion method": rules.word("exclusion_method"),
        "Campaign Status": rules.word("paused"),
        "EU political ads": rules.word("eu_political"),
        "Final URL suffix": write_utm(rules.platform, part, context),
    }


def _write_rows(part: Part, rows: Sequence[dict[str, Cell]], rules: PlatformRules) -> ExportFile:
    """Write the row of a campaign and those of its locations."""
    header = rules.header("editor")
    cells = [[row.get(column, "") for column in header] for row in rows]
    content = write_table(cells, header, bom=rules.bom.value)
    return ExportFile(part.name_file("google-editor", ".csv"), content)


def _write_exclusions(
    part: Part, excluded_ids: Sequence[str], rules: PlatformRules, context: ExportContext
) -> ExportFile:
    """Write the locations that a campaign excludes.

    They have a file of their own because the right word for an exclusion is not verified.
    """
    name = context.name_campaign(rules.name_length, part.title)
    rows = [(name, number, rules.word("excluded"), "") for number in excluded_ids]
    content = write_table(rows, rules.header("excluded"), bom=rules.bom.value)
    return ExportFile(part.name_file("google-exclusions", ".csv"), content)


EXPORTER = Exporter(
    title="Google Ads (Editor CSV)",
    write=write_google,
    notes=(
        (
            "Import the files in Google Ads Editor; campaigns arrive paused. ZIPs go in by ID if"
            " you name Google's list with --geotargets."
        ),
    ),
)
