"""Put together what a campaign can show a council."""

from pathlib import Path

import click


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to write; an earlier pack in it is replaced, other files stay.",
)
@click.option(
    "--criteria",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file with the criteria of another edition.",
)
@click.option("--pdf", is_flag=True, help="Print the pages as PDFs too; needs Chromium.")
def evidence(run: str, into: Path, criteria: Path | None, *, pdf: bool) -> None:
    """Write the evidence of RUN's campaign (latest): what was planned, approved, found, decided.

    Each statement names its run, date, file, and hash; what is missing is listed as missing.
    """
    from flows.trial.evidence import write_evidence
    from outreach.settings import read_settings

    pack = write_evidence(read_settings(), run, into, criteria, is_printed=pdf)
    criteria_list = pack.edition.criterion
    missing = [each.name for each in criteria_list if not pack.find(each)]
    answered = len(criteria_list) - len(missing)
    click.echo(f"{pack.campaign}: evidence for {answered} of {len(criteria_list)} criteria.")
    if missing:
        click.echo(f"Nothing yet for: {', '.join(missing)}.")
    click.echo(f"Open {into / 'evidence.html'}")
