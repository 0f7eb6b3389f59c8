"""Who gets which report: addresses, the list of people who may be written to, and a table of districts and people.

An allow-list holds addresses (``ana@city.gov``) or domains (``@city.gov``), one a line.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

from outreach.errors import ExportError
from outreach.reports.data.inputs import ReportView

#: Stands in place of a district for the season summary.
SEASON = "season"
_COLUMNS = ("district", "address")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person and what they get.

    Parameters
    ----------
    district
        A district's id or name, or :data:`SEASON`.
    address
        ``name@domain``.
    language
        Code of a catalogue; empty for the usual one.
    """

    district: str
    address: str
    language: str = ""


def read_address(text: str) -> Address:
    """Return an address, or refuse what is none.

    Raises
    ------
    ExportError
        It is not ``name@domain``.
    """
    plain = text.strip()
    if re.fullmatch(r"[^@\s<>,;:\"\\()\[\]]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", plain):
        name, _, domain = plain.rpartition("@")
        return Address(username=name, domain=domain)
    raise ExportError(f"{text!r} is not a mail address.", "Write name@domain.")


def read_allow_list(path: Path) -> tuple[str, ...]:
    """Read who may be written to: an address or an ``@domain`` a line; what follows ``#`` is a remark.

    Raises
    ------
    ExportError
        The file cannot be read, or a line is neither.
    """
    listed = [
        line.split("#", 1)[0].strip().lower()
        for line in _read_text(path, "allow-list").splitlines()
    ]
    for line in filter(None, listed):
        read_address(f"someone{line}" if line.startswith("@") else line)
    return tuple(filter(None, listed))


def is_allowed(recipient: str, allowed: Iterable[str]) -> bool:
    """Whether an address, or its whole domain, is on the list."""
    plain = recipient.strip().lower()
    return any(
        plain == entry or (entry.startswith("@") and plain.rpartition("@")[2] == entry[1:])
        for entry in allowed
    )


def read_recipients(path: Path) -> list[Recipient]:
    """Read a CSV with the columns ``district`` and ``address``, and ``language`` if wanted; a line for each mail.

    Raises
    ------
    ExportError
        The file cannot be read, lacks a column, or a line lacks a district or an address.
    """
    rows = csv.reader(_read_text(path, "list of recipients").splitlines())
    head = [name.strip().lower() for name in next(rows, [])]
    if absent := [name for name in _COLUMNS if name not in head]:
        raise ExportError(
            f"{path} has no column '{absent[0]}'.",
            "Head it with: district,address (and language if you like).",
        )
    found = []
    for number, cells in enumerate(rows, start=2):
        line = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        if not any(line.values()):
            continue
        if empty := [name for name in _COLUMNS if not line.get(name)]:
            raise ExportError(
                f"{path}, line {number}, has no {empty[0]}.", "Fill it in, or take the line out."
            )
        found.append(_make_recipient(line, f"{path}, line {number}"))
    return found


def parse_recipient(text: str) -> Recipient:
    """Read ``DISTRICT=ADDRESS``, as on a command line.

    Raises
    ------
    ExportError
        It is not written so.
    """
    district, _, address = text.rpartition("=")
    if not district.strip():
        raise ExportError(
            f"{text!r} names no district.",
            "Write DISTRICT=ADDRESS, or season=ADDRESS for the summary.",
        )
    return _make_recipient({"district": district.strip(), "address": address.strip()}, text)


def find_district(recipient: Recipient, view: ReportView) -> str | None:
    """Return the id of a recipient's district, found by id or name; ``None`` for the season summary.

    Raises
    ------
    ExportError
        No district, or more than one, has that id or name.
    """
    asked = recipient.district.casefold()
    if asked == SEASON:
        return None
    ids = [str(district) for district in view.districts.index]
    found = [one for one in ids if one.casefold() == asked]
    named = zip(ids, view.districts["name"].astype(str), strict=True)
    found = found or [one for one, name in named if name.casefold() == asked]
    if len(found) == 1:
        return found[0]
    many = f"{len(found)} of {view.kind} are called" if found else f"No {view.kind} is called"
    some = ", ".join(ids[:5])
    raise ExportError(
        f"{many} '{recipient.district}' (for {recipient.address}).",
        f"Write an id, such as {some}, or 'season' for the summary.",
    )


def _make_recipient(line: dict[str, str], where: str) -> Recipient:
    """Check the address and keep where it stood in the message."""
    try:
        read_address(line["address"])
    except ExportError:
        pass
    else:
        return Recipient(line["district"], line["address"], line.get("language", ""))
    raise ExportError(f"{where}: {line['address']!r} is not a mail address.", "Write name@domain.")


def _read_text(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
    raise ExportError(f"The {what} {path} cannot be read: {reason}.", "Name a text file in UTF-8.")
