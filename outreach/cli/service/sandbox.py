"""Serve a small Census API on this machine."""

import datetime as dt
from pathlib import Path
from typing import Any

import click

from outreach.cli.days import DAY


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
    type=DAY,
    default="2020-05-28",
    show_default=True,
    help="The day that the sandbox treats as today.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[=VALUE]:PATH[:WHEN]",
    help=(
        "Misbehave. KIND: 429, 500, slow, drip, reset, down, truncate, html, gzip, deep,"
        " missing, renamed, type, range, geometry. PATH: a pattern of the whole path. WHEN: 2 (the"
        " first two), #2, 3+, or 20%."
    ),
)
def sandbox(port: int, data: Path | None, today: dt.datetime, faults: tuple[str, ...]) -> None:
    """Serve a small Census API and file server, on this machine only."""
    from outreach.sandbox.fault_injection import Faults
    from outreach.sandbox.server import Sandbox

    world = open_world(data, today.date())
    with Sandbox(world, port=port, faults=Faults.parse(faults)) as server:
        click.echo(f"Serving {world.describe()}")
        click.echo("In another terminal:\n")
        for name in ("OUTREACH_API_URL", "OUTREACH_FILES_URL"):
            click.echo(f"  export {name}={server.url}")
        click.echo(f"  export OUTREACH_CENSUS_API_KEY={server.key}")
        click.echo("  export OUTREACH_HOME=~/outreach-data/sandbox   # apart from real runs\n")
        click.echo("Stop with Ctrl-C.")
        server.wait()


def open_world(data: Path | None, today: dt.date) -> Any:
    """Return the world that the sandbox serves: a folder of real data, or the invented county."""
    if data is None:
        from outreach.sandbox.county.world import InventedCounty

        return InventedCounty(today=today)
    from outreach.sandbox.replay.season import ReplayedSeason

    return ReplayedSeason(data, today)
