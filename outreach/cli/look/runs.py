"""List, show, open, compare, and clean up finished runs."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.consent import ask_person
from outreach.cli.days import DAY
from outreach.cli.listing import FOR_MODELERS, JSON, print_listing

if TYPE_CHECKING:
    from outreach.errors import StoreError
    from outreach.store import Run, RunState


@click.group(invoke_without_command=True)
@click.option("--campaign", metavar="NAME", help="Runs of this campaign only, by name or slug.")
@click.option("--approved", is_flag=True, help="Runs with an approved list only.")
@click.option("--since", type=DAY, help="Runs on data of this day or later only.")
@JSON
@click.pass_context
def runs(
    context: click.Context,
    campaign: str | None,
    since: dt.datetime | None,
    *,
    approved: bool,
    as_json: bool,
) -> None:
    """List the runs, newest first, and what is damaged among them."""
    if context.invoked_subcommand is not None:
        return
    from outreach.errors import StoreError
    from outreach.files import make_slug
    from outreach.settings import read_settings
    from outreach.store import Store, read_state

    settings = read_settings()
    store = Store(settings.runs_folder)
    manifests, damaged = store.survey()
    faults, rows = list(damaged.values()), []
    for manifest in manifests:
        try:
            state = read_state(store, manifest)
        except StoreError as error:
            faults.append(error)
            state = None
        is_chosen = (
            (campaign is None or manifest.campaign.slug == make_slug(campaign))
            and (not approved or (state is not None and state.is_approved))
            and (since is None or manifest.data_date >= since.date())
        )
        if is_chosen:
            rows.append((manifest, state))
    if as_json:
        items = [_describe_run(run, state) for run, state in rows]
        print_listing("runs", items, [str(fault) for fault in faults])
    elif not manifests and not damaged:
        hint = store.point_to_demo() or "Make one with: outreach run"
        click.echo(f"No run yet in {settings.runs_folder}. {hint}")
    else:
        _print_table(rows, faults)
        names = {manifest.campaign.slug for manifest in manifests}
        if campaign is not None and make_slug(campaign) not in names:
            click.echo(f"Runs are of: {', '.join(sorted(names))}.")


@runs.command()
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    required=True,
    metavar="N",
    help="How many of the newest runs of each campaign stay beside those that must.",
)
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask, for scripts.")
def clean(keep: int, *, is_agreed: bool) -> None:
    """Remove old drafts for good: all but the N newest runs of each campaign.

    What "latest" and "latest:CAMPAIGN" name stays, and so does every run that was ever approved,
    that a test, a publication, a delivery, or a decision refers to, or that is damaged.
    """
    from flows.steps.results.old_runs import choose_old_runs
    from outreach.errors import SettingsError
    from outreach.phrasing import write_count
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    if settings.find_storage()[0]:
        raise SettingsError(
            "The runs of this machine are shared through a bucket, and would come back from it.",
            "Remove old drafts from the bucket with its own tools, and unset OUTREACH_STORAGE here"
            " for the time of this command.",
        )
    store = Store(settings.runs_folder)
    old = choose_old_runs(store, settings.home, keep)
    if not old.removed:
        click.echo("Nothing to remove.")
        return
    for run in old.removed:
        click.echo(f"{run.id}  {run.campaign.name}")
    count = write_count(len(old.removed), "run")
    ask_person(
        f"Remove {count} ({old.megabytes:,.0f} MB) for good? {old.kept_count:,} stay.",
        is_agreed=is_agreed,
    )
    for run in old.removed:
        store.remove(run.id)
    click.echo(f"{count} removed, {old.kept_count:,} kept.")


@click.command()
@click.argument("run", default="latest")
@click.option("-v", "--verbose", "is_verbose", is_flag=True, help="Show modelers' lines, too.")
@JSON
def show(run: str, *, is_verbose: bool, as_json: bool) -> None:
    """Show RUN (latest): campaign, date, money, approval, results, warnings, and files."""
    from outreach.settings import read_settings
    from outreach.store import Store, read_state

    settings = read_settings()
    store = Store(settings.runs_folder)
    manifest, folder = store.find(run)
    state = read_state(store, manifest)
    if not as_json:
        log = settings.home / "logs" / f"{manifest.id}.jsonl"
        _print_run(manifest, state, folder, log, is_verbose=is_verbose)
        return
    item = _describe_run(manifest, state) | {
        "planned_usd": manifest.figures.get("planned_usd"),
        "summary": manifest.summary,
        "notes": list(manifest.notes),
        "files": [str(folder / output.path) for output in manifest.outputs],
    }
    print_listing("runs", [item])


@click.command(name="open")
@click.argument("run", default="latest")
@click.option("--report", is_flag=True, help="The pages of the districts in place of the map.")
def open_(run: str, *, report: bool) -> None:
    """Open the map of RUN (latest) in a browser; print where it is if there is none."""
    import webbrowser

    from outreach.errors import StoreError
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    manifest, folder = Store(settings.runs_folder).find(run)
    page = folder / "map.html"
    if report:
        indexes = sorted((settings.home / "reports" / manifest.id).glob("[!.]*/index.html"))
        if not indexes:
            raise StoreError(
                f"The run {manifest.id} has no pages of districts yet.",
                f"Write them with 'outreach report {manifest.id}'.",
            )
        page = indexes[0].absolute()
    if not page.is_file():
        raise StoreError(
            f"The run {manifest.id} has no map.", "Restore it from a backup, or run it again."
        )
    click.echo(page)
    if not webbrowser.open(page.as_uri()):
        click.echo("There is no browser here; open that file on a machine that has one.")


def _describe_run(run: "Run", state: "RunState | None") -> dict[str, object]:
    """Describe a run as every list of runs does in JSON; without a state it is damaged."""
    approval, withdrawal = (state.approval, state.withdrawal) if state else (None, None)
    standing = withdrawal or approval
    return {
        "id": run.id,
        "campaign": run.campaign.name,
        "campaign_slug": run.campaign.slug,
        "data_date": str(run.data_date),
        "created_at": run.created_at.isoformat(),
        "tracts": run.counts.get("tracts", 0),
        "targets": run.counts.get("targets", 0),
        "budget_usd": run.campaign.budget_usd,
        "approved_by": approval.by if approval and not withdrawal else None,
        "withdrawn_by": withdrawal.by if withdrawal else None,
        "reason": standing.reason or None if standing else None,
    }


def _print_run(run: "Run", state: "RunState", folder: Path, log: Path, *, is_verbose: bool) -> None:
    """Print one run in a planner's words."""
    from outreach.phrasing import write_count, write_date, write_dollars

    campaign = run.campaign
    dated = f"plan for {campaign.census_year}, made on" if campaign.is_plan else "data of"
    lists = [output.path for output in run.outputs if output.path.startswith("exports/")]
    results = [
        (title, text)
        for title, text in run.summary.items()
        if is_verbose or title not in FOR_MODELERS
    ]
    facts = [
        ("Campaign", campaign.name),
        ("Run", f"{run.id}, {dated} {write_date(run.data_date)}"),
        ("Budget", write_dollars(campaign.budget_usd, cents=True)),
        ("Approval", state.sentence),
        *([("Reason", run.reason)] if run.reason else []),
        *results,
        *(("Note", note) for note in run.notes),
        ("Map", str(folder / "map.html")),
        *(("List", str(folder / path)) for path in lists if not path.endswith("-not-written.txt")),
        *([("Log", str(log))] if log.is_file() else []),
        ("Files", f"{write_count(len(run.outputs), 'file')} in {folder}"),
    ]
    for title, text in facts:
        click.echo(f"{title:<11}{text}")


def _print_table(rows: "list[tuple[Run, RunState | None]]", faults: "list[StoreError]") -> None:
    """Print runs as a table, and what is damaged below it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("Run", "Campaign", "Data date", "Tracts", "Targets", "Approved by"):
        table.add_column(
            heading, justify="right" if heading in ("Tracts", "Targets") else "left", no_wrap=True
        )
    for run, state in rows:
        table.add_row(
            run.id,
            escape(run.campaign.name),
            str(run.data_date),
            *(f"{run.counts.get(name, 0):,}" for name in ("tracts", "targets")),
            escape(state.mark if state else "damaged"),
        )
    if rows:
        Console(width=200, highlight=False).print(table)
    elif not faults:
        click.echo("There is no such run.")
    for fault in faults:
        click.echo(f"Damaged: {fault}")


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
