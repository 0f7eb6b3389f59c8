"""The command line: starts a flow, reads a run, and says what a person needs to know next.

Imports here are late on purpose: ``outreach --help`` must not wait for pandas, Prefect or Folium.
"""

import contextlib
import datetime as dt
import hashlib
import os
import sys
import time
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from outreach import __version__
from outreach.errors import OutreachError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from flows.progress import Listener
    from outreach.campaign import Campaign
    from outreach.settings import Settings
    from outreach.store import Run

_EXAMPLES = ("template", "chicago_2020", "cook_2020", "invented_county")


_DAY = click.DateTime(["%Y-%m-%d"])
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="outreach")
def cli() -> None:
    """Census outreach targeting: from daily self-response rates to maps and target lists.

    Start with "outreach demo": it needs no key and no network.
    """


@cli.command()
@click.argument("path", type=click.Path(path_type=Path), default="campaign.toml")
@click.option("--example", type=click.Choice(_EXAMPLES), default="template", help="Which campaign to start from.")
def init(path: Path, example: str) -> None:
    """Write a commented campaign file to PATH (campaign.toml)."""
    from outreach.errors import CampaignError

    text = read_example(example)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CampaignError(f"{path} is there already.", "Name another file, or move that one away.") from None
    except OSError as error:
        raise CampaignError(f"Cannot write {path}: {error.strerror}.", "Name another place.") from None
    click.echo(f"Wrote {path}. Edit it, then: outreach run {path}")


@cli.command()
@click.argument("campaign", type=click.Path(path_type=Path), default="campaign.toml")
@click.option("--date", "on", type=_DAY, help="Use the archived rates of this data date instead of asking for today's.")
def run(campaign: Path, on: dt.datetime | None) -> None:
    """Pull, archive, join, score, choose, map and export one CAMPAIGN."""
    from outreach.campaign import read_campaign
    from outreach.settings import read_settings

    asked = read_campaign(campaign)
    settings = read_settings()
    settings.find_key()  # a missing key is said at once, before anything heavy starts
    _run_campaign(settings, asked, on.date() if on else None)


@cli.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Replay this folder of real 2020 data.",
)
@click.option(
    "--today", type=_DAY, default="2020-05-28", show_default=True, help="The day the sandbox takes for today."
)
@click.option(
    "--campaign", type=click.Path(path_type=Path), help="A campaign file; by default the example that fits the data."
)
def demo(data: Path | None, today: dt.datetime, campaign: Path | None) -> None:
    """Do the whole job against the sandbox: no key, no network.

    Without --data it runs the invented county; with a folder of real 2020 data, Cook County as of that day.
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
    with Sandbox(_open_world(data, today.date())) as sandbox:
        os.environ |= {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        _run_campaign(read_settings(), asked, None)


@cli.command()
@click.option("--port", default=8020, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Replay this folder instead of the invented county.",
)
@click.option("--today", type=_DAY, default="2020-05-28", show_default=True, help="The day it takes for today.")
@click.option("--fault", "faults", multiple=True, metavar="KIND:PATH[:N]", help="Misbehave on request; see the README.")
def sandbox(port: int, data: Path | None, today: dt.datetime, faults: tuple[str, ...]) -> None:
    """Serve a small Census API and file server on this machine only."""
    from outreach.sandbox.faults import Faults
    from outreach.sandbox.server import Sandbox

    world = _open_world(data, today.date())
    with Sandbox(world, port=port, faults=Faults.parse(faults)) as server:
        click.echo(f"Serving {world.describe()}")
        click.echo("In another terminal:\n")
        for name in ("OUTREACH_API_URL", "OUTREACH_FILES_URL"):
            click.echo(f"  export {name}={server.url}")
        click.echo(f"  export OUTREACH_CENSUS_API_KEY={server.key}\n")
        click.echo("Stop with Ctrl-C.")
        server.wait()


@cli.command()
def runs() -> None:
    """List the runs, newest first."""
    from rich.console import Console
    from rich.table import Table

    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    every = Store(settings.runs_folder).runs()
    if not every:
        click.echo(f"No run yet in {settings.runs_folder}. Make one with: outreach run")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Run", "Campaign", "Data date", "Tracts", "Targets"):
        table.add_column(heading, justify="right" if heading in ("Tracts", "Targets") else "left", no_wrap=True)
    for one in every:
        table.add_row(
            one.id, one.campaign.name, str(one.data_date), f"{one.counts['tracts']:,}", f"{one.counts['targets']:,}"
        )
    Console(width=200, highlight=False).print(table)


@cli.command()
@click.argument("run", default="latest")
@click.option(
    "--to",
    "platforms",
    multiple=True,
    metavar="PLATFORM",
    help="Platform or file form; several times for several. By default the campaign's.",
)
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=".", help="Folder for the files.")
@click.option("--geotargets", type=_FILE, help="Google's list of geo targets (CSV, zipped or not): ZIPs go in by ID.")
@click.option("--location-codes", type=_FILE, help="Microsoft's file of geographical location codes.")
@click.option("--rules", type=_FOLDER, help="Folder with your own PLATFORM.toml, where you know better.")
@click.option("--exclude-holdout", is_flag=True, help="Tell platforms that can to leave out holdout and buffer units.")
def export(
    run: str,
    platforms: tuple[str, ...],
    into: Path,
    geotargets: Path | None,
    location_codes: Path | None,
    rules: Path | None,
    *,
    exclude_holdout: bool,
) -> None:
    """Write the targets of RUN (latest) as files for ad platforms, each checked and with a checklist."""
    from outreach.errors import ExportError
    from outreach.exporters.exporter import ExportContext, find_exporters
    from outreach.exporters.preflight import export_to
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings(geotargets=geotargets, location_codes=location_codes, platform_rules=rules)
    store = Store(settings.runs_folder)
    found, folder = store.find(run)
    targets, plan = store.read_table(run, "targets"), folder / "plan.json"
    context = ExportContext(
        campaign=found.campaign,
        run_id=found.id,
        version=hashlib.sha256(plan.read_bytes().rstrip(b"\n")).hexdigest() if plan.is_file() else "",
        shapes=store.read_table(run, "tracts")["geometry"],
        geotargets=settings.geotargets,
        location_codes=settings.location_codes,
        rules_folder=settings.platform_rules,
        exclude_holdout=exclude_holdout,
    )
    named = find_exporters(platforms or found.campaign.platforms)
    deliveries = [export_to(platform, targets, context) for platform in named]
    for delivery in deliveries:
        for file in delivery.files:
            try:
                into.mkdir(parents=True, exist_ok=True)
                (into / file.name).write_bytes(file.content)
            except OSError as error:
                raise ExportError(
                    f"Cannot write {into / file.name}: {error.strerror}.", "Name another folder with --into."
                ) from None
            click.echo(f"{delivery.exporter.title}: {into / file.name}")
        for line in (*delivery.exporter.notes, *(str(finding) for finding in delivery.findings)):
            click.echo(f"  {line}")


@cli.command()
def doctor() -> None:
    """Look at everything a campaign needs: folder, key, services, archive."""
    from outreach.doctor import check_machine
    from outreach.settings import read_settings

    sick = False
    for finding in check_machine(read_settings()):
        sick |= not finding.well
        click.echo(f"{'ok  ' if finding.well else 'FAIL'}  {finding.title}: {finding.detail}")
    if sick:
        sys.exit(1)


@cli.group()
def archive() -> None:
    """Look into the archive of published rates, or bring files into it."""


@archive.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--census-year", default=2020, show_default=True)
def import_(paths: tuple[Path, ...], census_year: int) -> None:
    """Bring in the Bureau's daily CSV, saved API replies (JSON, CSV) or Parquet, from files or folders."""
    from outreach.archive import Archive, import_files
    from outreach.settings import read_settings

    ledger = Archive(read_settings().archive_folder, census_year)
    for receipt in import_files(paths, ledger):
        click.echo(str(receipt))


