"""Setting up: a campaign file to start from, a sandbox, a check-up of the machine."""

import datetime as dt
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import click

_DAY = click.DateTime(["%Y-%m-%d"])
_EXAMPLES = ("template", "chicago_2020", "cook_2020", "invented_county")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--example",
    type=click.Choice(_EXAMPLES),
    default="template",
    help="Which campaign to start from.",
)
def init(path: Path, example: str) -> None:
    """Write a commented campaign file to PATH (campaign.toml)."""
    from outreach.errors import CampaignError

    text = read_example(example)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CampaignError(
            f"{path} is there already.", "Name another file, or move that one away."
        ) from None
    except OSError as error:
        raise CampaignError(
            f"Cannot write {path}: {error.strerror}.", "Name another place."
        ) from None
    click.echo(f"Wrote {path}. Edit it, then: outreach run {path}")


@click.command()
@click.option(
    "--port", default=8020, show_default=True, help="Port on 127.0.0.1; 0 takes a free one."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Replay this folder instead of the invented county.",
)
@click.option(
    "--today",
    type=_DAY,
    default="2020-05-28",
    show_default=True,
    help="The day it takes for today.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[=VALUE]:PATH[:WHEN]",
    help="Misbehave. KIND: 429, 500, slow, reset, down, truncate, html, missing, renamed, type, range, geometry."
    " PATH: a pattern of the whole path. WHEN: 2 (the first two), #2, 3+ or 20%.",
)
def sandbox(port: int, data: Path | None, today: dt.datetime, faults: tuple[str, ...]) -> None:
    """Serve a small Census API and file server on this machine only."""
    from outreach.sandbox.fault_injection import Faults
    from outreach.sandbox.server import Sandbox

    world = open_world(data, today.date())
    with Sandbox(world, port=port, faults=Faults.parse(faults)) as server:
        click.echo(f"Serving {world.describe()}")
        click.echo("In another terminal:\n")
        for name in ("OUTREACH_API_URL", "OUTREACH_FILES_URL"):
            click.echo(f"  export {name}={server.url}")
        click.echo(f"  export OUTREACH_CENSUS_API_KEY={server.key}")
        click.echo(
            "  export OUTREACH_HOME=outreach-data/sandbox   # apart from real archives and runs\n"
        )
        click.echo("Stop with Ctrl-C.")
        server.wait()


@click.command()
def doctor() -> None:
    """Look at everything a campaign needs: folder, key, services, archive."""
    from outreach.cli.doctor import check_machine
    from outreach.settings import read_settings

    sick = False
    for finding in check_machine(read_settings()):
        sick |= not finding.well
        click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.title}: {finding.detail}")
    if sick:
        sys.exit(1)


def read_example(name: str) -> str:
    """Return the text of a campaign that is shipped with the package."""
    return (resources.files("outreach") / "examples" / f"{name}.toml").read_text(encoding="utf-8")


def open_world(data: Path | None, today: dt.date) -> Any:
    """Make the world that the sandbox serves."""
    if data is None:
        from outreach.sandbox.county.world import InventedCounty

        return InventedCounty(today=today)
    from outreach.sandbox.replay.season import ReplayedSeason

    return ReplayedSeason(data, today)
