"""The archive of published rates: what it holds, and bringing files into it."""

from pathlib import Path

import click


@click.group()
def archive() -> None:
    """Look into the archive of published rates, or bring files into it."""


@archive.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--census-year", type=click.IntRange(2020, 2100), default=2020, show_default=True)
def import_(paths: tuple[Path, ...], census_year: int) -> None:
    """Bring in the Bureau's daily CSV, saved API replies (JSON, CSV) or Parquet, from files or folders."""
    from outreach.archive import Archive, import_files
    from outreach.settings import read_settings

    ledger = Archive(read_settings().archive_folder, census_year)
    import_files(paths, ledger, progress=lambda receipt: click.echo(str(receipt)))


@archive.command()
@click.option("--census-year", type=click.IntRange(2020, 2100), default=2020, show_default=True)
def status(census_year: int) -> None:
    """Say which dates are held, and name gaps, stale replies, missing states and vanished tracts."""
    from outreach.archive import Archive, describe_archive
    from outreach.settings import read_settings

    for line in describe_archive(Archive(read_settings().archive_folder, census_year)).lines():
        click.echo(line)
