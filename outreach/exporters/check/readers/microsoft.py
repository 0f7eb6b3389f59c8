"""Read Microsoft Advertising bulk files back (format 6.0)."""

import datetime as dt
import re

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.place_ids import read_geotargets, read_location_codes
from outreach.exporters.base.rules import load_rules
from outreach.exporters.check.readback import FileReader, Readback, invert_ids, point_code
from outreach.units import UnitKind


def read_microsoft(readback: Readback) -> None:
    """Read one campaign and one location intent from each file, then its ZIPs and pins."""
    rules = readback.rules
    zips = _read_zips(readback)
    header = rules.header("bulk") + rules.header("campaign")

    for file in readback.find_files("microsoft-bulk"):
        version, *rows = readback.read_table(file, header, bom=rules.bom.value)
        campaign = _check_campaign(readback, file, version, rows)
        for row in rows:
            key = row["Id"] if row["Type"] == "Campaign" else row["Parent Id"]
            readback.require(
                file,
                re.fullmatch(r"-[0-9]+", key) and key == campaign["Id"],
                f"the key {key!r} is not the campaign's",
            )
            if row["Type"].endswith("Location Criterion"):
                code, excluded = zips.get(row["Target"], ""), "Negative" in row["Type"]
                readback.add_place(
                    file, campaign["Campaign"], UnitKind.ZIP, code, excluded=excluded
                )
            elif row["Type"] == "Campaign Radius Criterion":
                _read_pin(readback, file, row, campaign["Campaign"])


def _read_zips(readback: Readback) -> dict[str, str]:
    """Return the ZIP of each location ID, from the two lists that the user supplied."""
    context = readback.context
    if context.location_codes is None or context.geotargets is None:
        return {}
    google_ids = read_geotargets(context.geotargets, load_rules("google", context.rules_folder))
    return invert_ids(read_location_codes(context.location_codes, google_ids, readback.rules))


def _check_campaign(
    readback: Readback, file: ExportFile, version: dict[str, str], rows: list[dict[str, str]]
) -> dict[str, str]:
    """Check version, the one paused campaign, its intent and its dates; return the campaign."""
    rules = readback.rules
    readback.require(
        file,
        (version["Type"], version["Name"]) == ("Format Version", rules.word("format_version")),
        "the second line does not give the format version",
    )

    campaigns = [row for row in rows if row["Type"] == "Campaign"]
    paused = [row["Status"] for row in campaigns] == ["Paused"]
    readback.require(file, paused, "there is not exactly one paused campaign")

    intents = [row["Target"] for row in rows if row["Type"] == "Campaign Location Intent Criterion"]
    presence = intents == [rules.word("presence")]
    readback.require(file, presence, "the campaign does not target presence")

    # The ad group has the dates.
    groups = [row for row in rows if row["Type"] == "Ad Group"]
    readback.require(file, len(groups) == 1, "there is not exactly one ad group with the dates")
    first, last = (
        dt.datetime.strptime(groups[0][name], rules.word("date")).date()  # noqa: DTZ007  a day, no time
        for name in ("Start Date", "End Date")
    )
    total_usd = float(campaigns[0]["Budget"]) * ((last - first).days + 1)
    name = campaigns[0]["Campaign"]
    readback.add_campaign(file, name, total_usd, first, last, is_daily=True)
    return campaigns[0]


def _read_pin(readback: Readback, file: ExportFile, row: dict[str, str], campaign: str) -> None:
    """Record a pin; its radius is a whole number and its name is short enough."""
    whole = re.fullmatch(r"[0-9]+", row["Radius"])
    readback.require(file, whole, f"the radius {row['Radius']} is not a whole number")
    short = readback.rules.cut_label(row["Name"]) == row["Name"]
    readback.require(file, short, f"the name {row['Name']!r} is too long")

    point = point_code(row["Latitude"], row["Longitude"])
    readback.add_place(file, campaign, UnitKind.PIN, point, radius=float(row["Radius"]))


READER = FileReader(read_microsoft)
