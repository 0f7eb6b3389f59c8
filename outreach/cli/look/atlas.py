"""Write the atlas: static pages of every county with rates or a plan."""

import datetime as dt
from pathlib import Path

import click

from outreach.cli.days import DAY


@click.command()
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="CODE",
    help="Two-digit state code; repeat for several.",
)
@click.option(
    "--date",
    "through",
    type=DAY,
    help="Last data date to show; the last day of self-response by default.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the pages, replaced as a whole; 'atlas' beside the archive by default.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="CODE",
    help="Language of the pages; repeat for several. All that have a catalog by default.",
)
@click.option(
    "--census-year",
    type=click.IntRange(2020, 2100),
    help="Census to show; by default the last one that runs plan for, else 2020.",
)
def atlas(
    states: tuple[str, ...],
    through: dt.datetime | None,
    into: Path | None,
    languages: tuple[str, ...],
    census_year: int | None,
) -> None:
    """Write an overview of every county and a page for each, as static files.

    A census with rates in the archive is shown by them. Before it has any, the atlas shows what the
    runs that plan for it expect.
    """
    from flows.atlas import build_atlas
    from flows.steps.atlas.plans import find_census
    from outreach.archive import Archive
    from outreach.cli.progress import show_counts
    from outreach.phrasing import write_count, write_date
    from outreach.settings import read_settings

    settings = read_settings()
    with show_counts() as progress:
        summary = build_atlas(
            Archive(settings.archive_folder, census_year or find_census(settings)),
            settings,
            into or settings.home / "atlas",
            states=states,
            through=through.date() if through else None,
            languages=languages,
            progress=progress,
        )
    what = f"plan for {summary.coming} of" if summary.coming else "data of"
    click.echo(
        f"{write_count(summary.counties, 'county', 'counties')},"
        f" {write_count(summary.tracts, 'tract')}, {what} {write_date(summary.data_date)},"
        f" {summary.bytes / 1e6:.1f} MB: {summary.folder / 'index.html'}"
    )
    for note in summary.notes:
        click.echo(f"Note: {note}")
