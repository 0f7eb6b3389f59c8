"""The IDs that platforms give to ZIPs, read from the lists that a user supplies: Google's geo targets and Microsoft's location codes.

Google: ``geotargets-YYYY-MM-DD.csv`` (zipped),
developers.google.com/google-ads/api/data/geotargets. Microsoft: geographical location codes of the
Bing Ads API. Neither list is shipped; both change several times a year.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from outreach.errors import ExportError
from outreach.exporters.base.cells import Cell, format_figure, write_table
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.places import Place
from outreach.exporters.base.rules import PlatformRules


def read_geotargets(path: Path, rules: PlatformRules) -> dict[str, str]:
    """Return Google's criterion ID of every ZIP in its list of geo targets.

    A ZIP that is planned for removal keeps its ID until the next list.

    Raises
    ------
    ExportError
        The file cannot be read, or its header is not the known one.
    """
    wanted, country = rules.word("postal_code"), rules.word("country_code")
    found: dict[str, str] = {}
    for row in _read_rows(path, rules.header("geotargets"), "Google's list of geo targets", wanted):
        criterion, name, _, _, of_country, kind, _ = row
        if kind == wanted and of_country == country:
            found.setdefault(name, criterion)
    return found


def read_location_codes(path: Path, rules: PlatformRules) -> dict[str, str]:
    """Return Microsoft's location ID of every ZIP in its file of location codes, the deprecated ones left out.

    Raises
    ------
    ExportError
        The file cannot be read, or lacks a column.
    """
    wanted, country = rules.word("postal_code"), rules.word("country")
    found: dict[str, str] = {}
    for number, display, kind, status in _read_rows(
        path, rules.header("location_codes"), "Microsoft's location codes", wanted
    ):
        parts = display.split("|")
        if kind == wanted and parts[-1] == country and status.lower() != "deprecated":
            found.setdefault(parts[0], number)
    return found


def list_unmatched(
    places: Iterable[Place], reason: str, name: str, rules: PlatformRules
) -> list[ExportFile]:
    """Write the ZIPs that a platform's list does not know as a file of their own; no file where there are none."""
    rows: list[Sequence[Cell]] = [
        (
            one.place,
            one.label,
            format_figure(one.households_count, 0),
            format_figure(one.budget_usd),
            reason,
        )
        for one in places
    ]
    return (
        [ExportFile(name, write_table(rows, rules.header("unmatched"), bom=rules.bom.value))]
        if rows
        else []
    )


def _read_rows(path: Path, columns: tuple[str, ...], what: str, word: str) -> Iterator[list[str]]:
    """Yield these columns of the lines that hold ``word``, from a CSV, plain or the only file of a ZIP archive."""
    try:
        first, *lines = _read_text(path).splitlines() or [""]
        header = next(csv.reader([first]), [])
        if missing := [column for column in columns if column not in header]:
            raise ExportError(
                f"{path} is not {what}: it has no column '{missing[0]}'.",
                f"Its columns are: {', '.join(columns)}.",
            )
        places = [header.index(column) for column in columns]
        last = max(places)
        for row in csv.reader(line for line in lines if word in line):
            if len(row) > last:
                yield [row[place] for place in places]
    except (OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
    else:
        return
    raise ExportError(
        f"Cannot read {path} as {what}: {reason}.", "Fetch the file again, or export without it."
    )


def _read_text(path: Path) -> str:
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode("utf-8-sig")
