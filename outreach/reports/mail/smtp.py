"""Send mails through an SMTP server, to people on the allow-list only.

Nothing is sent without an allow-list, and a dry run is the default.
"""

import smtplib
import ssl
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from pathlib import Path

from outreach.errors import ServiceUnavailable, SettingsError
from outreach.reports.mail.log import (
    MailRecord,
    Outcome,
    append_record,
    identify_mail,
    lock_log,
    make_record,
    read_sent,
)
from outreach.reports.mail.recipients import is_allowed
from outreach.settings import Settings

_TIMEOUT_SECONDS = 60
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_REASON = 200


def send_mails(
    messages: Sequence[EmailMessage],
    settings: Settings,
    allowed: Iterable[str],
    log: Path,
    *,
    dry_run: bool = True,
    again: bool = False,
) -> list[MailRecord]:
    """Send mails, each to its one recipient, and log each one at once.

    Parameters
    ----------
    messages
        From :func:`outreach.reports.mail.compose.compose_mail`.
    settings
        For the SMTP server.
    allowed
        From :func:`outreach.reports.mail.recipients.read_allow_list`; nobody else ever gets a mail.
    log
        CSV file that lines are added to.
    dry_run
        Send nothing, only return what would happen. The default.
    again
        Also send what this person already got, according to the log.

    Returns
    -------
    list of MailRecord
        One for each message, in their order.

    Raises
    ------
    SettingsError
        No SMTP server is set, or it refuses name and password.
    ServiceUnavailable
        The server does not answer, or the connection broke; the log has what was sent.
    ExportError
        The log cannot be read or written, or another process is sending.
    """
    allow_list = tuple(allowed)
    records: dict[int, MailRecord] = {}
    with lock_log(log):
        sent = set() if again else set(read_sent(log))
        for place, message in enumerate(messages):
            to, report = identify_mail(message)
            key = (to.lower(), report)
            if not is_allowed(to, allow_list):
                records[place] = make_record(message, Outcome.NOT_LISTED)
            elif key in sent:
                reason = "use --again to send it again"
                records[place] = make_record(message, Outcome.REPEATED, reason)
            elif dry_run:
                records[place] = make_record(message, Outcome.DRY_RUN)
            else:
                sent.add(key)
                continue
            append_record(log, message, records[place])

        due = [place for place in range(len(messages)) if place not in records]
        if due:
            results = _send_all([messages[place] for place in due], settings, log)
            records |= dict(zip(due, results, strict=True))
    return [records[place] for place in range(len(messages))]


def _send_all(messages: list[EmailMessage], settings: Settings, log: Path) -> list[MailRecord]:
    """Send to a server; a refusal of one mail does not stop the others."""
    host, port = settings.smtp_host, settings.smtp_port
    if not host:
        raise SettingsError("No SMTP server is set.", "Set OUTREACH_SMTP_HOST, or do a dry run.")
    records: list[MailRecord] = []
    try:
        with smtplib.SMTP(host, port, timeout=_TIMEOUT_SECONDS) as server:
            _log_in(server, settings)
            for message in messages:
                append_record(log, message, make_record(message, Outcome.SENDING))
                record = _send_one(server, message)
                append_record(log, message, record)
                records.append(record)
    except smtplib.SMTPAuthenticationError:
        # The server's answer may repeat what it was sent, so it is not chained.
        raise SettingsError(
            "The SMTP server refuses the user name or password.",
            "Check OUTREACH_SMTP_USER and OUTREACH_SMTP_PASSWORD.",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        reason = f"{type(error).__name__} after {len(records)} of {len(messages)} mails"
        raise ServiceUnavailable(
            f"The SMTP server {host}:{port} failed ({reason}).",
            f"{log} has what was sent. Run the same command later to send the rest.",
        ) from error
    return records


def _send_one(server: smtplib.SMTP, message: EmailMessage) -> MailRecord:
    """Send one mail and return what became of it."""
    answer: bytes | str
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        code, answer = error.smtp_code, error.smtp_error
    else:
        return make_record(message, Outcome.SENT)
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    reason = f"{code} {' '.join(text.split())}"[:_LONGEST_REASON]
    return make_record(message, Outcome.REFUSED, reason)


def _log_in(server: smtplib.SMTP, settings: Settings) -> None:
    """Encrypt where the server can, and log in if a user is set.

    A password never leaves this machine without encryption.
    """
    server.ehlo()
    encrypted = server.has_extn("starttls")
    if encrypted:
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
    if not settings.smtp_user:
        return
    if not encrypted and settings.smtp_host not in _LOOPBACK:
        raise SettingsError(
            "The SMTP server offers no encryption, so the password was not sent.",
            "Use a server and port with STARTTLS.",
        )
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    server.login(settings.smtp_user, password)
