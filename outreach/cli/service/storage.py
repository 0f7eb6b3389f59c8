"""Share archive, runs, and approvals through a bucket."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.steps.sharing.mirror import Moved
    from outreach.settings import Settings
    from outreach.storage import Bucket


@click.group()
def storage() -> None:
    """Share archive, runs, and approvals with a team through a bucket (OUTREACH_STORAGE)."""


@storage.command()
def push() -> None:
    """Copy to the bucket what it does not have yet; nothing there is written over."""
    from flows.steps.sharing.mirror import push_home

    _move(push_home, "Pushed")


@storage.command()
def pull() -> None:
    """Copy from the bucket what this machine does not have yet."""
    from flows.steps.sharing.mirror import pull_home

    _move(pull_home, "Pulled")


def _move(move: "Callable[[Settings, Bucket], Moved]", word: str) -> None:
    """Open the bucket of the settings, move, and say what came of it."""
    from outreach.errors import SettingsError
    from outreach.phrasing import write_count
    from outreach.settings import read_settings
    from outreach.storage import open_bucket

    settings = read_settings()
    address, endpoint = settings.find_storage()
    if not address:
        raise SettingsError(
            "There is no shared storage.", "Set OUTREACH_STORAGE, such as s3://bucket/folder."
        )
    moved = move(settings, open_bucket(address, endpoint))
    latest = f"; latest is {moved.latest}" if moved.latest else ""
    click.echo(
        f"{word} {write_count(moved.files, 'file')}, of them {write_count(moved.runs, 'whole run')}"
        f"{latest}: {address}"
    )
