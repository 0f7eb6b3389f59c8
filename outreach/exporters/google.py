"""Google Ads: a CSV for Google Ads Editor with a paused campaign and its locations, ZIPs by criterion ID or by name, pins as circles.

Form and limits: ``rules/google.toml``.
"""

from collections.abc import Sequence

import pandas as pd

from outreach.errors import ExportError
from outreach.exporters.base.cells import Cell, floor_cents, write_table
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.place_ids import list_unmatched, read_geotargets
from outreach.exporters.base.places import (
    Part,
    Place,
    choose_exclusions,
    choose_places,
    daily_budget_usd,
    split_places,
)
from outreach.exporters.base.rules import PlatformRules, load_rules


def write_google(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write one file for each campaign, the ZIPs that have no name or ID, and the exclusions where they are asked for.

    Raises
    ------
    ExportError
        Google would refuse a target, or knows none of them.
    """
    rules = load_rules("google", context.rules_folder)
    places = choose_places(targets, rules, context)
    excluded = choose_exclusions(targets, rules, context)
    columns = _address_places([*places, *excluded], rules, context)
    known = [place for place in places if place.unit_id in columns]
    barred = [place for place in excluded if place.unit_id in columns and columns[place.unit_id][0]]
    if not known:
        raise ExportError(
            f"None of the {len(places):,} ZIPs stands in {context.geotargets or 'the table of names'}.",
            "Fetch Google's newest list of geo targets and name it with --geotargets.",
        )
    parts = split_places(known, rules, reserved=len(barred))
    files = [
        _write_part(
            part, columns, daily_budget_usd(part, context.campaign, targets), rules, context
        )
        for part in parts
    ]
    if barred:
        files += [_write_exclusions(part, barred, columns, rules, context) for part in parts]
    reason = (
        "not in the list of geo targets"
        if context.geotargets
        else "no state is known for its first three digits"
    )
    missing = [place for place in [*places, *excluded] if place.unit_id not in columns]
    return files + list_unmatched(missing, reason, "google-unmatched-zips.csv", rules)


def _address_places(
    places: Sequence[Place], rules: PlatformRules, context: ExportContext
) -> dict[str, tuple[str, str]]:
    """Return ID and text of each place by unit; one of the two is empty, and a place that Google does not know is left out."""
    numbers = read_geotargets(context.geotargets, rules) if context.geotargets else None
    found = {}
    for place in places:
        if place.kind == "pin":
            circle = (
                f"({place.radius:g}{rules.unit.value}:{place.latitude:.6f}:{place.longitude:.6f})"
            )
            found[place.unit_id] = ("", circle)
        elif numbers is not None:
            if number := numbers.get(place.place):
                found[place.unit_id] = (number, "")
        elif state := find_state(place.place, rules):
            found[place.unit_id] = ("", f"{place.place}, {state}, {rules.word('country')}")
    return found


def find_state(code: str, rules: PlatformRules) -> str:
    """Return the state of a ZIP by its first three digits, or nothing."""
    for state, spans in rules.tables["zip_states"].value.items():
        for span in spans.split():
            low, high = span.split("-")
            if low <= code[:3] <= high:
                return state
    return ""


def _write_part(
    part: Part,
    columns: dict[str, tuple[str, str]],
    daily_usd: float,
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write a campaign's row and one row for each of its locations."""
    header = rules.header("editor")
    name = context.name_campaign(rules.name_length, part.title)
    campaign: dict[str, Cell] = {
        "Campaign": name,
        "Campaign Type": rules.word("campaign_type"),
        "Networks": rules.word("networks"),
        "Budget": floor_cents(daily_usd),
        "Budget type": rules.word("budget_type"),
        "Languages": ";".join(context.campaign.creative_languages),
        "Bid Strategy Type": rules.word("bid_strategy"),
        "Targeting method": rules.word("presence"),
        "Exclusion method": rules.word("exclusion_method"),
        "Campaign Status": rules.word("paused"),
        "EU political ads": rules.word("eu_political"),
    }
    rows: list[dict[str, Cell]] = [campaign]
    for place in part.places:
        number, text = columns[place.unit_id]
        rows.append({"Campaign": name, "Location ID": number, "Location": text})
    cells = [[row.get(column, "") for column in header] for row in rows]
    return ExportFile(
        part.name_file("google-editor", ".csv"), write_table(cells, header, bom=rules.bom.value)
    )


def _write_exclusions(
    part: Part,
    barred: Sequence[Place],
    columns: dict[str, tuple[str, str]],
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write the locations that a campaign leaves out: a file of its own, because the right word for it is not verified."""
    name = context.name_campaign(rules.name_length, part.title)
    rows = [(name, columns[place.unit_id][0], rules.word("excluded")) for place in barred]
    return ExportFile(
        part.name_file("google-exclusions", ".csv"),
        write_table(rows, rules.header("excluded"), bom=rules.bom.value),
    )


EXPORTER = Exporter(
    title="Google Ads (Editor CSV)",
    write=write_google,
    notes=(
        "Import in Google Ads Editor; campaigns arrive paused. ZIPs go in by ID when you name Google's list with --geotargets.",
    ),
)
