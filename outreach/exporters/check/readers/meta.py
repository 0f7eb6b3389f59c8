"""Read Meta ad sets back, and compare the other files with them."""

import datetime as dt
import json
import re
from typing import Any

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.check.readback import FileFinding, FileReader, Readback, point_code
from outreach.units import UnitKind

_ZIP = re.compile(r"[0-9]{5}")
_SHEET_ZIP = re.compile(r"US:([0-9]{5})(?![0-9])")
_SHEET_PIN = re.compile(r"\((-?[0-9.]+), (-?[0-9.]+)\) \+([0-9.]+)(?:km|mi)")

#: The longest cell that Excel keeps.
_CELL_LENGTH = 32_767


def read_meta(readback: Readback) -> None:
    """Read ad sets from JSON, then check the ZIP lists and the import sheet against them."""
    for file in readback.find_files("meta-geo-locations"):
        _read_ad_set(readback, file)
    zips = sorted(
        place.code for place in readback.places if place.kind == UnitKind.ZIP and not place.excluded
    )

    for file in readback.find_files("meta-zips"):
        lines = readback.read_lines(file, _ZIP)
        readback.require(file, set(lines) <= set(zips), "it has ZIPs that are in no ad set")
    for file in readback.find_files("meta-import-sheet"):
        _check_sheet(readback, file, zips)


def _read_ad_set(readback: Readback, file: ExportFile) -> None:
    """Check the settings of an ad set and record its places."""
    spec = json.loads(file.content)
    targeting = spec["ad_set"]["targeting"]
    readback.require(
        file,
        spec["campaign"]["special_ad_categories"],
        "the campaign declares no special category",
    )
    readback.require(
        file,
        targeting["geo_locations"]["location_types"] == ["home", "recent"],
        "it does not target presence",
    )
    readback.require(
        file,
        targeting["targeting_automation"]["advantage_audience"] == 0,
        "audience expansion is not off",
    )

    name = spec["ad_set"]["name"]
    first, last = (
        dt.datetime.fromisoformat(spec["ad_set"][time]).date()
        for time in ("start_time", "end_time")
    )
    budget_usd = spec["ad_set"]["lifetime_budget"] / 100
    readback.add_campaign(file, name, budget_usd, first, last)
    _read_places(readback, file, name, targeting.get("geo_locations", {}), excluded=False)
    _read_places(readback, file, name, targeting.get("excluded_geo_locations", {}), excluded=True)


def _read_places(
    readback: Readback, file: ExportFile, name: str, section: dict[str, Any], *, excluded: bool
) -> None:
    """Record the ZIPs and pins of one section."""
    for entry in section.get("zips", []):
        country, code = entry["key"].split(":")
        readback.require(
            file, country == "US", f"the key {entry['key']} is not in the United States"
        )
        readback.add_place(file, name, UnitKind.ZIP, code, excluded=excluded)
    for pin in section.get("custom_locations", []):
        readback.require(
            file,
            pin["distance_unit"] == readback.rules.unit_word,
            f"the pin {pin['name']} is in another unit",
        )
        point = point_code(pin["latitude"], pin["longitude"])
        readback.add_place(file, name, UnitKind.PIN, point, radius=pin["radius"], excluded=excluded)


def _check_sheet(readback: Readback, file: ExportFile, zips: list[str]) -> None:
    """Check that the import sheet has the ZIPs and pins of the ad sets."""
    rules = readback.rules
    header = rules.header("sheet") + rules.header("locations") + rules.header("exclusions")
    rows = readback.read_table(file, header, bom=rules.bom.value)

    on_sheet = sorted(code for row in rows for code in _SHEET_ZIP.findall(row["Zip"]))
    readback.require(file, on_sheet == zips, "its ZIPs are not the same as in the ad sets")
    pins = sum(place.kind == UnitKind.PIN and not place.excluded for place in readback.places)
    money = sorted(float(row["Ad Set Lifetime Budget"]) for row in rows)
    same = money == sorted(campaign.budget_usd for campaign in readback.campaigns)
    readback.require(file, same, "its budgets are not the same as in the ad sets")
    readback.require(
        file,
        all(row["Ad Set Time Start"] and row["Ad Set Time Stop"] for row in rows),
        "an ad set has no start or no end",
    )
    pins_on_sheet = sum(len(_SHEET_PIN.findall(row["Addresses"])) for row in rows)
    readback.require(file, pins_on_sheet == pins, "it lacks pins")

    if any(len(cell) > _CELL_LENGTH for row in rows for cell in row.values()):
        sentence = "a cell is longer than Excel keeps: do not open and save it."
        readback.findings.append(FileFinding(file.name, sentence, fault=False))


READER = FileReader(read_meta)
