"""Back up the service's folder, and restore it."""

from pathlib import Path

import click

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Pack the service's folder into FILE, such as outreach.tar.gz; the service may go on.

    It has archive, campaigns, runs, approvals, tests, deliveries, users, and the audit log, and not
    caches, Prefect's history, or the service's own secrets: people sign in again after a restore.
    Passwords are in it as hashes only, but keep it as safe as them.
    """
    from outreach.phrasing import write_count
    from outreach.settings import read_settings
    from outreach.store.backup import write_backup

    record = write_backup(read_settings().home, file)
    size = file.stat().st_size / 1e6
    click.echo(f"{write_count(len(record.sha256), 'file')} kept in {file} ({size:,.1f} MB).")


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Unpack FILE into the service's folder (OUTREACH_HOME), which must be empty or missing.

    Every file is compared with its hash before anything takes its place.
    """
    from outreach.phrasing import write_count, write_date
    from outreach.settings import read_settings
    from outreach.store.backup import restore_backup

    home = read_settings().home
    record = restore_backup(file, home)
    click.echo(
        f"{write_count(len(record.sha256), 'file')} of {write_date(record.made_at)} restored in"
        f" {home}. 'outreach doctor' checks them."
    )
