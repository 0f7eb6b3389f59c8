"""The atlas: static pages from the nation to the street, from the archive alone."""

import datetime as dt
from pathlib import Path

import click

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="CODE",
    help="Two-digit code; several times for several.",
)
@click.option(
    "--date", "through", type=_DAY, help="Last data date to show; by default the last one archived."
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the pages, replaced as a whole; by default 'atlas' beside the archive.",
)
@click.option("--census-year", type=click.IntRange(2020, 2100), default=2020, show_default=True)
def atlas(
    states: tuple[str, ...], through: dt.datetime | None, into: Path | None, census_year: int
) -> None:
    """Write an overview of every archived county and a page for each: static files for any folder or bucket."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from flows.atlas import build_atlas
    from outreach.archive import Archive
    from outreach.settings import read_settings

    settings = read_settings()
    columns = (
        TextColumn("{task.description:<36}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(highlight=False, soft_wrap=True)) as bars:
        tasks = {}

        def show(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=whole)
            bars.update(tasks[what], completed=done)

        made = build_atlas(
            Archive(settings.archive_folder, census_year),
            settings,
            into or settings.home / "atlas",
            states=states,
            through=through.date() if through else None,
            progress=show,
        )
    click.echo(
        f"{made.counties:,} counties, {made.tracts:,} tracts, data of {made.data_date}, {made.bytes / 1e6:.1f} MB: "
        f"{made.folder / 'index.html'}"
    )
    for note in made.notes:
        click.echo(f"Note: {note}")
