"""Look into the archive of published rates, and import files into it."""

from pathlib import Path

import click

from outreach.cli.listing import JSON, print_listing

_CENSUS_YEAR = click.option(
    "--census-year",
    type=click.IntRange(2020, 2100),
    default=2020,
    show_default=True,
    help="The census whose rates they are.",
)


@click.group()
def archive() -> None:
    """Look into the archive of published rates, or import files into it."""


@archive.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@_CENSUS_YEAR
def import_(paths: tuple[Path, ...], census_year: int) -> None:
    """Import files or folders: the Bureau's daily CSV, saved API replies, or Parquet."""
    from outreach.archive import Archive, import_files
    from outreach.settings import read_settings

    ledger = Archive(read_settings().archive_folder, census_year)
    import_files(paths, ledger, progress=lambda receipt: click.echo(str(receipt)))


@archive.command()
@_CENSUS_YEAR
@JSON
def status(census_year: int, *, as_json: bool) -> None:
    """List the archived dates, gaps, stale replies, missing states, and vanished tracts."""
    from outreach.archive import Archive, describe_archive
    from outreach.settings import read_settings

    found = describe_archive(Archive(read_settings().archive_folder, census_year))
    if as_json:
        dates = [
            {
                "data_date": str(day),
                "missing_states": sorted(found.missing_states.get(day, ())),
                "missing_counties": sorted(found.missing_counties.get(day, ())),
                "changed_tracts": found.changed.get(day, 0),
            }
            for day in found.dates
        ]
        print_listing("dates", dates)
        return
    for line in found.lines():
        click.echo(line)
