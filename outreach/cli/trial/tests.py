"""List registered tests and their results."""

import json
from pathlib import Path

import click

from outreach.cli.lines import print_lines
from outreach.cli.listing import JSON, print_listing


@click.command("tests")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the list to this folder: a page in every language and a table.",
)
@JSON
def tests(into: Path | None, *, as_json: bool) -> None:
    """List every test that was approved and its result, and check that none was changed.

    A test that found nothing stays in the list, and so does one that nobody read out.
    """
    from flows.trial.register import list_tests, list_unregistered, write_tests
    from outreach.catalog import read_words
    from outreach.phrasing import write_date
    from outreach.reports.pages.trial.registered import describe_state, describe_tests
    from outreach.settings import read_settings

    settings = read_settings()
    table, last_sha256 = list_tests(settings)
    if as_json:
        rows = json.loads(table.reset_index().to_json(orient="records", date_format="iso"))
        print_listing("tests", rows)
        return
    words = read_words("en")
    for _, row in table.iterrows():
        start, end = write_date(row["flight_start"]), write_date(row["flight_end"])
        click.echo(f"{row['campaign']}, {start} to {end}: {describe_state(row, words)}")
    print_lines(describe_tests(table, words))
    for sentence in list_unregistered(settings):
        click.echo(sentence)
    click.echo(f"The register is whole; its newest entry has the hash {last_sha256}.")
    if into is not None:
        names = write_tests(table, last_sha256, into)
        click.echo(f"Written: {', '.join(str(into / name) for name in names)}")
