"""Reads written files back as a platform would, with nothing of the code that wrote them: bytes in, places and faults out."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.errors import ShapelyError

from outreach.errors import OutreachError
from outreach.exporters.base.exporter import ExportContext, ExportFile
from outreach.exporters.base.place_ids import read_geotargets, read_location_codes
from outreach.exporters.base.rules import PlatformRules, load_rules

_ZIP = re.compile(r"[0-9]{5}")
_PIN = re.compile(r"\(([0-9.]+)(mi|km):(-?[0-9]+\.[0-9]+):(-?[0-9]+\.[0-9]+)\)")
_SHEET_PIN = re.compile(r"\((-?[0-9.]+), (-?[0-9.]+)\) \+([0-9.]+)(?:km|mi)")

_CORNERS = re.compile(r'"coordinates":\[[-+.,\s0-9eE\[\]]*\]')
#: What stands for a feature without geometry when GEOS reads it, which takes no null.
_NOWHERE = '{"type":"GeometryCollection","geometries":[]}'

#: Longest cell that Excel keeps.
_CELL_LENGTH = 32_767


@dataclass(frozen=True, slots=True)
class Placed:
    """One place as it stands in a file; ``code`` is a ZIP, ``latitude;longitude`` in millionths of a degree, or a unit's name."""

    file: str
    campaign: str
    kind: str
    code: str
    radius: float = 0.0
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What the pre-flight noticed: a fault stops the export, the rest is for the person who uploads."""

    file: str
    sentence: str
    fault: bool = True

    def __str__(self) -> str:
        return f"{self.file}: {self.sentence}"


@dataclass
class Reading:
    """The files of one platform as they are read: places found, ZIPs listed as not exported, and what is wrong."""

    files: Sequence[ExportFile]
    rules: PlatformRules | None
    context: ExportContext
    placed: list[Placed] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def demands(self) -> PlatformRules:
        """The rules, for platforms that have some."""
        if self.rules is None:
            raise LookupError("this form of file has no platform rules")
        return self.rules

    def demand(self, file: ExportFile, holds: object, sentence: str) -> None:
        """Note a fault where something does not hold."""
        if not holds:
            self.findings.append(Finding(file.name, sentence))

    def named(self, beginning: str) -> list[ExportFile]:
        """Return the files whose name begins so."""
        return [file for file in self.files if file.name.startswith(beginning)]

    def read_table(
        self, file: ExportFile, header: Sequence[str], *, bom: bool
    ) -> list[dict[str, str]]:
        """Read a CSV, its header held byte for byte, its cells held against formulas."""
        self.demand(
            file,
            file.content.startswith(b"\xef\xbb\xbf") == bom,
            "the byte-order mark is not as it must be",
        )
        text = file.content.decode("utf-8-sig")
        self.demand(
            file,
            text.split("\r\n", 1)[0].replace('"', "") == ",".join(header),
            "the header is not the known one",
        )
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        for row in rows:
            if None in row or None in row.values():
                self.demand(
                    file, holds=False, sentence="a row has more or fewer cells than the header"
                )
                return []
            for cell in row.values():
                if cell.startswith(("=", "+", "-", "@")) and not _is_figure(cell):
                    self.demand(
                        file, holds=False, sentence=f"the cell {cell[:40]!r} could start a formula"
                    )
        return rows

    def read_lines(self, file: ExportFile, form: re.Pattern[str]) -> list[str]:
        """Read a list, one entry a line; an entry that is not of the form is a fault."""
        lines = file.content.decode("ascii").splitlines()
        for line in lines:
            self.demand(
                file,
                form.fullmatch(line),
                f"the line {line[:40]!r} is not of the form {form.pattern}",
            )
        return lines

    def place(
        self,
        file: ExportFile,
        campaign: str,
        kind: str,
        code: str,
        *,
        radius: float = 0.0,
        barred: bool = False,
    ) -> None:
        """Note a place."""
        self.placed.append(Placed(file.name, campaign, kind, code, radius, barred))


def _is_figure(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _point(latitude: object, longitude: object) -> str:
    return f"{round(float(str(latitude)) * 1e6)};{round(float(str(longitude)) * 1e6)}"


def read_google(reading: Reading) -> None:
    """Read Editor files: campaign rows, locations by ID, by name or as a circle, exclusions."""
    rules, listed = reading.demands, reading.context.geotargets
    zips = (
        {number: code for code, number in read_geotargets(listed, rules).items()} if listed else {}
    )
    for file in reading.named("google-editor"):
        for row in reading.read_table(file, rules.header("editor"), bom=rules.bom.value):
            number, text, name = row["Location ID"], row["Location"], row["Campaign"]
            if not number and not text:
                reading.demand(file, row["Campaign Status"] == "Paused", "a campaign is not paused")
                reading.demand(
                    file,
                    row["Targeting method"] == rules.word("presence"),
                    "a campaign does not target presence",
                )
                reading.demand(
                    file,
                    row["EU political ads"],
                    "a campaign does not say whether it has EU political ads",
                )
                continue
            reading.demand(file, not (number and text), f"{text} has both a location ID and a name")
            if circle := _PIN.fullmatch(text):
                radius, unit, latitude, longitude = circle.groups()
                reading.demand(
                    file,
                    unit == rules.unit.value,
                    f"the circle {text} is not in {rules.unit.value}",
                )
                reading.place(file, name, "pin", _point(latitude, longitude), radius=float(radius))
            else:
                reading.place(
                    file, name, "zip", zips.get(number, "") if number else text.split(",")[0]
                )
    for file in reading.named("google-exclusions"):
        for row in reading.read_table(file, rules.header("excluded"), bom=rules.bom.value):
            reading.place(
                file, row["Campaign"], "zip", zips.get(row["Location ID"], ""), barred=True
            )


def read_microsoft(reading: Reading) -> None:
    """Read bulk files, format 6.0: one campaign and one location intent each, then ZIPs and pins."""
    rules, listed = reading.demands, reading.context.location_codes
    zips = (
        {number: code for code, number in read_location_codes(listed, rules).items()}
        if listed
        else {}
    )
    for file in reading.named("microsoft-bulk"):
        version, *rows = reading.read_table(
            file, rules.header("bulk") + rules.header("campaign"), bom=rules.bom.value
        )
        form = (version["Type"], version["Name"]) == (
            "Format Version",
            rules.word("format_version"),
        )
        reading.demand(file, form, "the second line does not give the format version")
        campaigns = [row for row in rows if row["Type"] == "Campaign"]
        reading.demand(
            file,
            [row["Status"] for row in campaigns] == ["Paused"],
            "there is not one paused campaign",
        )
        intents = [
            row["Target"] for row in rows if row["Type"] == "Campaign Location Intent Criterion"
        ]
        reading.demand(
            file, intents == [rules.word("presence")], "the campaign does not target presence"
        )
        for row in rows:
            key = row["Id"] if row["Type"] == "Campaign" else row["Parent Id"]
            reading.demand(
                file,
                re.fullmatch(r"-[0-9]+", key) and key == campaigns[0]["Id"],
                f"the key {key!r} is not the campaign's",
            )
            if row["Type"].endswith("Location Criterion"):
                barred = "Negative" in row["Type"]
                reading.place(
                    file,
                    campaigns[0]["Campaign"],
                    "zip",
                    zips.get(row["Target"], ""),
                    barred=barred,
                )
            elif row["Type"] == "Campaign Radius Criterion":
                reading.demand(
                    file,
                    re.fullmatch(r"[0-9]+", row["Radius"]),
                    f"the radius {row['Radius']} is not whole",
                )
                short = rules.cut_label(row["Name"]) == row["Name"]
                reading.demand(file, short, f"the name {row['Name']!r} is too long")
                point = _point(row["Latitude"], row["Longitude"])
                reading.place(
                    file, campaigns[0]["Campaign"], "pin", point, radius=float(row["Radius"])
                )


def read_meta(reading: Reading) -> None:
    """Read ad sets from JSON, and hold the lists for pasting and the import sheet against them."""
    rules = reading.demands
    for file in reading.named("meta-geo-locations"):
        spec = json.loads(file.content)
        reading.demand(
            file,
            spec["campaign"]["special_ad_categories"],
            "the campaign declares no special category",
        )
        targeting = spec["ad_set"]["targeting"]
        reading.demand(
            file,
            targeting["geo_locations"]["location_types"] == ["home", "recent"],
            "it does not target presence",
        )
        reading.demand(
            file,
            targeting["targeting_automation"]["advantage_audience"] == 0,
            "audience expansion is not off",
        )
        for section, barred in (("geo_locations", False), ("excluded_geo_locations", True)):
            _read_meta_places(
                reading, file, spec["ad_set"]["name"], targeting.get(section, {}), barred=barred
            )
    zips = sorted(
        place.code for place in reading.placed if place.kind == "zip" and not place.barred
    )
    for file in reading.named("meta-zips"):
        lines = reading.read_lines(file, _ZIP)
        reading.demand(file, set(lines) <= set(zips), "it holds ZIPs that no ad set has")
    header = rules.header("sheet") + rules.header("locations") + rules.header("exclusions")
    for file in reading.named("meta-import-sheet"):
        rows = reading.read_table(file, header, bom=rules.bom.value)
        on_sheet = sorted(
            code for row in rows for code in re.findall(r"US:([0-9]{5})(?![0-9])", row["Zip"])
        )
        reading.demand(file, on_sheet == zips, "its ZIPs are not those of the ad sets")
        pins = sum(place.kind == "pin" and not place.barred for place in reading.placed)
        reading.demand(
            file,
            sum(len(_SHEET_PIN.findall(row["Addresses"])) for row in rows) == pins,
            "it lacks pins",
        )
        if any(len(cell) > _CELL_LENGTH for row in rows for cell in row.values()):
            reading.findings.append(
                Finding(
                    file.name,
                    "a cell is longer than Excel keeps: do not open and save it.",
                    fault=False,
                )
            )


def _read_meta_places(
    reading: Reading, file: ExportFile, name: str, section: dict[str, Any], *, barred: bool
) -> None:
    for entry in section.get("zips", []):
        country, code = entry["key"].split(":")
        reading.demand(file, country == "US", f"the key {entry['key']} is not of the United States")
        reading.place(file, name, "zip", code, barred=barred)
    for pin in section.get("custom_locations", []):
        reading.demand(
            file,
            pin["distance_unit"] == reading.demands.unit_word,
            f"the pin {pin['name']} is in another unit",
        )
        point = _point(pin["latitude"], pin["longitude"])
        reading.place(file, name, "pin", point, radius=pin["radius"], barred=barred)


def read_dv360(reading: Reading) -> None:
    """Read location lists from JSON."""
    rules, listed = reading.demands, reading.context.geotargets
    google = load_rules("google", reading.context.rules_folder)
    zips = (
        {number: code for code, number in read_geotargets(listed, google).items()} if listed else {}
    )
    for file in (one for one in reading.files if one.name.endswith(".json")):
        spec = json.loads(file.content)
        name = spec["locationList"]["displayName"]
        reading.demand(
            file, len(name.encode("utf-8")) <= rules.name_length, "the list's name is too long"
        )
        regional = spec["locationList"]["locationType"] == rules.word("regional")
        for entry in spec["bulkEdit"]["createdAssignedLocations"]:
            number = entry["targetingOptionId"]
            if regional:
                reading.place(file, name, "zip", zips.get(number, ""))
            else:
                reading.place(
                    file, name, "pin", number, radius=spec["assignment"]["proximityRadius"]
                )
    for file in reading.named("dv360-sdf-cells"):
        for row in reading.read_table(file, rules.header("sdf"), bom=rules.bom.value):
            for number in filter(
                None, row["Geography Targeting - Exclude"].split(rules.word("separator"))
            ):
                reading.place(file, row["Name"], "zip", zips.get(number, ""), barred=True)


def read_zip_lists(reading: Reading) -> None:
    """Read plain lists of ZIPs; each file is one ad group."""
    for file in reading.named("tiktok-zips") + reading.named("zips_country"):
        form = _ZIP if file.name.endswith(".txt") else re.compile(r"USA,[0-9]{5}")
        for line in reading.read_lines(file, form):
            reading.place(file, file.name, "zip", line[-5:])
    for file in reading.named("zips.txt"):
        same = sorted(reading.read_lines(file, _ZIP)) == sorted(
            place.code for place in reading.placed
        )
        reading.demand(file, same, "its ZIPs are not those of zips_country")


def read_geojson(reading: Reading) -> None:
    """Read features by unit; longitude stands first. GEOS reads the shapes: Python alone takes two to three times as long over the corners."""
    rules = reading.demands
    for file in (one for one in reading.files if one.name.endswith(".geojson")):
        text = file.content.decode("utf-8")
        spec = json.loads(_CORNERS.sub('"coordinates":[]', text))
        reading.demand(
            file, spec["type"] == "FeatureCollection" and "crs" not in spec, "it is not RFC 7946"
        )
        shapes = shapely.get_parts(
            shapely.from_geojson(text.replace('"geometry":null', f'"geometry":{_NOWHERE}'))
        )
        west, south, east, north = shapely.total_bounds(shapes)
        on_earth = -180 <= west <= east <= 180 and -90 <= south <= north <= 90  # noqa: PLR2004  degrees
        reading.demand(
            file,
            on_earth or shapely.is_empty(shapes).all(),
            "a shape lies beyond 180 or 90 degrees",
        )
        reading.demand(file, shapely.is_valid(shapes).all(), "a polygon crosses itself")
        for feature in spec["features"]:
            reading.place(file, file.name, "unit", feature["id"])
        if bare := sum(feature["geometry"] is None for feature in spec["features"]):
            what = f"{bare:,} of {len(spec['features']):,} units have neither polygon nor point."
            reading.findings.append(Finding(file.name, what, fault=False))
    for name in ("points", "polygons"):
        for file in reading.named(name):
            reading.read_table(file, rules.header(name), bom=rules.bom.value)


def read_csv(reading: Reading) -> None:
    """Read the plain list by unit."""
    for file in reading.files:
        header = file.content.decode("utf-8-sig").split("\r\n", 1)[0].replace('"', "").split(",")
        for row in reading.read_table(file, header, bom=True):
            reading.place(file, file.name, "unit", row["unit_id"])


def read_excel(reading: Reading) -> None:
    """Look into the workbook's parts: not one formula or link."""
    for file in reading.files:
        with zipfile.ZipFile(io.BytesIO(file.content)) as book:
            for name in book.namelist():
                content = book.read(name) if name.startswith("xl/worksheets/") else b""
                reading.demand(
                    file,
                    b"<f>" not in content and b"<hyperlink" not in content,
                    f"{name} holds a formula or a link",
                )


READERS: dict[str, Callable[[Reading], None]] = {
    "csv": read_csv,
    "dv360": read_dv360,
    "excel": read_excel,
    "geojson": read_geojson,
    "google": read_google,
    "meta": read_meta,
    "microsoft": read_microsoft,
    "tiktok": read_zip_lists,
    "zips": read_zip_lists,
}


def read_back(
    platform: str, files: Sequence[ExportFile], rules: PlatformRules | None, context: ExportContext
) -> Reading:
    """Read all files of a platform.

    Returns
    -------
    Reading
        Places and findings; a file that cannot be read at all is a fault.
    """
    reading = Reading(files, rules, context)
    try:
        READERS[platform](reading)
        for file in (one for one in files if "unmatched-zips" in one.name and rules):
            for row in reading.read_table(
                file, reading.demands.header("unmatched"), bom=reading.demands.bom.value
            ):
                reading.listed.append(row["zip"])
    except (
        ValueError,
        KeyError,
        IndexError,
        zipfile.BadZipFile,
        ShapelyError,
        OutreachError,
    ) as error:
        reading.findings.append(
            Finding(platform, f"the files cannot be read back: {type(error).__name__} {error}")
        )
    return reading
