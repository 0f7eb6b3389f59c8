"""Read Google Ads Editor files back."""

import datetime as dt
import re

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.place_ids import read_geotargets
from outreach.exporters.check.readback import FileReader, Readback, invert_ids, point_code
from outreach.units import UnitKind

_CIRCLE = re.compile(r"\(([0-9.]+)(mi|km):(-?[0-9]+\.[0-9]+):(-?[0-9]+\.[0-9]+)\)")


def read_google(readback: Readback) -> None:
    """Read campaign rows, locations by ID, by name, or as a circle, and exclusions."""
    rules, geotargets = readback.rules, readback.context.geotargets
    zips = invert_ids(read_geotargets(geotargets, rules)) if geotargets else {}

    for file in readback.find_files("google-editor"):
        for row in readback.read_table(file, rules.header("editor"), bom=rules.bom.value):
            if row["Location ID"] or row["Location"]:
                _read_location(readback, file, row, zips)
            else:
                _check_campaign(readback, file, row)

    for file in readback.find_files("google-exclusions"):
        for row in readback.read_table(file, rules.header("excluded"), bom=rules.bom.value):
            code = zips.get(row["Location ID"], "")
            readback.add_place(file, row["Campaign"], UnitKind.ZIP, code, excluded=True)


def _check_campaign(readback: Readback, file: ExportFile, row: dict[str, str]) -> None:
    """Check that a campaign arrives paused, with dates, for people who are in the place."""
    presence = readback.rules.word("presence")
    readback.require(file, row["Campaign Status"] == "Paused", "a campaign is not paused")
    readback.require(
        file, row["Targeting method"] == presence, "a campaign does not target presence"
    )
    readback.require(
        file, row["EU political ads"], "a campaign does not say whether it has EU political ads"
    )
    first, last = (dt.date.fromisoformat(row[name]) for name in ("Start Date", "End Date"))
    daily_usd = float(row["Budget"])
    total_usd = daily_usd * ((last - first).days + 1)
    readback.add_campaign(file, row["Campaign"], total_usd, first, last, is_daily=True)


def _read_location(
    readback: Readback, file: ExportFile, row: dict[str, str], zips: dict[str, str]
) -> None:
    """Record a circle or a ZIP."""
    number, text, campaign = row["Location ID"], row["Location"], row["Campaign"]
    readback.require(file, not (number and text), f"{text} has both a location ID and a name")

    if circle := _CIRCLE.fullmatch(text):
        radius, unit, latitude, longitude = circle.groups()
        expected = readback.rules.unit.value
        readback.require(file, unit == expected, f"the circle {text} is not in {expected}")
        point = point_code(latitude, longitude)
        readback.add_place(file, campaign, UnitKind.PIN, point, radius=float(radius))
    else:
        code = zips.get(number, "") if number else text.split(",")[0]
        readback.add_place(file, campaign, UnitKind.ZIP, code)


READER = FileReader(read_google)
