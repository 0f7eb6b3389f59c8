"""Training: the shapes of a past season, learned from the archive."""

import datetime as dt

import click


@click.command()
@click.option(
    "--year",
    type=click.IntRange(2020, 2100),
    default=2020,
    show_default=True,
    help="The census to learn from.",
)
@click.option(
    "--final",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Data date whose rates count as final; by default the last one of the season that is archived.",
)
@click.option(
    "--leave-out",
    metavar="STATE",
    multiple=True,
    help="A state, two digits, not to learn from; may be given again.",
)
def train(year: int, final: dt.datetime | None, leave_out: tuple[str, ...]) -> None:
    """Learn the shapes of a past season from all tracts of the archive; runs then use them in place of the shipped ones."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from flows.steps.season_choice import describe_learned
    from flows.train import train_season
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
        task = bars.add_task("Read the archive, fit networks", total=None)
        trained = train_season(
            Archive(settings.archive_folder, year),
            settings.home,
            final=final.date() if final else None,
            leave_out=leave_out,
            progress=lambda done, total: bars.update(task, completed=done, total=total),
        )
    season, told = trained.season, trained.season.provenance
    click.echo(f"Season {season.name}: {describe_learned(season)}")
    held = told["held_out_interval80"]
    for day, miss in told["held_out_mae_share"].items():
        click.echo(
            f"  day {day}: off by {100 * miss:.2f} points on average where it has not learned; 80 % ranges hold {held[day]['coverage']:.0%}"
        )
    for note in trained.notes:
        click.echo(f"  Note: {note}")
    click.echo(
        f"Kept: {trained.path}; runs use it from now on. Delete the file to return to the shipped season."
    )
