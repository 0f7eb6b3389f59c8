"""Read plain lists of ZIPs and points, and the table of campaigns beside them."""

import datetime as dt
import re

from outreach.exporters.base.plain_lists import CAMPAIGN_COLUMNS, POINT_COLUMNS
from outreach.exporters.check.readback import Readback, point_code
from outreach.units import UnitKind

_ZIP = re.compile(r"[0-9]{5}")


def read_plain_lists(readback: Readback) -> None:
    """Read the lists of a platform that takes no file of ours; each file is one campaign."""
    rules = readback.rules
    for file in readback.find_files(f"{rules.platform}-zips"):
        for line in readback.read_lines(file, _ZIP):
            readback.add_place(file, file.name, UnitKind.ZIP, line[-5:])
    for file in readback.find_files(f"{rules.platform}-points"):
        for row in readback.read_table(file, POINT_COLUMNS, bom=rules.bom.value):
            point = point_code(row["latitude"], row["longitude"])
            radius = float(row["radius"])
            unit = rules.unit.value
            readback.require(file, row["unit"] == unit, f"a radius is not in {unit}")
            readback.add_place(file, file.name, UnitKind.PIN, point, radius=radius)
    read_campaigns(readback)


def read_campaigns(readback: Readback) -> None:
    """Read the table of campaigns, which a platform that takes plain lists must have."""
    rules = readback.rules
    files = readback.find_files(f"{rules.platform}-campaigns")
    for file in files:
        for row in readback.read_table(file, CAMPAIGN_COLUMNS, bom=rules.bom.value):
            first, last = (dt.date.fromisoformat(row[day]) for day in ("first_day", "last_day"))
            readback.add_campaign(file, row["campaign"], float(row["media_usd"]), first, last)
    if readback.files and not files:
        readback.require(readback.files[0], condition=False, sentence="no table of campaigns")