@archive.command()
@click.option("--census-year", default=2020, show_default=True)
def status(census_year: int) -> None:
    """Say which dates are held, and name gaps, stale replies, missing states and vanished tracts."""
    from outreach.archive import Archive, describe_archive
    from outreach.settings import read_settings

    for line in describe_archive(Archive(read_settings().archive_folder, census_year)).lines():
        click.echo(line)


def read_example(name: str) -> str:
    """Return the text of a campaign that is shipped with the package."""
    return (resources.files("outreach") / "examples" / f"{name}.toml").read_text(encoding="utf-8")


def _open_world(data: Path | None, today: dt.date) -> Any:
    """Make the world that the sandbox serves."""
    if data is None:
        from outreach.sandbox.county import InventedCounty

        return InventedCounty(today=today)
    from outreach.sandbox.replay import ReplayedSeason

    return ReplayedSeason(data, today)


def _run_campaign(settings: "Settings", campaign: "Campaign", on: dt.date | None) -> None:
    """Run the flow with progress bars and print the summary."""
    from rich.console import Console

    from flows.server import serve_prefect

    console = Console(highlight=False, soft_wrap=True)
    begun = time.perf_counter()
    with _show_steps(console) as show, serve_prefect(settings.home) as server:
        show("Start Prefect", True)
        from flows.campaign import run_campaign
        from flows.progress import listen

        server.wait()
        show("Start Prefect", False)
        with listen(show):
            done = run_campaign(campaign, on)
    _print_summary(done, settings.runs_folder / done.id, time.perf_counter() - begun, console)


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
        *[("List", str(folder / file.path)) for file in done.outputs if file.path.startswith("exports/")],
        ("Record", f"{folder / 'manifest.json'}, {folder / 'join.txt'}"),
    ]
    console.print(f"\n[bold]{escape(done.campaign.name)}[/bold], data of {done.data_date:%d %B %Y}", highlight=False)
    for title, text in rows:
        console.print(f"  {title:<8} {escape(text)}")
    for note in done.notes:
        console.print(f"  Note     {escape(note)}")


def main() -> None:
    """Run the command line; a failure is one sentence on standard error and exit code 1."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Stopped; the last whole run is untouched.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OutreachError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
