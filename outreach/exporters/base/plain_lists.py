"""Write ZIPs and points as plain lists, with a table of the campaigns to create by hand."""

from collections.abc import Sequence

from outreach.exporters.base.cells import floor_cents, format_degrees, format_figure
from outreach.exporters.base.exporter import ExportContext, ExportFile
from outreach.exporters.base.flight import find_flight_days
from outreach.exporters.base.parts import Part, make_parts
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import PlatformRules, load_rules
from outreach.exporters.base.tracking import write_utm
from outreach.spreadsheet import Cell, write_table
from outreach.tables import DataFrame, Targets

#: Columns of the table of campaigns, and of a list of points; both are our own.
CAMPAIGN_COLUMNS = (
    "campaign",
    "languages",
    "first_day",
    "last_day",
    "media_usd",
    "daily_usd",
    "frequency_cap",
    "places_count",
    "utm",
)
POINT_COLUMNS = ("latitude", "longitude", "radius", "unit", "name")


def write_plain_lists(
    platform: str, targets: DataFrame[Targets], context: ExportContext
) -> list[ExportFile]:
    """Write what a person pastes or types into a platform that takes no file of ours.

    For each language and part: ``<platform>-zips.txt``, one ZIP on each line, and
    ``<platform>-points.csv``. One table has the campaigns with their dates and money.

    Raises
    ------
    ExportError
        The platform would refuse a target.
    """
    rules = load_rules(platform, context.rules_folder)
    places = choose_places(targets, rules, context)
    parts = make_parts(places, targets, rules, context.brief.languages)
    files = []
    for part in parts:
        if part.zips:
            files.append(
                ExportFile(part.name_file(f"{platform}-zips", ".txt"), write_zip_lines(part))
            )
        if part.pins:
            rows = [
                (
                    format_degrees(pin.latitude),
                    format_degrees(pin.longitude),
                    format_figure(pin.radius, 3),
                    rules.unit.value,
                    rules.cut_label(pin.label),
                )
                for pin in part.pins
            ]
            content = write_table(rows, POINT_COLUMNS, bom=rules.bom.value)
            files.append(ExportFile(part.name_file(f"{platform}-points", ".csv"), content))
    return [*files, write_campaigns(parts, targets, rules, context)]


def write_zip_lines(part: Part) -> bytes:
    """Return the ZIPs of a part, one on each line."""
    return "".join(f"{place.code}\r\n" for place in part.zips).encode("ascii")


def write_campaigns(
    parts: Sequence[Part],
    targets: DataFrame[Targets],
    rules: PlatformRules,
    context: ExportContext,
) -> ExportFile:
    """Write the table of the campaigns that a person creates, with dates, money, and links."""
    first, last = find_flight_days(context.brief, targets)
    days = (last - first).days + 1
    cap = int(targets["frequency_cap"].max()) if "frequency_cap" in targets else ""
    rows: list[Sequence[Cell]] = [
        (
            context.name_campaign(rules.name_length, part.title),
            ", ".join(part.languages),
            first.isoformat(),
            last.isoformat(),
            format_figure(part.budget_usd),
            floor_cents(part.budget_usd / days),
            cap,
            len(part.places),
            write_utm(rules.platform, part, context),
        )
        for part in parts
    ]
    content = write_table(rows, CAMPAIGN_COLUMNS, bom=rules.bom.value)
    return ExportFile(f"{rules.platform}-campaigns.csv", content)
