"""Keep a log of every mail, so that nobody gets the same page twice.

A line is written before a mail is handed to the server and another one after. A mail that may have
left when the power failed is therefore neither sent again nor called sent.
"""

import csv
import datetime as dt
import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from outreach.errors import ExportError
from outreach.files import write_file
from outreach.reports.mail.compose import REPORT_HEADER

_COLUMNS = ("at", "from", "to", "report", "subject", "outcome", "sha256", "message_id", "reason")
#: A spreadsheet takes text that starts with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@")


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    SENDING = "handed to the server"
    UNCONFIRMED = "perhaps not sent"
    NOT_SENT = "not sent"
    DRY_RUN = "dry run"
    NOT_LISTED = "not on the allow-list"
    REPEATED = "sent before"
    REFUSED = "refused by the server"


#: The outcomes of an attempt to send; the last one about a mail counts.
_ATTEMPTS = frozenset(
    {Outcome.SENT, Outcome.SENDING, Outcome.UNCONFIRMED, Outcome.NOT_SENT, Outcome.REFUSED}
)
#: After one of these a mail may have left, or not.
_UNKNOWN = frozenset({Outcome.SENDING, Outcome.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class MailRecord:
    """One mail to one person, and what became of it.

    Parameters
    ----------
    to
        The recipient's address.
    report
        The run's id and the file name of the page.
    subject, message_id
        Headers of the mail.
    outcome
        What became of it.
    reason
        Why, in the server's or our own words; may be empty.
    """

    to: str
    report: str
    subject: str
    outcome: Outcome
    message_id: str
    reason: str = ""


def make_record(message: EmailMessage, outcome: Outcome, reason: str = "") -> MailRecord:
    """Return the record of a mail."""
    to, report = identify_mail(message)
    subject, message_id = str(message["Subject"]), str(message["Message-ID"])
    return MailRecord(to, report, subject, outcome, message_id, reason)


def identify_mail(message: EmailMessage) -> tuple[str, str]:
    """Return the recipient and the report of a mail; the same pair is never sent twice."""
    return str(message["To"]), str(message[REPORT_HEADER])


@contextmanager
def lock_log(log: Path) -> Iterator[None]:
    """Lock the log, so that two processes do not both send the same mail.

    Raises
    ------
    ExportError
        Another process is sending, or the folder cannot be written.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(log.with_suffix(".lock"), timeout=0)
        lock.acquire()
    except (Timeout, OSError) as error:
        busy = isinstance(error, Timeout)
        reason = "another process is sending" if busy else error.strerror or str(error)
        raise ExportError(
            f"Cannot use the mail log {log}: {reason}.", "Nothing was sent. Try again later."
        ) from error
    try:
        yield
    finally:
        lock.release()


def read_sent(log: Path) -> dict[tuple[str, str], Outcome]:
    """Return what is known of each mail that has left or may have.

    Returns
    -------
    dict
        By recipient and report: ``SENT``, or ``UNCONFIRMED`` if the server never confirmed it.

    Raises
    ------
    ExportError
        The log cannot be read.
    """
    if not log.exists():
        return {}
    outcomes = {
        (line["to"].lower(), line["report"]): line["outcome"]
        for line in _read_lines(log)
        if line["outcome"] in _ATTEMPTS
    }
    return {
        key: Outcome.UNCONFIRMED if outcome in _UNKNOWN else Outcome.SENT
        for key, outcome in outcomes.items()
        if outcome in {Outcome.SENT, *_UNKNOWN}
    }


def _read_lines(log: Path) -> list[dict[str, str]]:
    """Return the lines of a log that is whole."""
    reason = ""
    lines: list[dict[str, str]] = []
    try:
        with log.open(encoding="utf-8", newline="") as file:
            text = file.read()
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
    except (UnicodeDecodeError, csv.Error):
        reason = "the file is damaged"
    else:
        if not text.strip():
            reason = "the file is empty"
        elif not text.endswith("\n"):
            reason = "its last line is cut off"
        for number, line in enumerate(lines, start=2):
            if any(line.get(name) is None for name in ("to", "report", "outcome")):
                reason = reason or f"line {number} lacks a recipient, a report, or an outcome"
    if reason:
        raise ExportError(
            f"Cannot read the mail log {log}: {reason}.",
            "Restore it from a backup. Or move it away, but check first who already got a mail.",
        )
    return lines


def append_record(log: Path, message: EmailMessage, record: MailRecord) -> None:
    """Add one line to the log, and the column names if the file is new.

    Raises
    ------
    ExportError
        The log cannot be written.
    """
    guard = "'" if record.subject.startswith(_FORMULA_STARTS) else ""
    cells = (
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        str(message["From"]),
        record.to,
        record.report,
        guard + record.subject,
        record.outcome.value,
        hashlib.sha256(message.as_bytes()).hexdigest(),
        record.message_id,
        record.reason,
    )
    text = io.StringIO(newline="")
    try:
        if log.exists():
            csv.writer(text).writerow(cells)
            _append_whole(log, text.getvalue().encode())
        else:
            csv.writer(text).writerows([_COLUMNS, cells])
            write_file(log, text.getvalue())
    except OSError as error:
        raise ExportError(
            f"Cannot write the mail log {log}: {error.strerror or error}.",
            "Sending stopped here. Free some disk space and run the command again.",
        ) from error


def _append_whole(log: Path, line: bytes) -> None:
    """Add a line, or leave the file as it was: half a line would make the log unreadable."""
    descriptor, written = os.open(log, os.O_WRONLY | os.O_APPEND), 0
    size = os.fstat(descriptor).st_size
    try:
        written = os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        if written < len(line):
            os.ftruncate(descriptor, size)
        os.close(descriptor)
    if written < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(log))
