"""The lists of finished runs: found, approved, handed to ad platforms."""

import hashlib
import time
from pathlib import Path

import click

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
def runs() -> None:
    """List the runs, newest first."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    every = Store(settings.runs_folder).runs()
    if not every:
        click.echo(f"No run yet in {settings.runs_folder}. Make one with: outreach run")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Run", "Campaign", "Data date", "Tracts", "Targets"):
        table.add_column(
            heading, justify="right" if heading in ("Tracts", "Targets") else "left", no_wrap=True
        )
    for one in every:
        table.add_row(
            one.id,
            escape(one.campaign.name),
            str(one.data_date),
            f"{one.counts['tracts']:,}",
            f"{one.counts['targets']:,}",
        )
    Console(width=200, highlight=False).print(table)


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--to",
    "platforms",
    multiple=True,
    metavar="PLATFORM",
    help="Platform or file form; several times for several. By default the campaign's.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    help="Folder for the files.",
)
@click.option(
    "--geotargets",
    type=_FILE,
    help="Google's list of geo targets (CSV, zipped or not): ZIPs go in by ID.",
)
@click.option(
    "--location-codes", type=_FILE, help="Microsoft's file of geographical location codes."
)
@click.option(
    "--rules", type=_FOLDER, help="Folder with your own PLATFORM.toml, where you know better."
)
@click.option(
    "--exclude-holdout",
    is_flag=True,
    help="Tell platforms that can to leave out holdout and buffer units.",
)
def export(
    run: str,
    platforms: tuple[str, ...],
    into: Path,
    geotargets: Path | None,
    location_codes: Path | None,
    rules: Path | None,
    *,
    exclude_holdout: bool,
) -> None:
    """Write the targets of RUN (latest) as files for ad platforms, each checked and with a checklist."""
    from flows.steps.brief import make_brief
    from outreach.errors import ExportError
    from outreach.exporters.base.exporter import ExportContext, find_exporters
    from outreach.exporters.base.views import read_views
    from outreach.exporters.check.preflight import export_targets
    from outreach.settings import read_settings
    from outreach.store import Store
    from outreach.tables import Targets, as_table

    settings = read_settings(
        geotargets=geotargets, location_codes=location_codes, platform_rules=rules
    )
    store = Store(settings.runs_folder)
    found, folder = store.find(run)
    approval = store.approval(found.id)
    targets, plan = as_table(store.read_table(run, "targets"), Targets), folder / "plan.json"
    context = ExportContext(
        brief=make_brief(found.campaign),
        run_id=found.id,
        approved_by=approval.by if approval else "",
        version=hashlib.sha256(plan.read_bytes().rstrip(b"\n")).hexdigest()
        if plan.is_file()
        else "",
        shapes=store.read_table(run, "tracts")["geometry"],
        geotargets=settings.geotargets,
        location_codes=settings.location_codes,
        rules_folder=settings.platform_rules,
        exclude_holdout=exclude_holdout,
        views=read_views(folder),
    )
    named = find_exporters(platforms or found.campaign.platforms)
    deliveries = []
    for platform in named:
        begun = time.perf_counter()
        deliveries.append((export_targets(platform, targets, context), time.perf_counter() - begun))
    for delivery, seconds in deliveries:
        click.echo(f"{delivery.exporter.title}, made and checked in {seconds:.2f} s")
        for file in delivery.files:
            try:
                into.mkdir(parents=True, exist_ok=True)
                (into / file.name).write_bytes(file.content)
            except OSError as error:
                raise ExportError(
                    f"Cannot write {into / file.name}: {error.strerror}.",
                    "Name another folder with --into.",
                ) from None
            click.echo(f"  {into / file.name}")
        for line in (*delivery.exporter.notes, *(str(finding) for finding in delivery.findings)):
            click.echo(f"  - {line}")


@click.command()
@click.argument("run", default="latest")
@click.option("--by", required=True, metavar="NAME", help="Who says that the list may be uploaded.")
def approve(run: str, by: str) -> None:
    """Freeze the list of RUN (latest): record who approved it and when; exports say so from then on."""
    from outreach.settings import read_settings
    from outreach.store import Store

    given = Store(read_settings().runs_folder).approve(run, by)
    click.echo(f"{given.run_id} is approved by {given.by}, {given.approved_at:%Y-%m-%d %H:%M} UTC.")


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
    """Say which tracts came onto the list from run EARLIER to LATER (latest), which left it, and why."""
    from flows.compare import compare_runs
    from outreach.archive import Archive
    from outreach.errors import ExportError
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    store = Store(settings.runs_folder)
    found, _ = store.find(later)
    comparison = compare_runs(
        store, earlier, later, Archive(settings.archive_folder, found.campaign.census_year)
    )
    for line in comparison.lines():
        click.echo(line)
    for geoid, row in comparison.table[comparison.table["change"].isin(["in", "out"])].iterrows():
        click.echo(f"  {row['change']:<4} {geoid}  {row['why']}")
    if into is not None:
        try:
            into.write_text(comparison.table.to_csv(), encoding="utf-8")
        except OSError as error:
            raise ExportError(
                f"Cannot write {into}: {error.strerror}.", "Name another file with --csv."
            ) from None
