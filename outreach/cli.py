"""The command line: starts a flow, reads a run, and says what a person needs to know next.

Imports here are late on purpose: ``outreach --help`` must not wait for pandas, Prefect or Folium.
"""

import datetime as dt
import os
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from outreach import __version__
from outreach.errors import OutreachError

if TYPE_CHECKING:
    from outreach.settings import Settings
    from outreach.store import Run

_EXAMPLES = ("template", "chicago_2020", "cook_2020", "invented_county")


class _Date(click.ParamType):
    """A day as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """Read a date or say how one looks."""
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a day; write it as 2020-05-28.", param, ctx)


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
@click.option("--date", "on", type=_Date(), help="Use the archived rates of this data date instead of asking for today's.")
def run(campaign: Path, on: dt.date | None) -> None:
    """Pull, archive, join, score, choose, map and export one CAMPAIGN."""
    from outreach.campaign import read_campaign
    from outreach.settings import read_settings

    asked = read_campaign(campaign)
    settings = read_settings()
    if on is None:
        settings.find_key()  # a missing key is said at once, before anything heavy starts
    _run_campaign(settings, asked, on)


@cli.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Replay this folder of real 2020 data.")
@click.option("--today", type=_Date(), default="2020-05-28", show_default=True, help="The day the sandbox takes for today.")
@click.option("--campaign", type=click.Path(path_type=Path), help="A campaign file; by default the example that fits the data.")
def demo(data: Path | None, today: dt.date, campaign: Path | None) -> None:
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
    with Sandbox(_open_world(data, today)) as sandbox:
        os.environ |= {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        _run_campaign(read_settings(), asked, None)


@cli.command()
@click.option("--port", default=8020, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Replay this folder instead of the invented county.")
@click.option("--today", type=_Date(), default="2020-05-28", show_default=True, help="The day it takes for today.")
@click.option("--fault", "faults", multiple=True, metavar="KIND:PATH[:N]", help="Misbehave on request; see the README.")
def sandbox(port: int, data: Path | None, today: dt.date, faults: tuple[str, ...]) -> None:
    """Serve a small Census API and file server on this machine only."""
    from outreach.sandbox.faults import Faults
    from outreach.sandbox.server import Sandbox

    world = _open_world(data, today)
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
        table.add_column(heading, justify="right" if heading in ("Tracts", "Targets") else "left", overflow="fold")
    for one in every:
        table.add_row(one.id, one.campaign.name, str(one.data_date), f"{one.counts['tracts']:,}", f"{one.counts['targets']:,}")
    Console(soft_wrap=True, highlight=False).print(table)


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


def _run_campaign(settings: "Settings", campaign: Any, on: dt.date | None) -> None:
    """Run the flow with progress bars and print the summary."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from flows.server import prepare_prefect

    prepare_prefect(settings.home)
    console = Console(highlight=False, soft_wrap=True)
    columns = (SpinnerColumn(finished_text="[green]✓[/green]"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, Any] = {"server": bars.add_task("Start Prefect", total=1)}

        def show(title: str, begun: bool) -> None:  # noqa: FBT001  a listener's signature
            if "server" in tasks:
                bars.update(tasks.pop("server"), completed=1)
            if begun:
                tasks[title] = bars.add_task(title, total=1)
            else:
                bars.update(tasks.pop(title), completed=1)

        from flows.campaign import run_campaign
        from flows.progress import listen

        with listen(show):
            done = run_campaign(campaign, on)
    _print_summary(done, settings, console)


def _print_summary(done: "Run", settings: "Settings", console: Any) -> None:
    """Say what came out, from which day, and where it is."""
    folder = settings.runs_folder / done.id
    console.print(f"\n[bold]{done.campaign.name}[/bold], data of {done.data_date}")
    for line in done.notes:
        console.print(f"  {line}")
    console.print(f"\n  Map    {folder / 'map.html'}")
    for output in done.outputs:
        if output.path.startswith("exports/"):
            console.print(f"  List   {folder / output.path}")
    console.print(f"  Run    {folder / 'manifest.json'}")


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
