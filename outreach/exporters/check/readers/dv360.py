"""Read Display & Video 360 location lists back."""

import datetime as dt
import json

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.place_ids import read_geotargets
from outreach.exporters.base.rules import load_rules
from outreach.exporters.check.readback import FileReader, Readback, invert_ids
from outreach.units import UnitKind


def read_dv360(readback: Readback) -> None:
    """Read line items from the structured data file, and their places from the location lists."""
    rules, context = readback.rules, readback.context
    google = load_rules("google", context.rules_folder)
    zips = invert_ids(read_geotargets(context.geotargets, google)) if context.geotargets else {}

    for file in readback.find_files("dv360-sdf-line-items"):
        for row in readback.read_table(file, rules.header("sdf"), bom=rules.bom.value):
            _read_line_item(readback, file, row, zips)
    for file in readback.files:
        if file.name.endswith(".json"):
            _read_list(readback, file)

    # Every region list repeats the regions of its line item.
    in_items = {place.code for place in readback.places if place.kind == UnitKind.ZIP}
    for file in readback.find_files("dv360-regional-list"):
        spec = json.loads(file.content)
        codes = {
            zips.get(entry["targetingOptionId"], "")
            for entry in spec["bulkEdit"]["createdAssignedLocations"]
        }
        readback.require(file, "" not in codes, "a region has an unknown ID")
        readback.require(file, codes <= in_items, "it has ZIPs that are in no line item")


def _read_line_item(
    readback: Readback, file: ExportFile, row: dict[str, str], zips: dict[str, str]
) -> None:
    """Check a line item's status, dates, and declaration, and record its regions."""
    rules, name = readback.rules, row["Name"]
    short = len(name.encode("utf-8")) <= rules.name_length
    readback.require(file, short, "a line item's name is too long")
    readback.require(file, row["Status"] in ("Draft", "Paused"), "a line item is not a draft")
    readback.require(file, row["Contains EU Political Ads"], "a line item lacks the EU declaration")
    first, last = (
        dt.datetime.strptime(row[day].split(" ")[0], rules.word("date")).date()  # noqa: DTZ007  a day, no time
        for day in ("Start Date", "End Date")
    )
    readback.add_campaign(file, name, float(row["Budget Amount"]), first, last)

    include, lists = row["Geography Targeting - Include"], row["Proximity Location List Targeting"]
    readback.require(file, include or lists, "a line item has no place and would run everywhere")
    for column, excluded in (("Include", False), ("Exclude", True)):
        numbers = [part for part in row[f"Geography Targeting - {column}"].split("; ") if part]
        for number in numbers:
            code = zips.get(number.rstrip(";"), "")
            readback.add_place(file, name, UnitKind.ZIP, code, excluded=excluded)


def _read_list(readback: Readback, file: ExportFile) -> None:
    """Check the name of a location list, and record its points."""
    rules, spec = readback.rules, json.loads(file.content)
    name = spec["locationList"]["displayName"]
    short = len(name.encode("utf-8")) <= rules.name_length
    readback.require(file, short, "the list's name is too long")

    if spec["locationList"]["locationType"] == rules.word("regional"):
        return
    for entry in spec["bulkEdit"]["createdAssignedLocations"]:
        radius = spec["assignment"]["proximityRadius"]
        number = entry["targetingOptionId"]
        readback.add_place(file, name, UnitKind.PIN, number, radius=radius)


READER = FileReader(read_dv360)
