"""Reports that leave the house: a public site of a run, and mails with a district's page."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from outreach.reports.mail.log import MailRecord

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("run", default="latest")
@click.option("--into", type=_FOLDER, help="The folder; by default one below OUTREACH_HOME.")
@click.option("--language", "languages", multiple=True, default=("en", "es"), show_default=True)
@click.option(
    "--test-over", is_flag=True, help="The test is over and read out: publish arms and money too."
)
def publish(run: str, into: Path | None, languages: tuple[str, ...], *, test_over: bool) -> None:
    """Write a folder of RUN (latest) that may be put on the web as it is: site, map, reports, open data.

    Small counts are hidden; while a test with a comparison group runs, arms, targets and money are
    in none of its files.
    """
    from outreach.cli.run import open_prefect
    from outreach.settings import read_settings

    with open_prefect(read_settings()):
        from flows.publish import publish_run

        folder = publish_run(run, into, languages, test_over=test_over)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    click.echo(f"{len(files):,} files, {size / 1e6:.1f} MB: {folder / 'index.html'}")


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--recipients",
    "file",
    type=_FILE,
    help="CSV with the columns district, address and, if wanted, language.",
)
@click.option(
    "--to",
    "named",
    multiple=True,
    metavar="DISTRICT=ADDRESS",
    help="One more recipient; season=ADDRESS gets the season summary. Several times for several.",
)
@click.option(
    "--kind", default="", metavar="NAME", help="Kind of district, where the campaign names several."
)
@click.option(
    "--language", default="en", show_default=True, help="For recipients without one of their own."
)
@click.option(
    "--into", type=_FOLDER, help="Folder for the previews; by default one below OUTREACH_HOME."
)
@click.option(
    "--send", is_flag=True, help="Send. Without it mails are only written as files to look at."
)
@click.option("--again", is_flag=True, help="Send also what the log says a person has got already.")
def mail(
    run: str,
    file: Path | None,
    named: tuple[str, ...],
    kind: str,
    language: str,
    into: Path | None,
    *,
    send: bool,
    again: bool,
) -> None:
    """Mail each recipient a district's page, or the season summary, of RUN (latest); a dry run unless --send is given.

    Only people on the allow-list (OUTREACH_MAIL_ALLOW_LIST) are written to, and nobody gets the
    same page of a run twice.
    """
    from outreach.errors import SettingsError
    from outreach.settings import read_settings

    settings = read_settings()
    if not settings.mail_from:
        raise SettingsError(
            "No sender is set.", "Set OUTREACH_MAIL_FROM to the address that mails come from."
        )
    if settings.mail_allow_list is None:
        raise SettingsError(
            "No allow-list is set.",
            "Set OUTREACH_MAIL_ALLOW_LIST to a file of who may be written to: an address or an @domain a line.",
        )
    if send and not settings.smtp_host:
        raise SettingsError(
            "No SMTP server is set.", "Set OUTREACH_SMTP_HOST, or leave out --send."
        )
    from outreach.reports.mail.recipients import parse_recipient, read_allow_list, read_recipients

    allowed = read_allow_list(settings.mail_allow_list)
    recipients = [
        *(read_recipients(file) if file else []),
        *(parse_recipient(text) for text in named),
    ]
    from flows.mail import prepare_mails
    from outreach.reports.mail.compose import preview_mails
    from outreach.reports.mail.smtp import send_mails

    messages = prepare_mails(run, recipients, settings.mail_from, kind=kind, language=language)
    log = settings.home / "mails" / "log.csv"
    if not send:
        previews = preview_mails(messages, into or settings.home / "mails" / "preview")
    done = send_mails(messages, settings, allowed, log, dry_run=not send, again=again)
    for place, delivery in enumerate(done):
        click.echo(f"{_describe(delivery)}" + ("" if send else f": {previews[place]}"))
    left = [
        one for one in done if one.outcome in {"not on the allow-list", "refused by the server"}
    ]
    click.echo(
        f"Log: {log}"
        if send
        else f"Nothing was sent. Look at the previews, then add --send. Log: {log}"
    )
    if send and left:
        click.echo(f"{len(left)} of {len(done)} mails were not sent, see above.", err=True)
        sys.exit(1)


def _describe(delivery: "MailRecord") -> str:
    """Say whom a mail is for, what it carries, and what became of it."""
    reason = f" ({delivery.reason})" if delivery.reason else ""
    return (
        f"{delivery.outcome.value:<22} {delivery.to}  {delivery.report.rpartition('/')[2]}{reason}"
    )
