"""Read who gets which report, and who may get mail at all.

An allow-list has one address (``ana@city.gov``) or domain (``@city.gov``) per line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from outreach.errors import ExportError, InputError
from outreach.reports.data.inputs import ReportView
from outreach.user_files.container import read_content
from outreach.user_files.table import read_table
from outreach.user_files.text import decode_text

#: Used in place of a district for the season summary.
SEASON = "season"
_COLUMNS = ("district", "address")
_ALLOW_LIST = "a list of who may get mail"
_FEW = 5


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
        Code of a catalog; empty for the usual one.
    """

    district: str
    address: str
    language: str = ""


def read_address(text: str) -> Address:
    """Return an address.

    Raises
    ------
    ExportError
        It is not ``name@domain``.
    """
    # A city's own mail domain need not be reachable from here, nor have a dot.
    try:
        address = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError as error:
        raise ExportError(f"{text!r} is not a mail address.", "Write name@domain.") from error
    return Address(username=address.local_part, domain=address.domain)


def read_allow_list(path: Path) -> tuple[str, ...]:
    """Read who may get mail: one address or ``@domain`` per line, ``#`` for a comment.

    Raises
    ------
    InputError
        The file cannot be read as text.
    ExportError
        A line is neither.
    """
    lines = decode_text(read_content(path, _ALLOW_LIST, (".txt", ".csv")), _ALLOW_LIST).splitlines()
    entries = [line.split("#", 1)[0].strip().lower() for line in lines]
    for entry in filter(None, entries):
        read_address(f"someone{entry}" if entry.startswith("@") else entry)
    return tuple(filter(None, entries))


def is_allowed(recipient: str, allowed: Iterable[str]) -> bool:
    """Whether an address, or its whole domain, is on the list."""
    plain = recipient.strip().lower()
    return any(
        plain == entry or (entry.startswith("@") and plain.rpartition("@")[2] == entry[1:])
        for entry in allowed
    )


def read_recipients(path: Path) -> list[Recipient]:
    """Read a table with a row for each mail.

    Parameters
    ----------
    path
        CSV or Excel, whatever program saved it; columns ``district`` and ``address``, and
        ``language`` if you like.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or a row lacks a district or an address.
    ExportError
        An address is not ``name@domain``.
    """
    table = read_table(path, "a list of recipients", _COLUMNS, ("language",))
    recipients = []
    for number, line in enumerate(table.to_dict("records"), start=1):
        where = f"{path}, data row {number},"
        if empty := [name for name in _COLUMNS if not line[name]]:
            raise InputError(f"{where} has no {empty[0]}.", "Fill it in, or delete the row.")
        cells = {str(name): str(cell) for name, cell in line.items()}
        recipients.append(_make_recipient(cells, where.removesuffix(",")))
    return recipients


def parse_recipient(text: str) -> Recipient:
    """Read ``DISTRICT=ADDRESS``, as on a command line.

    Raises
    ------
    ExportError
        It has another form.
    """
    district, _, address = text.rpartition("=")
    if not district.strip():
        raise ExportError(
            f"{text!r} names no district.",
            "Write DISTRICT=ADDRESS, or season=ADDRESS for the summary.",
        )
    return _make_recipient({"district": district.strip(), "address": address.strip()}, text)


def find_district(recipient: Recipient, view: ReportView) -> str | None:
    """Return the id of a recipient's district, by id or name; ``None`` for the season summary.

    Raises
    ------
    ExportError
        No district, or more than one, has that id or name.
    """
    requested = recipient.district.casefold()
    if requested == SEASON:
        return None
    ids = [str(district) for district in view.districts.index]
    names = zip(ids, view.districts["name"].astype(str), strict=True)
    matches = [district for district in ids if district.casefold() == requested]
    matches = matches or [district for district, name in names if name.casefold() == requested]
    if len(matches) == 1:
        return matches[0]
    reason = (
        f"{len(matches)} districts ({view.kind}) are called"
        if matches
        else f"No {view.kind} is called"
    )
    raise ExportError(
        f"{reason} '{recipient.district}' (for {recipient.address}).",
        f"Use an id, such as {', '.join(ids[:_FEW])}, or 'season' for the summary.",
    )


def _make_recipient(line: dict[str, str], where: str) -> Recipient:
    """Check the address; a message about it says where it came from."""
    try:
        read_address(line["address"])
    except ExportError as error:
        sentence = f"{where}: {line['address']!r} is not a mail address."
        raise ExportError(sentence, "Write name@domain.") from error
    return Recipient(line["district"], line["address"], line.get("language", ""))
