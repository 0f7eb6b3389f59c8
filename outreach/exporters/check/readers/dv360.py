"""Read Display & Video 360 location lists back."""

import json

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.place_ids import read_geotargets
from outreach.exporters.base.rules import load_rules
from outreach.exporters.check.readback import FileReader, Readback, invert_ids
from outreach.units import UnitKind


def read_dv360(readback: Readback) -> None:
    """Read location lists from JSON and exclusions from the structured data cells."""
    rules, context = readback.rules, readback.context
    google = load_rules("google", context.rules_folder)
    zips = invert_ids(read_geotargets(context.geotargets, google)) if context.geotargets else {}

    for file in readback.files:
        if file.name.endswith(".json"):
            _read_list(readback, file, zips)
    for file in readback.find_files("dv360-sdf-cells"):
        for row in readback.read_table(file, rules.header("sdf"), bom=rules.bom.value):
            numbers = row["Geography Targeting - Exclude"].split(rules.word("separator"))
            for number in filter(None, numbers):
                code = zips.get(number, "")
                readback.add_place(file, row["Name"], UnitKind.ZIP, code, excluded=True)


def _read_list(readback: Readback, file: ExportFile, zips: dict[str, str]) -> None:
    """Record the places of a location list, regions or points."""
    rules, spec = readback.rules, json.loads(file.content)
    name = spec["locationList"]["displayName"]
    short = len(name.encode("utf-8")) <= rules.name_length
    readback.require(file, short, "the list's name is too long")

    regional = spec["locationList"]["locationType"] == rules.word("regional")
    for entry in spec["bulkEdit"]["createdAssignedLocations"]:
        number = entry["targetingOptionId"]
        if regional:
            readback.add_place(file, name, UnitKind.ZIP, zips.get(number, ""))
        else:
            radius = spec["assignment"]["proximityRadius"]
            readback.add_place(file, name, UnitKind.PIN, number, radius=radius)


READER = FileReader(read_dv360)
