"""Bring a notice to people by Prefect's notification blocks, or by mail."""

import contextlib
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.blocks.core import Block
from prefect.blocks.notifications import (
    AppriseNotificationBlock,
    CustomWebhookNotificationBlock,
    MicrosoftTeamsWebhook,
    SlackWebhook,
)
from pydantic import SecretStr

from outreach.errors import OutreachError, SettingsError, name_cause
from outreach.reports.mail.log import Outcome
from outreach.reports.mail.notice import compose_notice
from outreach.reports.mail.recipients import read_allow_list
from outreach.reports.mail.smtp import send_mails
from outreach.settings import Settings

#: What a webhook of the user's own receives.
_WEBHOOK_FIELDS = {"subject": "{{subject}}", "body": "{{body}}", "text": "{{subject}}\n{{body}}"}


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to people.

    Parameters
    ----------
    name
        Such as ``slack``; a mail's has the address, too.
    send
        Takes the subject, the body, and the key of a notice. It returns what went wrong in one
        sentence, or an empty text.
    """

    name: str
    send: Callable[[str, str, str], str]


def list_channels(settings: Settings) -> list[Channel]:
    """Return the channels that the settings name.

    Raises
    ------
    SettingsError
        An address is none of its service, or mail lacks a server, a sender, or an allow-list.
    """
    channels = []
    if settings.notify_slack is not None:
        block = _open_block(SlackWebhook, settings.notify_slack, "OUTREACH_NOTIFY_SLACK")
        channels.append(Channel("slack", functools.partial(_send_block, block)))
    if settings.notify_teams is not None:
        block = _open_block(MicrosoftTeamsWebhook, settings.notify_teams, "OUTREACH_NOTIFY_TEAMS")
        channels.append(Channel("teams", functools.partial(_send_block, block)))
    if settings.notify_webhook is not None:
        hook = CustomWebhookNotificationBlock(
            name="census-outreach",
            url="{{address}}",
            secrets={"address": settings.notify_webhook.get_secret_value()},
            json_data=_WEBHOOK_FIELDS,
        )
        channels.append(Channel("webhook", functools.partial(_send_block, hook)))
    saved = [name.strip() for name in settings.notify_blocks.split(",") if name.strip()]
    channels += [Channel(name, functools.partial(_send_saved, name)) for name in saved]
    return channels + _list_mailboxes(settings)


def _list_mailboxes(settings: Settings) -> list[Channel]:
    """Return a channel for each address that gets mail."""
    addresses = [part.strip() for part in settings.notify_mail.split(",") if part.strip()]
    if not addresses:
        return []
    needs = {
        "OUTREACH_SMTP_HOST": settings.smtp_host,
        "OUTREACH_MAIL_FROM": settings.mail_from,
        "OUTREACH_MAIL_ALLOW_LIST": settings.mail_allow_list,
    }
    if missing := [name for name, value in needs.items() if not value]:
        raise SettingsError(
            f"OUTREACH_NOTIFY_MAIL is set, but not {', '.join(missing)}.",
            "Set it, or remove OUTREACH_NOTIFY_MAIL.",
        )
    return [
        Channel(f"mail to {address}", functools.partial(_send_mail, settings, address))
        for address in addresses
    ]


def _open_block(
    kind: type[AppriseNotificationBlock], address: SecretStr, setting: str
) -> AppriseNotificationBlock:
    """Return one of Prefect's blocks, whose address Apprise understands."""
    block: Any = None
    with contextlib.suppress(ValueError, TypeError):  # it would show the address, a secret
        block = kind(url=address)
    if block is None or not len(block._apprise_client):  # noqa: SLF001  Prefect drops a wrong address in silence
        raise SettingsError(
            f"{setting} is not the address of an incoming webhook.",
            "Copy it anew from the service that made it.",
        )
    assert isinstance(block, AppriseNotificationBlock)
    return block


def _send_saved(name: str, subject: str, body: str, key: str) -> str:
    """Send by a block that is saved in Prefect, as it is now, and say what went wrong."""
    try:
        block: Any = Block.load(name)
    except ValueError:  # also a name without a slash
        return f"Prefect has no block '{name}'. Its page Blocks shows kind and name of each."
    except Exception as error:  # noqa: BLE001  whatever a library meets, the other ways go on
        return f"Prefect does not say what the block '{name}' is: {name_cause(error)}."
    if not isinstance(block, NotificationBlock):
        return f"The block '{name}' of Prefect is none that sends notifications."
    return _send_block(block, subject, body, key)


def _send_block(block: Any, subject: str, body: str, key: str) -> str:
    """Send by a block, and say what went wrong, never with the address, which is a secret."""
    del key
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    try:
        with block.raise_on_failure():
            block.notify(body, subject)
    except NotificationError:
        return "The service did not take the message."
    except Exception as error:  # noqa: BLE001  whatever a library meets, the other ways go on
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status is not None:
            return f"The webhook answered with status {status}."
        return f"The webhook cannot be reached: {name_cause(error)}."
    return ""


def _send_mail(settings: Settings, address: str, subject: str, body: str, key: str) -> str:
    """Send to one address, and say what went wrong."""
    assert settings.mail_allow_list is not None
    log = settings.home / "service" / "notice-mails.csv"
    try:
        message = compose_notice(subject, body, settings.mail_from, address, key)
        allowed = read_allow_list(settings.mail_allow_list)
        record = send_mails([message], settings, allowed, log, dry_run=False)[0]
    except OutreachError as error:
        return str(error)
    if record.outcome in (Outcome.SENT, Outcome.REPEATED):
        return ""
    return f"The mail was {record.outcome}{': ' + record.reason if record.reason else ''}."
