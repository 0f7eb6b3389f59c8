"""Sending: mails leave through an SMTP server to listed people only, each once, and every step of it stands in a log.

Nothing is sent without an allow-list, and a dry run is the default. A line is written before a mail
is handed over and another after, so that one that may have left when the power failed is not sent a
second time.
"""

import csv
import datetime as dt
import hashlib
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from outreach.errors import ExportError, ServiceUnavailable, SettingsError
from outreach.reports.mail.compose import REPORT_HEADER
from outreach.reports.mail.recipients import is_allowed
from outreach.settings import Settings

_TIMEOUT_SECONDS = 60
_LOG_COLUMNS = (
    "at",
    "from",
    "to",
    "report",
    "subject",
    "outcome",
    "sha256",
    "message_id",
    "reason",
)


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    SENDING = "handed to the server"
    DRY_RUN = "dry run"
    NOT_LISTED = "not on the allow-list"
    REPEATED = "sent before"
    REFUSED = "refused by the server"


#: A mail with one of these as its last line in the log has left, or may have.
_GONE = frozenset({Outcome.SENT, Outcome.SENDING})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail to one person, and what became of it; ``report`` is the run's id and the page's file name."""

    to: str
    report: str
    subject: str
    outcome: Outcome
    message_id: str
    reason: str = ""


def send_mails(
    messages: Sequence[EmailMessage],
    settings: Settings,
    allowed: Iterable[str],
    log: Path,
    *,
    dry_run: bool = True,
    again: bool = False,
) -> list[Delivery]:
    """Send mails, each to its one recipient, and write a line about each into the log as soon as it is done.

    Parameters
    ----------
    messages
        From :func:`outreach.reports.mail.compose.compose_mail`.
    settings
        For the SMTP server.
    allowed
        From :func:`outreach.reports.mail.recipients.read_allow_list`; nobody else is ever written
        to.
    log
        CSV file that is added to.
    dry_run
        Send nothing, only say what would be done. The default.
    again
        Send also what the log says this person has got already.

    Returns
    -------
    list of Delivery
        One for each message, in their order.

    Raises
    ------
    SettingsError
        No SMTP server is set, or it refuses name and password.
    ServiceUnavailable
        The server does not answer, or went away; what was sent stands in the log.
    ExportError
        The log cannot be read or written, or another process is sending.
    """
    listed = tuple(allowed)
    with _hold(log):
        gone = frozenset() if again else _read_gone(log)
        done: dict[int, Delivery] = {}
        for place, message in enumerate(messages):
            to, report = _identify(message)
            if not is_allowed(to, listed):
                done[place] = _note(message, Outcome.NOT_LISTED)
            elif (to.lower(), report) in gone:
                done[place] = _note(message, Outcome.REPEATED, "send it again with --again")
            elif dry_run:
                done[place] = _note(message, Outcome.DRY_RUN)
            else:
                gone |= {(to.lower(), report)}
                continue
            _write_log(log, message, done[place])
        due = [place for place in range(len(messages)) if place not in done]
        if due:
            done |= dict(
                zip(due, _send([messages[place] for place in due], settings, log), strict=True)
            )
    return [done[place] for place in range(len(messages))]


def _send(messages: list[EmailMessage], settings: Settings, log: Path) -> list[Delivery]:
    """Send to a server; a refusal of one mail does not stop the others."""
    if not settings.smtp_host:
        raise SettingsError(
            "No SMTP server is set.", "Set OUTREACH_SMTP_HOST, or leave it at a dry run."
        )
    done: list[Delivery] = []
    reason = ""
    try:
        with smtplib.SMTP(
            settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS
        ) as server:
            _log_in(server, settings)
            for message in messages:
                _write_log(log, message, _note(message, Outcome.SENDING))
                try:
                    server.send_message(message)
                except (
                    smtplib.SMTPRecipientsRefused,
                    smtplib.SMTPDataError,
                    smtplib.SMTPSenderRefused,
                ) as error:
                    delivery = _note(message, Outcome.REFUSED, _explain(error))
                else:
                    delivery = _note(message, Outcome.SENT)
                _write_log(log, message, delivery)
                done.append(delivery)
    except smtplib.SMTPAuthenticationError:
        reason = "login"
    except (OSError, smtplib.SMTPException) as error:
        reason = f"{type(error).__name__} after {len(done)} of {len(messages)} mails"
    if reason == "login":
        raise SettingsError(
            "The SMTP server refuses the name or password.",
            "Mend OUTREACH_SMTP_USER and OUTREACH_SMTP_PASSWORD.",
        )
    if reason:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        raise ServiceUnavailable(
            f"The SMTP server {where} failed ({reason}).",
            f"What was sent stands in {log}; the same command sends the rest later.",
        )
    return done


def _explain(error: smtplib.SMTPException) -> str:
    """Return the server's own words."""
    answer: tuple[int, bytes | str]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answer = next(iter(error.recipients.values()))
    else:
        assert isinstance(error, smtplib.SMTPResponseException)
        answer = error.smtp_code, error.smtp_error
    code, words = answer
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:200]


