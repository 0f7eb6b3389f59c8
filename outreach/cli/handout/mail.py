"""Mail pages of a run to the people on the allow-list."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from outreach.reports.mail.log import MailRecord
    from outreach.settings import Settings

#: Stands in a preview where no sender is set; a name without a dot leads nowhere.
_NO_SENDER = "sender@not-set"
_UNSENT = frozenset({"not on the allow-list", "refused by the server", "not sent"})


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--recipients",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with the columns district, address, and optionally language.",
)
@click.option(
    "--to",
    "people",
    multiple=True,
    metavar="DISTRICT=ADDRESS",
    help="One more recipient; season=ADDRESS gets the season summary. Repeat for several.",
)
@click.option(
    "--kind", default="", metavar="NAME", help="Kind of district, if the campaign names several."
)
@click.option(
    "--language", default="en", show_default=True, help="For recipients without one of their own."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the previews; one below OUTREACH_HOME by default.",
)
@click.option("--send", is_flag=True, help="Send. Without it, mails are only written as previews.")
@click.option("--again", is_flag=True, help="Send also what a person already got by the log.")
def mail(
    run: str,
    file: Path | None,
    people: tuple[str, ...],
    kind: str,
    language: str,
    into: Path | None,
    *,
    send: bool,
    again: bool,
) -> None:
    """Mail district pages or the season summary of RUN (latest); a dry run without --send.

    Mail goes only to people on the allow-list (OUTREACH_MAIL_ALLOW_LIST), and nobody gets the same
    page of a run twice.
    """
    from outreach.settings import read_settings

    settings = read_settings()
    allow_list = _check_settings(settings, send=send)
    from outreach.reports.mail.recipients import parse_recipient, read_allow_list, read_recipients

    allowed = read_allow_list(allow_list) if allow_list else []
    recipients = [
        *(read_recipients(file) if file else []),
        *(parse_recipient(text) for text in people),
    ]

    # Compose every mail first: a bad recipient stops all of them.
    from flows.handout.mail import prepare_mails
    from outreach.reports.mail.compose import preview_mails
    from outreach.reports.mail.smtp import send_mails

    sender = settings.mail_from or _NO_SENDER
    messages = prepare_mails(run, recipients, sender, kind=kind, language=language)
    log = settings.home / "mails" / "log.csv"
    previews = [] if send else preview_mails(messages, into or settings.home / "mails" / "preview")
    deliveries = send_mails(messages, settings, allowed, log, dry_run=not send, again=again)
    for place, delivery in enumerate(deliveries):
        click.echo(_describe_delivery(delivery) + ("" if send else f": {previews[place]}"))
    if not send:
        click.echo(f"Nothing was sent. Check the previews, then add --send. Log: {log}")
        for name, value, need in (
            ("OUTREACH_MAIL_FROM", settings.mail_from, "the sender's address"),
            ("OUTREACH_MAIL_ALLOW_LIST", allow_list, "a file of allowed recipients"),
        ):
            if not value:
                click.echo(f"Before you send, set {name} to {need}.")
        return

    click.echo(f"Log: {log}")
    unsent = [delivery for delivery in deliveries if delivery.outcome in _UNSENT]
    unknown = [delivery for delivery in deliveries if delivery.outcome == "perhaps not sent"]
    if unsent:
        click.echo(f"{len(unsent)} of {len(deliveries)} mails were not sent; see above.", err=True)
    if unknown:
        click.echo(
            f"{len(unknown)} of {len(deliveries)} mails are perhaps not sent; see above.", err=True
        )
    if unsent or unknown:
        sys.exit(1)


def _check_settings(settings: "Settings", *, send: bool) -> Path | None:
    """Return the file of the allow-list; for sending, check that all of mail is set up."""
    from outreach.errors import SettingsError

    if not send:
        return settings.mail_allow_list
    if not settings.mail_from:
        raise SettingsError("No sender is set.", "Set OUTREACH_MAIL_FROM to the sender's address.")
    if settings.mail_allow_list is None:
        raise SettingsError(
            "No allow-list is set.",
            "Set OUTREACH_MAIL_ALLOW_LIST to a file of allowed recipients: one address or @domain"
            " on each line.",
        )
    if not settings.smtp_host:
        raise SettingsError(
            "No SMTP server is set.", "Set OUTREACH_SMTP_HOST, or leave out --send."
        )
    return settings.mail_allow_list


def _describe_delivery(delivery: "MailRecord") -> str:
    """Say who gets a mail, what it contains, and what happened to it."""
    reason = f" ({delivery.reason})" if delivery.reason else ""
    page = delivery.report.rpartition("/")[2]
    return f"{delivery.outcome.value:<22} {delivery.to}  {page}{reason}"
