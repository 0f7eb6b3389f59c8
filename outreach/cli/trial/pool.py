"""Exchange results of tests between cities, and combine them."""

from pathlib import Path

import click

from outreach.cli.lines import print_lines


@click.group()
def pool() -> None:
    """Combine the test results of several cities that ran the same design."""


@pool.command("export")
@click.argument("run", default="")
@click.option("--city", default="", metavar="NAME", help="Your name in the file (the campaign's).")
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, for example durham.json.",
)
def export_result(run: str, city: str, into: Path) -> None:
    """Write the final result of RUN's test to a small file that names no area.

    RUN is by default the one approved last. Send the file to whoever combines the results.
    """
    from flows.trial.pool import make_city_result, write_result_text
    from outreach.errors import ExportError
    from outreach.files import write_file
    from outreach.settings import read_settings

    result = make_city_result(read_settings(), run, city)
    try:
        write_file(into, write_result_text(result))
    except OSError as error:
        raise ExportError(
            f"Cannot write {into}: {error.strerror}.", "Name another file with --into."
        ) from None
    click.echo(f"{into}: the result of {result.city}, without any area or list.")


@pool.command("combine")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write.",
)
@click.option(
    "--accept-unlike", is_flag=True, help="Combine tests of different designs, and say so."
)
def combine_results(files: tuple[Path, ...], into: Path, *, accept_unlike: bool) -> None:
    """Combine the results FILES of several cities: a page, a table, and a record.

    Results without an effect count as much as any other: give all that exist.
    """
    from flows.trial.pool import pool_results
    from outreach.catalog import read_words
    from outreach.reports.pages.trial.pooled import describe_pooled

    readout, names = pool_results(files, into, accept_unlike=accept_unlike)
    print_lines([*describe_pooled(readout, read_words("en")), *readout.unlike])
    click.echo(f"Written: {', '.join(str(into / name) for name in names)}")
