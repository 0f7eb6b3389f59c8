"""Run a campaign, for real or against the sandbox."""

import datetime as dt
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.days import DAY
from outreach.cli.listing import FOR_MODELERS
from outreach.cli.service.sandbox import open_world
from outreach.cli.start.init import open_example

if TYPE_CHECKING:
    from rich.console import Console

    from outreach.campaign import Campaign
    from outreach.sandbox.server import Sandbox
    from outreach.settings import Settings
    from outreach.store import Run
#: The season that the sandbox has, its day by default, and that of a plan.
_SEASON, _TODAY, _PLAN_DAY = 2020, dt.date(2020, 5, 28), dt.date(2026, 12, 1)
#: How many of the slowest steps the summary names.
_SLOWEST = 3
_VERBOSE = click.option(
    "-v", "--verbose", "is_verbose", is_flag=True, help="Print the modelers' lines, too."
)
_QUIET = click.option(
    "-q", "--quiet", "is_quiet", is_flag=True, help="Print nothing but the path of the run."
)


@dataclass(frozen=True)
class _Talk:
    """How much a command prints."""

    is_verbose: bool = False
    is_quiet: bool = False

    def say(self, sentence: str) -> None:
        """Print a sentence, unless nothing is to be printed."""
        if not self.is_quiet:
            click.echo(sentence)


@click.command()
@click.argument("campaign", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--date",
    "data_date",
    type=DAY,
    help="Use the archived rates of this data date; without it, request today's.",
)
@click.option(
    "--budget",
    "budget_usd",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="Another budget than the file's, on the data of the campaign's last run.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Another value than the file's, such as goal_percent=70; repeat for several.",
)
@click.option(
    "--what-if",
    "is_preview",
    is_flag=True,
    help="Only say what would change against the last run; keep nothing.",
)
@_VERBOSE
@_QUIET
def run(
    campaign: Path,
    data_date: dt.datetime | None,
    budget_usd: float | None,
    overrides: tuple[str, ...],
    *,
    is_preview: bool,
    is_verbose: bool,
    is_quiet: bool,
) -> None:
    """Pull, archive, join, score, choose, map, and export one CAMPAIGN: a file, or its name.

    A name is that of a file in "campaigns" of the service's folder.

    With --budget, --set, or --what-if the data is that of the campaign's last run: nothing is
    requested again, and what does not depend on the change is used again.
    """
    from outreach.settings import read_settings
    from outreach.store import read_requested_campaign

    settings = read_settings()
    request = read_requested_campaign(settings.home, campaign)
    settings.find_key()  # report a missing key before anything slow starts
    day = data_date.date() if data_date else None
    talk = _Talk(is_verbose=is_verbose, is_quiet=is_quiet)
    if budget_usd is None and not overrides and not is_preview:
        _run_campaign(settings, request, day, talk)
        return

    from flows.steps.service.request import change_budget, override_keys
    from outreach.phrasing import write_date

    request = change_budget(override_keys(request, overrides), budget_usd)
    last = _find_last(settings, request, is_needed=is_preview)
    if last is not None and day is None and not last.campaign.is_plan:
        day = last.data_date
        talk.say(
            f"On the data of {write_date(day)}, as the run {last.id}; 'outreach run' without these"
            " options requests today's."
        )
    if is_preview and last is not None:
        _preview(settings, request, day, last, talk)
    else:
        _run_campaign(settings, request, day, talk, is_rerun=last is not None)


def _find_last(settings: "Settings", campaign: "Campaign", *, is_needed: bool) -> "Run | None":
    """Return the campaign's run with the newest data; ``None`` if it has none."""
    from outreach.errors import StoreError
    from outreach.store import Store

    store = Store(settings.runs_folder)
    if store.runs(campaign.slug):
        return store.find(f"latest:{campaign.slug}")[0]
    if is_needed:
        raise StoreError(
            f"{campaign.name} has no run yet, so there is nothing to compare with.",
            "Run it once without --what-if.",
        )
    return None


def _preview(
    settings: "Settings", campaign: "Campaign", day: dt.date | None, last: "Run", talk: _Talk
) -> None:
    """Print what a run would change against the last one."""
    from flows.steps.check.campaign import check_campaign, refuse_faults
    from flows.steps.results.what_if import describe_what_if
    from outreach.cli.progress import open_prefect
    from outreach.store import Store

    refuse_faults(check_campaign(campaign, settings, day))
    with open_prefect(settings, is_quiet=talk.is_quiet):
        from flows.campaign import preview_campaign

        preview = preview_campaign(campaign, day)
    store = Store(settings.runs_folder)
    for line in describe_what_if(store, last, preview.manifest, preview.targets):
        click.echo(line)
    click.echo("Nothing was kept. The same command without --what-if makes the run.")


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Replay this folder of real 2020 data.",
)
@click.option(
    "--today",
    type=DAY,
    help=(
        "The day that the sandbox treats as today: May 28, 2020 by default, and for a plan December"
        " 1, 2026."
    ),
)
@click.option(
    "--campaign",
    type=click.Path(path_type=Path),
    help="A campaign file; the example that fits the data by default.",
)
@_VERBOSE
@_QUIET
def demo(
    data: Path | None,
    today: dt.datetime | None,
    campaign: Path | None,
    *,
    is_verbose: bool,
    is_quiet: bool,
) -> None:
    """Do the whole job against the sandbox: no key, no network.

    Without --data it runs the invented county; with a folder of real 2020 data, Cook County as of
    that day. Its files stay in a separate folder "demo", apart from real archives and runs.
    """
    from outreach.campaign import read_campaign
    from outreach.sandbox.server import Sandbox
    from outreach.settings import read_settings
    from outreach.store import DEMO

    if campaign is not None:
        request = read_campaign(campaign)
    else:
        request = open_example("cook_2020" if data else "invented_places")

    talk = _Talk(is_verbose=is_verbose, is_quiet=is_quiet)
    day = today.date() if today else _TODAY if request.census_year == _SEASON else _PLAN_DAY
    with Sandbox(open_world(data, day)) as sandbox:
        os.environ |= {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
            "OUTREACH_HOME": str(read_settings().home / DEMO),
            "OUTREACH_STORAGE": "",  # nothing invented goes to a team
        }
        if data is None and request.census_year == _SEASON:
            _archive_season(sandbox, read_settings(), request, talk)
        _run_campaign(read_settings(), request, None, talk)


