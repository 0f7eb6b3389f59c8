"""Train a season model on the archive."""

import datetime as dt

import click

from outreach.cli.days import DAY


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
    type=DAY,
    help="Data date of the final rates; the last archived of the season by default.",
)
@click.option(
    "--leave-out",
    metavar="STATE",
    multiple=True,
    help="A two-digit state code not to learn from; repeat for several.",
)
def train(year: int, final: dt.datetime | None, leave_out: tuple[str, ...]) -> None:
    """Learn the shapes of a past season from all archived tracts; later runs use them."""
    from flows.steps.sources.season_choice import describe_training
    from flows.train import train_season
    from outreach.archive import Archive
    from outreach.cli.progress import show_counts
    from outreach.phrasing import write_percent, write_points
    from outreach.settings import read_settings

    settings = read_settings()
    title = "Read the archive, fit networks"
    with show_counts() as progress:
        progress(title, 0, 0)
        trained = train_season(
            Archive(settings.archive_folder, year),
            settings.home,
            final=final.date() if final else None,
            leave_out=leave_out,
            progress=lambda done, total: progress(title, done, total),
        )

    season, provenance = trained.season, trained.season.provenance
    click.echo(f"Season {season.name}: {describe_training(season)}")
    coverage = provenance["held_out_interval80"]
    for day, error_share in provenance["held_out_mae_share"].items():
        click.echo(
            f"  day {day}: mean error {write_points(error_share, 2)} on tracts held out; 80%"
            f" ranges cover {write_percent(coverage[day]['coverage'])}"
        )
    for note in trained.notes:
        click.echo(f"  Note: {note}")
    click.echo(
        f"Saved {trained.path}. Runs use it from now on; delete the file to return to the shipped"
        " season model."
    )
