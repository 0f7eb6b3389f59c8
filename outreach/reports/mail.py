"""Mails that carry a report: plain text and HTML with the page attached, previewed as a file, sent only to listed people and only when told to.

An allow-list holds addresses (``ana@city.gov``) or domains (``@city.gov``). Nothing is sent without one, and a dry run is the default.
"""

import csv
import datetime as dt
import re
import smtplib
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from pathlib import Path

from outreach.errors import ExportError, ServiceUnavailable, SettingsError
from outreach.reports.advice import advise
from outreach.reports.figures import Figures
from outreach.reports.page import render_page
from outreach.reports.view import ReportView
from outreach.reports.words import Words
from outreach.settings import Settings

_TIMEOUT_SECONDS = 60
_LOG_COLUMNS = ("at", "to", "subject", "outcome", "message_id", "reason")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Outcome(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    DRY_RUN = "dry run"
    NOT_LISTED = "not on the allow-list"
    REFUSED = "refused by the server"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail to one person, and what became of it."""

    to: str
    subject: str
    outcome: Outcome
    message_id: str
    reason: str = ""


def compose_mail(
    district: str, figures: Figures, view: ReportView, words: Words, page: tuple[str, str], sender: str, recipient: str
) -> EmailMessage:
    """Return the mail about one district, the page attached.

    Parameters
    ----------
    district, figures, view, words
        As for the page.
    page
        File name and content of the page to attach.
    sender, recipient
        Addresses.

    Raises
    ------
    ExportError
        An address is none.
    """
    row = figures.row(district)
    name = str(row["name"])
    shown = {"name": words.name(name), "date": words.date(view.data_date), "rate": words.share(row["cumulative_share"])}
    lead = words.say(
        "mail.lead", rate=shown["rate"], missing=words.count(row["missing_count"]), goal=words.share(view.goal_share)
    )
    parts = {
        "greeting": words.say("mail.greeting", name=shown["name"], date=shown["date"]),
        "lead": lead,
        "week": words.say("mail.week"),
        "advice": advise(figures, view, words, district),
        "attached": words.say("mail.attached"),
        "source": words.say("page.source", source=view.source),
    }
    message = EmailMessage()
    message["From"], message["To"] = read_address(sender), read_address(recipient)
    message["Subject"] = _CONTROL.sub(" ", words.say("mail.subject", **{**shown, "name": _shorten(name)}))
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = make_msgid(domain=read_address(sender).domain)
    message.set_content(_write_plain(parts))
    message.add_alternative(render_page("mail", words, title=name, view=view, **parts), subtype="html")
    file, content = page
    message.add_attachment(content.encode(), maintype="text", subtype="html", filename=file)
    return message


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
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ExportError(
            f"The allow-list {path} cannot be read: {reason}.", "Write an address or @domain a line."
        ) from None
    listed = [line.split("#", 1)[0].strip().lower() for line in lines]
    for line in filter(None, listed):
        read_address(f"someone{line}" if line.startswith("@") else line)
    return tuple(filter(None, listed))


def is_allowed(recipient: str, allowed: Iterable[str]) -> bool:
    """Whether an address, or its whole domain, is on the list."""
    plain = recipient.strip().lower()
    return any(plain == entry or (entry.startswith("@") and plain.rpartition("@")[2] == entry[1:]) for entry in allowed)


def preview_mails(messages: Sequence[EmailMessage], folder: Path) -> list[Path]:
    """Write each mail as an ``.eml`` file that any mail program opens, and return where they stand."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, message in enumerate(messages, start=1):
        who = re.sub(r"[^a-z0-9]+", "-", str(message["To"]).lower()).strip("-")[:60]
        path = folder / f"{number:03d}-{who}.eml"
        path.write_bytes(message.as_bytes())
        paths.append(path)
    return paths


def send_mails(
    messages: Sequence[EmailMessage], settings: Settings, allowed: Iterable[str], log: Path, *, dry_run: bool = True
) -> list[Delivery]:
    """Send mails, each to its one recipient, and write a line about each into the log as soon as it is done.

    Parameters
    ----------
    messages
        From :func:`compose_mail`.
    settings
        For the SMTP server.
    allowed
        From :func:`read_allow_list`; nobody else is ever written to.
    log
        CSV file that is added to.
    dry_run
        Send nothing, only say what would be done. The default.

    Raises
    ------
    SettingsError
        No SMTP server is set, or it refuses name and password.
    ServiceUnavailable
        The server does not answer, or went away; what was sent stands in the log.
    """
    listed = tuple(allowed)
    due = [(message, is_allowed(str(message["To"]), listed)) for message in messages]
    done = [_note(message, Outcome.NOT_LISTED) for message, may in due if not may]
    if dry_run or not any(may for _, may in due):
        done += [_note(message, Outcome.DRY_RUN) for message, may in due if may]
        for delivery in done:
            _write_log(log, delivery)
        return done
    for delivery in done:
        _write_log(log, delivery)
    return done + _send([message for message, may in due if may], settings, log)


def _send(messages: list[EmailMessage], settings: Settings, log: Path) -> list[Delivery]:
    """Send to a server; a refusal of one mail does not stop the others."""
    if not settings.smtp_host:
        raise SettingsError("No SMTP server is set.", "Set OUTREACH_SMTP_HOST, or leave it at a dry run.")
    done: list[Delivery] = []
    reason = ""
    try:
        with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
            _log_in(server, settings)
            for message in messages:
                try:
                    server.send_message(message)
                except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
                    delivery = _note(message, Outcome.REFUSED, type(error).__name__)
                else:
                    delivery = _note(message, Outcome.SENT)
                _write_log(log, delivery)
                done.append(delivery)
    except smtplib.SMTPAuthenticationError:
        reason = "login"
    except (OSError, smtplib.SMTPException) as error:
        reason = f"{type(error).__name__} after {len(done)} of {len(messages)} mails"
    if reason == "login":
        raise SettingsError(
            "The SMTP server refuses the name or password.", "Mend OUTREACH_SMTP_USER and OUTREACH_SMTP_PASSWORD."
        )
    if reason:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        raise ServiceUnavailable(
            f"The SMTP server {where} failed ({reason}).", f"What was sent stands in {log}; send the rest later."
        )
    return done


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


def _note(message: EmailMessage, outcome: Outcome, reason: str = "") -> Delivery:
    return Delivery(str(message["To"]), str(message["Subject"]), outcome, str(message["Message-ID"]), reason)


def _write_log(log: Path, delivery: Delivery) -> None:
    """Add one line, with headings if the file is new."""
    log.parent.mkdir(parents=True, exist_ok=True)
    fresh = not log.exists()
    with log.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if fresh:
            writer.writerow(_LOG_COLUMNS)
        at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        subject = "'" + delivery.subject if delivery.subject[:1] in {"=", "+", "-", "@"} else delivery.subject
        writer.writerow((at, delivery.to, subject, delivery.outcome.value, delivery.message_id, delivery.reason))


def _write_plain(parts: Mapping[str, object]) -> str:
    advice = parts["advice"]
    assert isinstance(advice, list)
    lines = [
        parts["greeting"],
        "",
        parts["lead"],
        "",
        f"{parts['week']}:",
        *(f"{number}. {line}" for number, line in enumerate(advice, 1)),
        "",
        parts["attached"],
        "",
        parts["source"],
    ]
    return "\n".join(str(line) for line in lines) + "\n"


def _shorten(name: str, longest: int = 80) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
