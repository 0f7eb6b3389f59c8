"""Read Microsoft Advertising bulk files back (format 6.0)."""

import re

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.place_ids import read_location_codes
from outreach.exporters.check.readback import FileReader, Readback, invert_ids, point_code
from outreach.units import UnitKind


def read_microsoft(readback: Readback) -> None:
    """Read one campaign and one location intent from each file, then its ZIPs and pins."""
    rules, location_codes = readback.rules, readback.context.location_codes
    zips = invert_ids(read_location_codes(location_codes, rules)) if location_codes else {}
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


def _check_campaign(
    readback: Readback, file: ExportFile, version: dict[str, str], rows: list[dict[str, str]]
) -> dict[str, str]:
    """Check the format version, the one paused campaign, and its intent; return the campaign."""
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
