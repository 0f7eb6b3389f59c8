"""List, approve, and compare finished runs."""

from pathlib import Path

import click


@click.command()
def runs() -> None:
    """List the runs, newest first, and what is damaged among them."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from outreach.errors import StoreError
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    store = Store(settings.runs_folder)
    manifests, damaged = store.survey()
    if not manifests and not damaged:
        click.echo(f"No run yet in {settings.runs_folder}. Make one with: outreach run")
        return

    table = Table(box=None, pad_edge=False)
    for heading in ("Run", "Campaign", "Data date", "Tracts", "Targets", "Approved by"):
        table.add_column(
            heading, justify="right" if heading in ("Tracts", "Targets") else "left", no_wrap=True
        )
    faults = list(damaged.values())
    for manifest in manifests:
        try:
            approval = store.approval(manifest.id)
            approver = approval.by if approval else ""
        except StoreError as error:
            faults.append(error)
            approver = "damaged"
        table.add_row(
            manifest.id,
            escape(manifest.campaign.name),
            str(manifest.data_date),
            *(f"{manifest.counts.get(name, 0):,}" for name in ("tracts", "targets")),
            escape(approver),
        )
    if manifests:
        Console(width=200, highlight=False).print(table)
    for fault in faults:
        click.echo(f"Damaged: {fault}")


@click.command()
@click.argument("run", default="latest")
@click.option("--by", required=True, metavar="NAME", help="Who allows the list to be uploaded.")
@click.option(
    "--accept-unreadable-test",
    "accepts_unreadable",
    is_flag=True,
    help="Approve a test that cannot be read out: the ads will run without a result.",
)
def approve(run: str, by: str, *, accepts_unreadable: bool) -> None:
    """Freeze the list of RUN (latest): record who approved it and when.

    Exports then name the person in place of DRAFT. A run whose test could never be read out is
    refused, with the nearest design that could be.
    """
    from flows.steps.measuring.approval import approve_run
    from outreach.settings import read_settings
    from outreach.store import Store

    store = Store(read_settings().runs_folder)
    approval = approve_run(store, run, by, accepts_unreadable=accepts_unreadable)
    click.echo(
        f"{approval.run_id} is approved by {approval.by}, {approval.approved_at:%Y-%m-%d %H:%M}"
        " UTC."
    )
    if approval.accepted_obstacle:
        click.echo(f"Note: its test cannot be read out. {approval.accepted_obstacle}")


@click.command()
@click.argument("earlier")
@click.argument("later", default="latest")
@click.option(
    "--csv",
    "into",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every tract of either list to this file.",
)
def diff(earlier: str, later: str, into: Path | None) -> None:
    """Say which tracts joined or left the list from run EARLIER to LATER (latest), and why."""
    from flows.compare import compare_runs
    from outreach.archive import Archive
    from outreach.errors import ExportError
    from outreach.files import write_file
    from outreach.settings import read_settings
    from outreach.spreadsheet import write_csv
    from outreach.store import Store

    settings = read_settings()
    store = Store(settings.runs_folder)
    census_year = store.find(later)[0].campaign.census_year
    comparison = compare_runs(store, earlier, later, Archive(settings.archive_folder, census_year))
    for line in comparison.lines():
        click.echo(line)
    for geoid, row in comparison.table[comparison.table["change"].isin(["in", "out"])].iterrows():
        click.echo(f"  {row['change']:<4} {geoid}  {row['why']}")

    if into is not None:
        try:
            write_file(into, write_csv(comparison.table))
        except OSError as error:
            raise ExportError(
                f"Cannot write {into}: {error.strerror}.", "Name another file with --csv."
            ) from None
