"""Compose a mail that tells one person what the service noticed."""

import datetime as dt
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from outreach.phrasing import strip_overrides
from outreach.reports.mail.compose import REPORT_HEADER
from outreach.reports.mail.recipients import read_address


def compose_notice(subject: str, body: str, sender: str, recipient: str, key: str) -> EmailMessage:
    """Return a mail of plain text.

    Parameters
    ----------
    subject, body
        What it says.
    sender, recipient
        Addresses.
    key
        The cause; the same one is never sent to a person twice.

    Raises
    ------
    ExportError
        An address is not ``name@domain``.
    """
    origin = read_address(sender)
    message = EmailMessage()
    message["From"], message["To"] = origin, read_address(recipient)
    # A name must not add a header, so line ends become spaces.
    message["Subject"] = " ".join(strip_overrides(subject).split())
    message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
    message["Message-ID"] = make_msgid(domain=origin.domain)
    message[REPORT_HEADER] = f"notice/{' '.join(key.split())}"
    message.set_content(body)
    return message
