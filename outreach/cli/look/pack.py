"""Write the pack of a complete count committee."""

from pathlib import Path

import click

from outreach.cli.look.languages import LANGUAGES


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write; an earlier pack in it is replaced, other files stay.",
)
@click.option(
    "--districts",
    "kind",
    metavar="NAME",
    default="",
    help="Which districts, as the campaign calls them; the first kind by default.",
)
@LANGUAGES
@click.option("--pdf", is_flag=True, help="Print the pages as PDFs too; needs Chromium.")
def pack(run: str, into: Path, kind: str, languages: tuple[str, ...], *, pdf: bool) -> None:
    """Write what a complete count committee takes into a meeting, from RUN (latest).

    A cover, a summary, a page for each district, and tables: what to expect with its range, who
    lives there, and what phone, mail, visits, and ads cost. For a plan and for a run of the season.
    """
    from flows.handout.pack import write_pack
    from outreach.settings import read_settings

    files = write_pack(read_settings(), run, into, kind=kind, languages=languages, is_printed=pdf)
    for file in files:
        click.echo(f"Wrote {file}")
