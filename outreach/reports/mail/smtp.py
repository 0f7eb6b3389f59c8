"""Send mails through an SMTP server, to people on the allow-list only.

Nothing is sent without an allow-list, and a dry run is the default.
"""

import smtplib
import ssl
from collections.abc import Iterable, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from outreach.errors import ServiceUnavailable, SettingsError, name_cause
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
#: A server may take so long to confirm a mail (RFC 5321, section 4.5.3.2.6).
_CONFIRM_SECONDS = 600
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_REASON = 200
#: After one of these the connection is of no more use.
_BROKEN = frozenset({Outcome.UNCONFIRMED, Outcome.NOT_SENT})


def send_mails(
    messages: Sequence[EmailMessage],
    settings: Settings,
    allowed: Iterable[str],
    log: Path,
    *,
    dry_run: bool = True,
    again: bool = False,
    confirm_seconds: float = _CONFIRM_SECONDS,
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
        Also send what this person already got, or perhaps got, according to the log.
    confirm_seconds
        How long to wait for the server to confirm a mail.

    Returns
    -------
    list of MailRecord
        One for each message, in their order.

    Raises
    ------
    SettingsError
        No SMTP server is set, or it refuses name and password.
    ServiceUnavailable
        The server does not answer, or the connection broke. The message counts what was sent, what
        is perhaps not sent, and what was not sent; the log has each.
    ExportError
        The log cannot be read or written, or another process is sending.
    """
    allow_list = tuple(allowed)
    records: dict[int, MailRecord] = {}
    with lock_log(log):
        sent = {} if again else read_sent(log)
        for place, message in enumerate(messages):
            to, report = identify_mail(message)
            key = (to.lower(), report)
            if not is_allowed(to, allow_list):
                records[place] = make_record(message, Outcome.NOT_LISTED)
            elif sent.get(key) is Outcome.UNCONFIRMED:
                reason = "the server never confirmed it; ask the recipient, or use --again"
                records[place] = make_record(message, Outcome.UNCONFIRMED, reason)
            elif key in sent:
                reason = "use --again to send it again"
                records[place] = make_record(message, Outcome.REPEATED, reason)
            elif dry_run:
                records[place] = make_record(message, Outcome.DRY_RUN)
            else:
                sent[key] = Outcome.SENT
                continue
            if records[place].outcome is not Outcome.UNCONFIRMED:
                append_record(log, message, records[place])

        due = [place for place in range(len(messages)) if place not in records]
        if due:
            results = _send_all([messages[place] for place in due], settings, log, confirm_seconds)
            records |= dict(zip(due, results, strict=True))
    return [records[place] for place in range(len(messages))]


class _Server(smtplib.SMTP):
    """A connection that knows whether the text of the current mail was handed over."""

    def __init__(self, host: str, port: int, confirm_seconds: float) -> None:
        self.handed_over, self._confirm_seconds = False, confirm_seconds
        super().__init__(host, port, timeout=_TIMEOUT_SECONDS)

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the text of a mail, and wait longer for the answer than for any other."""
        self.handed_over = True
        assert self.sock is not None
        self.sock.settimeout(self._confirm_seconds)
        answer = super().data(msg)
        if self.sock is not None:
            self.sock.settimeout(_TIMEOUT_SECONDS)
        return answer


def _send_all(
    messages: list[EmailMessage], settings: Settings, log: Path, confirm_seconds: float
) -> list[MailRecord]:
    """Send to a server; a refusal of one mail does not stop the others."""
    host, port = settings.smtp_host, settings.smtp_port
    if not host:
        raise SettingsError("No SMTP server is set.", "Set OUTREACH_SMTP_HOST, or do a dry run.")
    records: list[MailRecord] = []
    try:
        with _Server(host, port, confirm_seconds) as server:
            _log_in(server, settings)
            for message in messages:
                append_record(log, message, make_record(message, Outcome.SENDING))
                records.append(_send_one(server, message))
                append_record(log, message, records[-1])
                if records[-1].outcome in _BROKEN:
                    break
    except smtplib.SMTPAuthenticationError:
        # The server's answer may repeat what it was sent, so it is not chained.
        raise SettingsError(
            "The SMTP server refuses the user name or password.",
            "Check OUTREACH_SMTP_USER and OUTREACH_SMTP_PASSWORD.",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        # A server that fails only at the farewell has confirmed every mail before.
        if len(records) < len(messages) and (not records or records[-1].outcome not in _BROKEN):
            raise _explain_failure(name_cause(error), records, messages, settings, log) from error
    if records and records[-1].outcome in _BROKEN:
        raise _explain_failure(records[-1].reason, records, messages, settings, log)
    return records


def _explain_failure(
    reason: str,
    records: Sequence[MailRecord],
    messages: Sequence[EmailMessage],
    settings: Settings,
    log: Path,
) -> ServiceUnavailable:
    """Count what was sent, what is perhaps not sent, and what was not sent."""
    sent = sum(record.outcome is Outcome.SENT for record in records)
    unknown = sum(record.outcome is Outcome.UNCONFIRMED for record in records)
    todo = f"{log} lists each mail. Run the same command later to send the rest."
    if unknown:
        todo += " It leaves out what is perhaps sent already; ask the recipient, or add --again."
    return ServiceUnavailable(
        f"The SMTP server {settings.smtp_host}:{settings.smtp_port} failed ({reason}) after"
        f" {sent} of {len(messages)} mails: {unknown} perhaps not sent,"
        f" {len(messages) - sent - unknown} not sent.",
        todo,
    )


def _send_one(server: _Server, message: EmailMessage) -> MailRecord:
    """Send one mail and return what became of it."""
    answer: bytes | str
    server.handed_over = False
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        code, answer = error.smtp_code, error.smtp_error
    except smtplib.SMTPNotSupportedError:
        return make_record(message, Outcome.REFUSED, "the server cannot take such an address")
    except (OSError, smtplib.SMTPException) as error:
        # Only an answer after the text says whether the mail is on its way.
        outcome = Outcome.UNCONFIRMED if server.handed_over else Outcome.NOT_SENT
        return make_record(message, outcome, name_cause(error))
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
    password = settings.find_password()
    server.login(settings.smtp_user, password.get_secret_value() if password else "")