def _log_in(server: smtplib.SMTP, settings: Settings) -> None:
    """Encrypt where the server can, and log in if a user is set; a password never travels in the clear beyond this machine."""
    server.ehlo()
    encrypted = server.has_extn("starttls")
    if encrypted:
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if not settings.smtp_user:
        return
    if not encrypted and settings.smtp_host not in {"localhost", "127.0.0.1", "::1"}:
        raise SettingsError(
            "The SMTP server offers no encryption, so the password was not sent.",
            "Use a server and port with STARTTLS.",
        )
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    server.login(settings.smtp_user, password)


def _identify(message: EmailMessage) -> tuple[str, str]:
    """Return whom a mail is for and what it carries; the two tell whether a person has got it already."""
    return str(message["To"]), str(message[REPORT_HEADER])


def _note(message: EmailMessage, outcome: Outcome, reason: str = "") -> Delivery:
    to, report = _identify(message)
    return Delivery(
        to, report, str(message["Subject"]), outcome, str(message["Message-ID"]), reason
    )


@contextmanager
def _hold(log: Path) -> Iterator[None]:
    """Keep the log to ourselves, so that two who send at once do not both send the same."""
    reason = ""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(log.with_suffix(".lock"), timeout=0)
        lock.acquire()
    except Timeout:
        reason = "another process is sending"
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ExportError(
            f"The send log {log} cannot be used: {reason}.", "Nothing was sent; try again later."
        )
    try:
        yield
    finally:
        lock.release()


def _read_gone(log: Path) -> frozenset[tuple[str, str]]:
    """Return who has got what, by the last line about each that is not a dry run."""
    if not log.exists():
        return frozenset()
    reason = ""
    last: dict[tuple[str, str], str] = {}
    try:
        with log.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                if line["outcome"] in {*_GONE, Outcome.REFUSED}:
                    last[(line["to"].lower(), line["report"])] = line["outcome"]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        reason = f"{type(error).__name__}: {error}"
    if reason:
        raise ExportError(
            f"The send log {log} cannot be read ({reason}).",
            "Move it away, but see first who has got what.",
        )
    return frozenset(key for key, outcome in last.items() if outcome in _GONE)


def _write_log(log: Path, message: EmailMessage, delivery: Delivery) -> None:
    """Add one line, with headings if the file is new."""
    subject = (
        "'" + delivery.subject if delivery.subject[:1] in {"=", "+", "-", "@"} else delivery.subject
    )
    digest = hashlib.sha256(message.as_bytes()).hexdigest()
    at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    cells = (
        at,
        str(message["From"]),
        delivery.to,
        delivery.report,
        subject,
        delivery.outcome.value,
        digest,
    )
    reason = ""
    try:
        fresh = not log.exists()
        with log.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([_LOG_COLUMNS] if fresh else [])
            writer.writerow((*cells, delivery.message_id, delivery.reason))
    except OSError as error:
        reason = error.strerror or str(error)
    if reason:
        raise ExportError(
            f"The send log {log} cannot be written: {reason}.",
            "Free some space; sending stopped there.",
        )
