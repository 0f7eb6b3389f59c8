"""Replay a past season for training, one day after the other."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.days import DAY
from outreach.cli.lines import print_lines

if TYPE_CHECKING:
    from outreach.reports.data.drill import Drill
_NAME = click.argument("name", default="")


@click.group()
def drill() -> None:
    """Replay a past season for training: decide day by day, then see what came.

    Each day shows only what was known then. NAME is by default the drill started last.
    """


@drill.command()
@click.argument("campaign", type=click.Path(path_type=Path), default="campaign.toml")
@click.option("--name", default="", help="The drill's name; the campaign's by default.")
@click.option("--first", type=DAY, help="The first day; the first archived one by default.")
@click.option("--last", type=DAY, help="The last day; the campaign's deadline by default.")
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=14,
    show_default=True,
    help="Days from one day to the next.",
)
def start(
    campaign: Path,
    name: str,
    first: dt.datetime | None,
    last: dt.datetime | None,
    every: int,
) -> None:
    """Start a drill of CAMPAIGN, and open its first day.

    Its rates must be in the archive. The budget of the campaign is the money of the whole drill.
    """
    from outreach.campaign import read_campaign
    from outreach.cli.progress import open_prefect
    from outreach.settings import read_settings

    request, settings = read_campaign(campaign), read_settings()
    with open_prefect(settings):
        from flows.drill import start_drill

        begun = start_drill(
            settings,
            request,
            name,
            first=first.date() if first else None,
            last=last.date() if last else None,
            every=every,
        )
    _show(begun)


@drill.command("next")
@_NAME
def next_(name: str) -> None:
    """Open the next day of NAME."""
    from outreach.cli.progress import open_prefect
    from outreach.settings import read_settings

    settings = read_settings()
    with open_prefect(settings):
        from flows.drill import open_next_day

        opened = open_next_day(settings, name)
    _show(opened)


@drill.command()
@_NAME
@click.option(
    "--list",
    "choice",
    required=True,
    type=click.Choice(["tool", "lowest-today", "most-missing", "wait"]),
    help="The tool's list, the lowest rates today, the most households missing, or nothing yet.",
)
@click.option(
    "--money",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="How much to spend; all that is left by default.",
)
@click.option("--by", required=True, metavar="NAME", help="Who decides.")
@click.option("--reason", required=True, metavar="TEXT", help="Why.")
def decide(name: str, choice: str, money: float | None, by: str, reason: str) -> None:
    """Decide the open day of NAME: which list, how much money, and why. It is final."""
    from flows.drill import decide_day
    from models.evaluation.drill import ListChoice
    from outreach.settings import read_settings

    decided = decide_day(
        read_settings(), name, ListChoice(choice), money_usd=money, by=by, reason=reason
    )
    _show(decided)


@drill.command()
@_NAME
def show(name: str) -> None:
    """Show the open day of NAME: what is known, what each list would hold, what was decided."""
    from flows.steps.drill.book import DrillBook
    from outreach.settings import read_settings

    _show(DrillBook(read_settings().home).find(name))


@drill.command()
@_NAME
def end(name: str) -> None:
    """End NAME, and write the trainer's page: what was known, what was decided, what came."""
    from flows.drill import end_drill
    from outreach.catalog import read_words
    from outreach.reports.pages.past.drill import describe_result
    from outreach.settings import read_settings

    ended, page = end_drill(read_settings(), name)
    assert ended.result is not None
    print_lines(describe_result(ended.result, read_words("en")))
    click.echo(f"Page: {page}")


def _show(shown: "Drill") -> None:
    """Print the open day of a drill, and where its map and its page are."""
    from outreach.catalog import read_words
    from outreach.reports.pages.past.drill import describe_open_day
    from outreach.settings import read_settings

    settings = read_settings()
    click.echo(f"Drill {shown.name}")
    print_lines(describe_open_day(shown, read_words("en")))
    if shown.days:
        click.echo(f"Map: {settings.runs_folder / shown.days[-1].run_id / 'map.html'}")
    click.echo(f"Page: {settings.home / 'drills' / shown.slug / 'drill.html'}")
