"""Report whether this machine is ready for a campaign."""

import sys

import click


@click.command()
def doctor() -> None:
    """Check everything that a campaign needs: folder, key, services, archive."""
    from outreach.cli.checkup import check_machine
    from outreach.settings import read_settings
    from outreach.transport import announce_waits

    failed = False
    with announce_waits(click.echo):
        for result in check_machine(read_settings()):
            failed |= not result.passed
            click.echo(f"{'ok  ' if result.passed else 'FAIL'}  {result.title}: {result.detail}")
    if failed:
        sys.exit(1)
