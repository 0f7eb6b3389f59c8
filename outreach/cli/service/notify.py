"""List the notices of the service, and try the ways to people."""

from typing import TYPE_CHECKING

import click

from outreach.cli.listing import JSON, print_listing

if TYPE_CHECKING:
    from outreach.settings import Settings


@click.command()
@click.option("--test", is_flag=True, help="Send a test to everybody who gets notices.")
@JSON
def notify(*, test: bool, as_json: bool) -> None:
    """List what the service noticed: jobs that failed, late or stale rates, changed lists.

    Who gets notices stands in the settings: OUTREACH_NOTIFY_MAIL, _SLACK, _TEAMS, and _WEBHOOK.
    """
    import datetime as dt

    from outreach.settings import read_settings
    from outreach.store import NoticeBook, open_database

    settings = read_settings()
    settings = settings.model_copy(update={"home": settings.home.absolute()})
    if test:
        _send_test(settings, as_json=as_json)
        return
    book = NoticeBook(settings.home, open_database(settings.find_database()))
    notices, tries = book.read(50), book.read_deliveries()
    if as_json:
        records = [
            one.model_dump(mode="json")
            | {"deliveries": [each.model_dump(mode="json") for each in tries.get(one.key, ())]}
            for one in notices
        ]
        print_listing("notices", records)
        return
    if not notices:
        click.echo("No notice yet. 'outreach notify --test' tries the ways to people.")
    for one in notices:
        click.echo(f"{one.at.astimezone(dt.UTC):%Y-%m-%d %H:%M}  {one.kind:<8} {one.title}")
        click.echo(f"    {one.what}\n    What to do: {one.todo}")


def _send_test(settings: "Settings", *, as_json: bool) -> None:
    """Send a test, and say what became of it on each way."""
    import datetime as dt

    from flows.engine.serving.server import prepare_prefect, serve_prefect
    from outreach.errors import ServiceUnavailable, SettingsError

    prepare_prefect(settings.home)
    from flows.notify import send_test

    if settings.notify_blocks:  # Prefect's server keeps them
        with serve_prefect(settings.home) as server:
            server.wait()
            done = send_test(settings, dt.datetime.now(dt.UTC))
    else:
        done = send_test(settings, dt.datetime.now(dt.UTC))
    if not done:
        raise SettingsError(
            "Nobody gets notices.",
            "Set OUTREACH_NOTIFY_MAIL, OUTREACH_NOTIFY_SLACK, OUTREACH_NOTIFY_TEAMS,"
            " OUTREACH_NOTIFY_WEBHOOK, or OUTREACH_NOTIFY_BLOCKS.",
        )
    if as_json:
        print_listing("deliveries", [one.model_dump(mode="json") for one in done])
    for one in () if as_json else done:
        click.echo(f"{one.channel}: {one.fault or 'sent'}")
    failures = [one for one in done if one.fault]
    if failures:
        raise ServiceUnavailable(
            f"The test did not get through on {len(failures)} of {len(done)} ways.",
            "The lines above say why.",
        )
