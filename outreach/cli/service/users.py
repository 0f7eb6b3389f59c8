"""Keep the users of the portal."""

import sys
from typing import TYPE_CHECKING

import click

from outreach.cli.listing import JSON, print_listing

if TYPE_CHECKING:
    from outreach.portal.access.users import UserBook


@click.group()
def users() -> None:
    """Keep the users of the portal: who may sign in, and as what."""


@users.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "marketer", "planner", "administrator"]),
    required=True,
    help="What the user may do; each role may all that the ones before it may.",
)
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)
def add(name: str, role: str, *, password_stdin: bool) -> None:
    """Add the user NAME, or give one another role and password; earlier sessions end."""
    from outreach.portal.access.roles import Role

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    user = _open_book().add(name, Role(role), password)
    click.echo(f"{user.name} can sign in as {user.role}.")


@users.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the user NAME, whose sessions end at once."""
    _open_book().remove(name)
    click.echo(f"{name} is removed.")


@users.command(name="list")
@JSON
def list_(*, as_json: bool) -> None:
    """List the users and their roles."""
    everyone = _open_book().list_users()
    if as_json:
        print_listing("users", [{"name": user.name, "role": user.role} for user in everyone])
        return
    if not everyone:
        click.echo("No user yet: the portal answers on this machine only, without a sign-in.")
    for user in everyone:
        click.echo(f"{user.name:<32} {user.role}")


@users.command()
def move() -> None:
    """Copy users, audit log, and notices of the folder into the database, which has no users yet.

    All of them are copied, or none. The files stay as they are, and are read no more while
    OUTREACH_DATABASE is set.
    """
    from outreach.errors import SettingsError
    from outreach.portal.access.move import move_into_database
    from outreach.settings import read_settings
    from outreach.store import open_database

    settings = read_settings()
    database = open_database(settings.find_database())
    if database is None:
        raise SettingsError(
            "There is no database to copy the users into.",
            "Set OUTREACH_DATABASE to postgresql://user:password@host:5432/name.",
        )
    people, lines = move_into_database(settings.home.absolute(), database)
    click.echo(f"Copied to {database.place}: users {people}, lines of journals {lines:,}.")


def _open_book() -> "UserBook":
    """Return the users of this machine's service."""
    from outreach.portal.access.users import UserBook
    from outreach.settings import read_settings
    from outreach.store import open_database

    settings = read_settings()
    return UserBook(settings.home.absolute(), open_database(settings.find_database()))
