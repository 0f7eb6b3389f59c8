"""Import partners' logs of calls, doors, events, and texts."""

from pathlib import Path

import click


@click.group()
def activity() -> None:
    """Keep what partners do beside the ads, by area."""


@activity.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--run", default="latest", help="Run whose list says which places matter.")
def import_(file: Path, run: str) -> None:
    """Import a log: organization, kind, place, day, contacts; areas only, no persons.

    The same log twice changes nothing. Where nobody has been is written to gaps.csv.
    """
    from flows.trial.activity import import_activity
    from outreach.settings import read_settings

    logged = import_activity(read_settings(), file, run)
    for line in logged.lines:
        click.echo(line)
    click.echo(f"Gaps: {logged.gaps}")
