"""Running a campaign: for real, or against the sandbox."""

import contextlib
import datetime as dt
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from outreach.cli.machine import open_world, read_example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from flows.engine.progress import Listener
    from outreach.campaign import Campaign
    from outreach.sandbox.server import Sandbox
    from outreach.settings import Settings
    from outreach.store import Run

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("campaign", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--date",
    "on",
    type=_DAY,
    help="Use the archived rates of this data date instead of asking for today's.",
)
def run(campaign: Path, on: dt.datetime | None) -> None:
    """Pull, archive, join, score, choose, map and export one CAMPAIGN."""
    from outreach.campaign import read_campaign
    from outreach.settings import read_settings

    asked = read_campaign(campaign)
    settings = read_settings()
    settings.find_key()  # a missing key is said at once, before anything heavy starts
    _run_campaign(settings, asked, on.date() if on else None)


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Replay this folder of real 2020 data.",
)
@click.option(
    "--today",
    type=_DAY,
    default="2020-05-28",
    show_default=True,
    help="The day the sandbox takes for today.",
)
@click.option(
    "--campaign",
    type=click.Path(path_type=Path),
    help="A campaign file; by default the example that fits the data.",
)
def demo(data: Path | None, today: dt.datetime, campaign: Path | None) -> None:
    """Do the whole job against the sandbox: no key, no network.

    Without --data it runs the invented county; with a folder of real 2020 data, Cook County as of
    that day. What it makes stays in a folder "demo" of its own, apart from real archives and runs.
    """
    from outreach.campaign import parse_campaign, read_campaign
    from outreach.sandbox.server import Sandbox
    from outreach.settings import read_settings

    if campaign is not None:
        asked = read_campaign(campaign)
    else:
        import tomllib

        name = "cook_2020" if data else "invented_county"
        asked = parse_campaign(tomllib.loads(read_example(name)), f"the example {name}")
    with Sandbox(open_world(data, today.date())) as sandbox:
        os.environ |= {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
            "OUTREACH_HOME": str(read_settings().home / "demo"),
        }
        if data is None:
            _live_through_season(sandbox, read_settings(), asked)
        _run_campaign(read_settings(), asked, None)


def _live_through_season(sandbox: "Sandbox", settings: "Settings", campaign: "Campaign") -> None:
    """Ask the invented county's rates on every day of its season until today, as a team does that runs daily; days that are held are skipped."""
    from outreach.archive import Archive
    from outreach.census.client import fetch_rates
    from outreach.sandbox.county.season import FIRST_DAY, is_published
    from outreach.sandbox.county.world import InventedCounty
    from outreach.transport import Transport

    county = sandbox.world
    if not isinstance(county, InventedCounty):
        return
    ledger = Archive(settings.archive_folder, campaign.census_year)
    held = set(ledger.data_dates(campaign.codes))
    transport = Transport(settings, settings.find_key())
    click.echo(
        f"Asking the sandbox for every day of the season until {county.today}, as a team does that runs daily ..."
    )
    for number in range((county.today - FIRST_DAY).days):
        day = FIRST_DAY + dt.timedelta(days=number)
        if not is_published(day) or day in held:
            continue
        sandbox.world = county.on(day)
        rates = fetch_rates(campaign.census_year, campaign.areas[0], transport)
        asked_at = dt.datetime.combine(day, dt.time(20), dt.UTC)
        ledger.append(rates, source="sandbox: the invented county", downloaded_at=asked_at)
    sandbox.world = county


def _run_campaign(settings: "Settings", campaign: "Campaign", on: dt.date | None) -> None:
    """Run the flow with progress bars and print the summary."""
    from outreach.exporters.base.exporter import find_exporters

    find_exporters(
        campaign.platforms
    )  # a platform that is not there is said before anything heavy starts
    begun = time.perf_counter()
    with open_prefect(settings) as console:
        from flows.campaign import run_campaign

        done = run_campaign(campaign, on)
    _print_summary(done, settings.runs_folder / done.id, time.perf_counter() - begun, console)


@contextlib.contextmanager
def open_prefect(settings: "Settings") -> "Iterator[Console]":
    """Start Prefect while the flows load, and show the steps of any flow that is called in the block."""
    from rich.console import Console

    from flows.engine.server import serve_prefect

    console = Console(highlight=False, soft_wrap=True)
    with _show_steps(console) as show, serve_prefect(settings.home) as server:
        show("Start Prefect", True)
        from flows import campaign  # noqa: F401  loads while the server starts
        from flows.engine.progress import listen

        server.wait()
        show("Start Prefect", False)
        with listen(show):
            yield console


@contextlib.contextmanager
def _show_steps(console: "Console") -> "Iterator[Listener]":
    """Draw a bar for each step and hand out the function that moves them."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<36}"), BarColumn(20), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def show(title: str, begins: bool) -> None:  # noqa: FBT001  a listener's signature
            if begins:
                tasks[title] = bars.add_task(title, total=None)
            else:
                bars.update(tasks.pop(title), total=1, completed=1)

        yield show


def _print_summary(done: "Run", folder: Path, seconds: float, console: "Console") -> None:
    """Say what came out, from which day, how long it took and where it is."""
    work = sum(done.timings_seconds.values())
    slowest = sorted(done.timings_seconds.items(), key=lambda step: -step[1])[:3]
    split = ", ".join(f"{title.lower()} {took:.1f} s" for title, took in slowest)
    rows = [
        *done.summary.items(),
        (
            "Time",
            f"{seconds:.0f} s, of these our own work {work:.1f} s ({split}); the rest is Prefect's start and stop",
        ),
        ("Map", str(folder / "map.html")),
        *[
            ("List", str(folder / file.path))
            for file in done.outputs
            if file.path.startswith("exports/") and not file.path.endswith("-not-written.txt")
        ],
        ("Record", f"{folder / 'manifest.json'}, {folder / 'join.txt'}"),
    ]
    console.print(
        f"\n[bold]{escape(done.campaign.name)}[/bold], data of {done.data_date.day} {done.data_date:%B %Y}",
        highlight=False,
    )
    for title, text in rows:
        console.print(f"  {title:<8} {escape(text)}")
    for note in done.notes:
        console.print(f"  Note     {escape(note)}")
