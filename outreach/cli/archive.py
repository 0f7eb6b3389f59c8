"""Look into the archive of published rates, and import files into it."""

from pathlib import Path

import click

_CENSUS_YEAR = click.IntRange(2020, 2100)


@click.group()
def archive() -> None:
    """Look into the archive of published rates, or import files into it."""


@archive.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--census-year", type=_CENSUS_YEAR, default=2020, show_default=True)
def import_(paths: tuple[Path, ...], census_year: int) -> None:
    """Import files or folders: the Bureau's daily CSV, saved API replies, or Parquet."""
    from outreach.archive import Archive, import_files
    from outreach.settings import read_settings

    ledger = Archive(read_settings().archive_folder, census_year)
    import_files(paths, ledger, progress=lambda receipt: click.echo(str(receipt)))


@archive.command()
@click.option("--census-year", type=_CENSUS_YEAR, default=2020, show_default=True)
def status(census_year: int) -> None:
    """List the archived dates, gaps, stale replies, missing states, and vanished tracts."""
    from outreach.archive import Archive, describe_archive
    from outreach.settings import read_settings

    for line in describe_archive(Archive(read_settings().archive_folder, census_year)).lines():
        click.echo(line)
