"""Collect what readers find in exported files.

Readers do not use the code that writes the files. They take bytes and report places and faults.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from shapely.errors import ShapelyError

from outreach import exporters
from outreach.errors import ExportError, OutreachError
from outreach.exporters.base.exporter import ExportContext, ExportFile
from outreach.exporters.base.rules import PlatformRules
from outreach.exporters.check import readers
from outreach.registry import discover

_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class PlacedUnit:
    """One place in a file.

    Parameters
    ----------
    file, campaign
        The file's name, and the campaign, ad set, or list that holds the place.
    kind
        ``zip``, ``pin``, or ``unit`` where the file names units instead of places.
    code
        The ZIP, the pin's :func:`point_code`, or the unit's ID.
    radius
        A pin's radius in the platform's unit.
    excluded
        Whether the place is excluded, not advertised in.
    """

    file: str
    campaign: str
    kind: str
    code: str
    radius: float = 0.0
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class PlacedCampaign:
    """One campaign, ad set, or line item in a file, with its money and its days.

    Parameters
    ----------
    file, name
        The file's name, and the campaign's.
    budget_usd
        All its money in US dollars, a daily budget times its days.
    first, last
        Its days, both included.
    is_daily
        Whether the file has a daily budget, which rounding makes smaller.
    """

    file: str
    name: str
    budget_usd: float
    first: dt.date
    last: dt.date
    is_daily: bool = False


@dataclass(frozen=True, slots=True)
class FileFinding:
    """What the check found: a fault stops the export; the rest is for the person who uploads."""

    file: str
    sentence: str
    fault: bool = True

    def __str__(self) -> str:
        return f"{self.file}: {self.sentence}"


@dataclass
class Readback:
    """The files of one platform while a reader goes through them.

    Parameters
    ----------
    files
        What was written.
    platform_rules
        The platform's rules; ``None`` for a file format without rules.
    context
        The lists of IDs that the user supplied.
    places, campaigns, unmatched_zips, findings
        What the reader found: places, campaigns with money, ZIPs reported as not exported, and what
        is wrong.
    """

    files: Sequence[ExportFile]
    platform_rules: PlatformRules | None
    context: ExportContext
    places: list[PlacedUnit] = field(default_factory=list)
    campaigns: list[PlacedCampaign] = field(default_factory=list)
    unmatched_zips: list[str] = field(default_factory=list)
    findings: list[FileFinding] = field(default_factory=list)

    @property
    def rules(self) -> PlatformRules:
        """The rules, for platforms that have some."""
        if self.platform_rules is None:
            raise LookupError("this file format has no platform rules")
        return self.platform_rules

    def require(self, file: ExportFile, condition: object, sentence: str) -> None:
        """Report a fault unless the condition holds."""
        if not condition:
            self.findings.append(FileFinding(file.name, sentence))

    def find_files(self, beginning: str) -> list[ExportFile]:
        """Return the files whose names start this way."""
        return [file for file in self.files if file.name.startswith(beginning)]

    def read_table(
        self, file: ExportFile, header: Sequence[str], *, bom: bool
    ) -> list[dict[str, str]]:
        """Read a CSV. Check its header byte for byte and its cells for formulas."""
        self.require(
            file,
            file.content.startswith(b"\xef\xbb\xbf") == bom,
            "the byte-order mark is not as the rules say",
        )
        text = file.content.decode("utf-8-sig")
        first = text.split("\r\n", 1)[0].replace('"', "")
        self.require(file, first == ",".join(header), "the header is not the expected one")

        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        for row in rows:
            if None in row or None in row.values():
                self.require(
                    file, condition=False, sentence="a row has more or fewer cells than the header"
                )
                return []
            for cell in row.values():
                if cell.startswith(_FORMULA_STARTS) and not _is_number(cell):
                    self.require(
                        file,
                        condition=False,
                        sentence=f"the cell {cell[:40]!r} could start a formula",
                    )
        return rows

    def read_lines(self, file: ExportFile, pattern: re.Pattern[str]) -> list[str]:
        """Read a list with one entry on each line; an entry in another form is a fault."""
        lines = file.content.decode("ascii").splitlines()
        for line in lines:
            self.require(
                file,
                pattern.fullmatch(line),
                f"the line {line[:40]!r} is not of the form {pattern.pattern}",
            )
        return lines

    def add_place(
        self,
        file: ExportFile,
        campaign: str,
        kind: str,
        code: str,
        *,
        radius: float = 0.0,
        excluded: bool = False,
    ) -> None:
        """Record a place."""
        self.places.append(PlacedUnit(file.name, campaign, kind, code, radius, excluded))

    def add_campaign(
        self,
        file: ExportFile,
        name: str,
        budget_usd: float,
        first: dt.date,
        last: dt.date,
        *,
        is_daily: bool = False,
    ) -> None:
        """Record a campaign with its money and its days."""
        self.campaigns.append(
            PlacedCampaign(file.name, name, budget_usd, first, last, is_daily=is_daily)
        )


@dataclass(frozen=True, slots=True)
class FileReader:
    """How the files of one platform are read back.

    Parameters
    ----------
    read
        Goes through the files of a :class:`Readback` and records places and findings.
    by_unit
        Whether the files name units by their ID instead of ZIPs and points.
    by_language
        Whether the files are split by the languages of the ads.
    lists_places
        Whether the files name each place once; a workbook with several sheets does not.
    """

    read: Callable[[Readback], None]
    by_unit: bool = False
    by_language: bool = True
    lists_places: bool = True


def find_reader(platform: str) -> FileReader:
    """Return the reader of a platform: its own file in ``readers``, or its exporter's ``READER``.

    Raises
    ------
    ExportError
        The platform has no reader.
    """
    for package in (readers, exporters):
        reader = discover(package, "READER", FileReader).get(platform)
        if reader is not None:
            return reader
    raise ExportError(
        f"The exporter '{platform}' has no reader, so its files cannot be checked.",
        "Define READER in the exporter's file.",
    )


def read_back(
    platform: str, files: Sequence[ExportFile], rules: PlatformRules | None, context: ExportContext
) -> Readback:
    """Read all files of a platform.

    Returns
    -------
    Readback
        Places and findings. A file that cannot be read at all is a fault.

    Raises
    ------
    ExportError
        The platform has no reader.
    """
    reader = find_reader(platform)
    readback = Readback(files, rules, context)
    try:
        reader.read(readback)
        if rules is not None:
            _read_unmatched(readback)
    except (
        ValueError,
        LookupError,
        zipfile.BadZipFile,
        ShapelyError,
        OutreachError,
    ) as error:
        cause = str(error) if isinstance(error, OutreachError) else "they are not in its form"
        sentence = f"the files cannot be read back: {cause}"
        readback.findings.append(FileFinding(platform, sentence))
    return readback


def point_code(latitude: object, longitude: object) -> str:
    """Return a point as ``latitude;longitude`` in millionths of a degree."""
    return f"{round(float(str(latitude)) * 1e6)};{round(float(str(longitude)) * 1e6)}"


def invert_ids(ids: Mapping[str, str]) -> dict[str, str]:
    """Return the ZIP of each ID of a platform."""
    return {number: code for code, number in ids.items()}


def _read_unmatched(readback: Readback) -> None:
    """Read the lists of ZIPs that could not be exported."""
    rules = readback.rules
    for file in readback.files:
        if "unmatched-zips" in file.name:
            rows = readback.read_table(file, rules.header("unmatched"), bom=rules.bom.value)
            readback.unmatched_zips += [row["zip"] for row in rows]


def _is_number(cell: str) -> bool:
    """Return whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