def _archive_season(
    sandbox: "Sandbox", settings: "Settings", campaign: "Campaign", talk: _Talk
) -> None:
    """Archive the invented county's rates of every day so far, as a team with daily runs does.

    Archived days are skipped.
    """
    from outreach.archive import Archive
    from outreach.census.client import fetch_rates
    from outreach.sandbox.county.dates import FIRST_DAY, is_published
    from outreach.sandbox.county.world import InventedCounty
    from outreach.transport import Transport

    county = sandbox.world
    if not isinstance(county, InventedCounty):
        return
    ledger = Archive(settings.archive_folder, campaign.census_year)
    archived = set(ledger.data_dates(campaign.codes))
    transport = Transport(settings, settings.find_key())
    talk.say(
        f"Requesting every day of the season until {county.today} from the sandbox, as a team with"
        " daily runs does ..."
    )
    for number in range((county.today - FIRST_DAY).days):
        day = FIRST_DAY + dt.timedelta(days=number)
        if not is_published(day) or day in archived:
            continue
        sandbox.world = county.on(day)
        rates = fetch_rates(campaign.census_year, campaign.areas[0], transport)
        downloaded_at = dt.datetime.combine(day, dt.time(20), dt.UTC)
        ledger.append(rates, source="sandbox: the invented county", downloaded_at=downloaded_at)
    sandbox.world = county


def _run_campaign(
    settings: "Settings",
    campaign: "Campaign",
    data_date: dt.date | None,
    talk: _Talk,
    *,
    is_rerun: bool = False,
) -> None:
    """Run the flow with progress bars, and print the summary."""
    from flows.steps.check.campaign import check_campaign, refuse_faults
    from outreach.cli.progress import open_prefect

    start = time.perf_counter()
    refuse_faults(check_campaign(campaign, settings, data_date))
    with open_prefect(settings, is_quiet=talk.is_quiet) as console:
        from flows.campaign import run_campaign

        manifest = run_campaign(campaign, data_date, is_rerun=is_rerun)
    folder = settings.runs_folder / manifest.id
    if talk.is_quiet:
        click.echo(folder)
    else:
        _print_summary(manifest, folder, time.perf_counter() - start, console, talk)


def _print_summary(
    manifest: "Run", folder: Path, seconds: float, console: "Console", talk: _Talk
) -> None:
    """Print the results, their data date, how long they took, and where they are."""
    from rich.markup import escape

    from outreach.phrasing import write_date

    results = [
        (title, text)
        for title, text in manifest.summary.items()
        if talk.is_verbose or title not in FOR_MODELERS
    ]
    lists = [
        ("List", str(folder / file.path))
        for file in manifest.outputs
        if file.path.startswith("exports/") and not file.path.endswith("-not-written.txt")
    ]
    rows = [
        *results,
        ("Time", _describe_time(manifest, seconds) if talk.is_verbose else f"{seconds:.0f} s"),
        ("Map", str(folder / "map.html")),
        *lists,
        ("Record", f"{folder / 'manifest.json'}, {folder / 'join.txt'}"),
    ]
    campaign = manifest.campaign
    dated = f"plan for {campaign.census_year}, made on" if campaign.is_plan else "data of"
    console.print(
        f"\n[bold]{escape(campaign.name)}[/bold], {dated} {write_date(manifest.data_date)}",
        highlight=False,
    )
    for title, text in rows:
        console.print(f"  {title:<8} {escape(text)}")
    for note in manifest.notes:
        console.print(f"  Note     {escape(note)}")


def _describe_time(manifest: "Run", seconds: float) -> str:
    """Say how long a run took, and its slowest steps."""
    work = sum(manifest.timings_seconds.values())
    slowest = sorted(manifest.timings_seconds.items(), key=lambda step: -step[1])[:_SLOWEST]
    steps = ", ".join(f"{title.lower()} {taken:.1f} s" for title, taken in slowest)
    return (
        f"{seconds:.0f} s, of which {work:.1f} s are our own work ({steps}); the rest is Prefect's"
        " start and stop"
    )
