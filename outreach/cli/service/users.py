"""Keep the users of the portal."""

import sys

import click

from outreach.cli.listing import JSON, print_listing


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
    from outreach.portal.access.users import UserBook
    from outreach.settings import read_settings

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    user = UserBook(read_settings().home.absolute()).add(name, Role(role), password)
    click.echo(f"{user.name} can sign in as {user.role}.")


@users.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the user NAME, whose sessions end at once."""
    from outreach.portal.access.users import UserBook
    from outreach.settings import read_settings

    UserBook(read_settings().home.absolute()).remove(name)
    click.echo(f"{name} is removed.")


@users.command(name="list")
@JSON
def list_(*, as_json: bool) -> None:
    """List the users and their roles."""
    from outreach.portal.access.users import UserBook
    from outreach.settings import read_settings

    everyone = UserBook(read_settings().home.absolute()).list_users()
    if as_json:
        print_listing("users", [{"name": user.name, "role": user.role} for user in everyone])
        return
    if not everyone:
        click.echo("No user yet: the portal answers on this machine only, without a sign-in.")
    for user in everyone:
        click.echo(f"{user.name:<32} {user.role}")
