"""Look up the IDs that platforms give to ZIPs.

Sources: Google's ``geotargets-YYYY-MM-DD.csv`` (zipped),
developers.google.com/google-ads/api/data/geotargets, and Microsoft's geographical location codes
of the Bing Ads API. Both lists change several times a year. Neither is shipped; the user supplies
them.
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from outreach.errors import ExportError
from outreach.exporters.base.cells import format_figure
from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.places import Place
from outreach.exporters.base.rules import PlatformRules
from outreach.spreadsheet import Cell, write_table


def read_geotargets(path: Path, rules: PlatformRules) -> dict[str, str]:
    """Return Google's criterion ID of every ZIP in its list of geo targets.

    A ZIP that is about to be removed keeps its ID until the next list.

    Raises
    ------
    ExportError
        The file cannot be read, or its header is not the expected one.
    """
    postal_code, country_code = rules.word("postal_code"), rules.word("country_code")
    rows = _read_rows(path, rules.header("geotargets"), "Google's list of geo targets", postal_code)
    ids: dict[str, str] = {}
    for criterion, name, _, _, country, kind, _ in rows:
        if kind == postal_code and country == country_code:
            ids.setdefault(name, criterion)
    return ids


def read_location_codes(path: Path, rules: PlatformRules) -> dict[str, str]:
    """Return Microsoft's location ID of every ZIP in its file of location codes.

    Deprecated locations are left out.

    Raises
    ------
    ExportError
        The file cannot be read, or a column is missing.
    """
    postal_code, country = rules.word("postal_code"), rules.word("country")
    rows = _read_rows(
        path, rules.header("location_codes"), "Microsoft's location codes", postal_code
    )
    ids: dict[str, str] = {}
    for number, display_name, kind, status in rows:
        parts = display_name.split("|")
        if kind == postal_code and parts[-1] == country and status.lower() != "deprecated":
            ids.setdefault(parts[0], number)
    return ids


def write_unmatched(
    places: Iterable[Place], reason: str, name: str, rules: PlatformRules
) -> list[ExportFile]:
    """Write the ZIPs that are not in a platform's list; no file if there are none."""
    rows: list[Sequence[Cell]] = [
        (
            place.code,
            place.label,
            format_figure(place.households_count, 0),
            format_figure(place.budget_usd),
            reason,
        )
        for place in places
    ]
    if not rows:
        return []
    content = write_table(rows, rules.header("unmatched"), bom=rules.bom.value)
    return [ExportFile(name, content)]


def _read_rows(path: Path, columns: tuple[str, ...], title: str, word: str) -> Iterator[list[str]]:
    """Yield these columns of the lines that contain ``word``.

    The file is a CSV, plain or the only file of a ZIP archive. Most lines are of no interest, so
    only the ones with the word are parsed.
    """
    try:
        first, *lines = _read_text(path).splitlines() or [""]
        header = next(csv.reader([first]), [])
        if missing := [column for column in columns if column not in header]:
            raise ExportError(
                f"{path} is not {title}: it has no column '{missing[0]}'.",
                f"It needs the columns {', '.join(columns)}.",
            )
        positions = [header.index(column) for column in columns]
        last = max(positions)
        for row in csv.reader(line for line in lines if word in line):
            if len(row) > last:
                yield [row[position] for position in positions]
    except (OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ExportError(
            f"Cannot read {path} as {title}: {reason}.",
            "Download the file again, or export without it.",
        ) from error


def _read_text(path: Path) -> str:
    """Return the text of a file, or of the first file in a ZIP archive."""
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8-sig")
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0]).decode("utf-8-sig")
