"""List, approve, and compare finished runs."""

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from outreach.errors import StoreError
    from outreach.store import Run

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--campaign", metavar="NAME", help="Runs of this campaign only, by name or slug.")
@click.option("--approved", is_flag=True, help="Runs with an approved list only.")
@click.option("--since", type=_DAY, help="Runs on data of this day or later only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
def runs(campaign: str | None, since: dt.datetime | None, *, approved: bool, as_json: bool) -> None:
    """List the runs, newest first, and what is damaged among them."""
    from outreach.errors import StoreError
    from outreach.files import make_slug
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    store = Store(settings.runs_folder)
    manifests, damaged = store.survey()
    faults, rows = list(damaged.values()), []
    for manifest in manifests:
        try:
            approval = store.approval(manifest.id)
            approver = approval.by if approval else ""
        except StoreError as error:
            faults.append(error)
            approver = "damaged"
        is_chosen = (
            (campaign is None or manifest.campaign.slug == make_slug(campaign))
            and (not approved or approver not in ("", "damaged"))
            and (since is None or manifest.data_date >= since.date())
        )
        if is_chosen:
            rows.append((manifest, approver))
    if as_json:
        _print_json(rows, faults)
    elif not manifests and not damaged:
        click.echo(f"No run yet in {settings.runs_folder}. Make one with: outreach run")
    else:
        _print_table(rows, faults)


def _print_json(rows: "list[tuple[Run, str]]", faults: "list[StoreError]") -> None:
    """Print runs and what is damaged as one JSON object."""
    listed = [
        {
            "id": run.id,
            "campaign": run.campaign.name,
            "data_date": str(run.data_date),
            "tracts": run.counts.get("tracts", 0),
            "targets": run.counts.get("targets", 0),
            "budget_usd": run.campaign.budget_usd,
            "approved_by": approver or None,
        }
        for run, approver in rows
    ]
    click.echo(json.dumps({"runs": listed, "damaged": [str(fault) for fault in faults]}, indent=1))


def _print_table(rows: "list[tuple[Run, str]]", faults: "list[StoreError]") -> None:
    """Print runs as a table, and what is damaged below it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("Run", "Campaign", "Data date", "Tracts", "Targets", "Approved by"):
        table.add_column(
            heading, justify="right" if heading in ("Tracts", "Targets") else "left", no_wrap=True
        )
    for run, approver in rows:
        table.add_row(
            run.id,
            escape(run.campaign.name),
            str(run.data_date),
            *(f"{run.counts.get(name, 0):,}" for name in ("tracts", "targets")),
            escape(approver),
        )
    if rows:
        Console(width=200, highlight=False).print(table)
    elif not faults:
        click.echo("There is no such run.")
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
