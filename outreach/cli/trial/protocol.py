"""Agree with other cities on one design, in a file."""

from pathlib import Path

import click

from outreach.cli.lines import print_lines

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def protocol() -> None:
    """Agree with other cities on the design of a test."""


@protocol.command("write")
@click.argument("campaign", type=_FILE)
@click.option("--name", required=True, help="Name of the protocol.")
@click.option("--into", required=True, type=_FILE, help="The file to write, for example ads.toml.")
def write(campaign: Path, name: str, into: Path) -> None:
    """Write the design of CAMPAIGN's test as a protocol for other cities.

    Each city names the file in its campaign: [holdout] protocol = "ads.toml".
    """
    from flows.trial.protocol import make_protocol
    from outreach.campaign import read_campaign
    from outreach.errors import ExportError
    from outreach.files import write_file

    agreed = make_protocol(read_campaign(campaign), name)
    try:
        write_file(into, agreed.write_toml())
    except OSError as error:
        raise ExportError(
            f"Cannot write {into}: {error.strerror}.", "Name another file with --into."
        ) from None
    click.echo(f"{into}: {name}, hash {agreed.digest}.")


@protocol.command("read")
@click.argument("file", type=_FILE)
@click.option("--campaign", default="", metavar="NAME", help="Say which seed this campaign has.")
def read(file: Path, campaign: str) -> None:
    """Say what the protocol FILE is, and which seed it gives a campaign."""
    from flows.trial.protocol import describe_protocol

    print_lines(describe_protocol(file, campaign))
