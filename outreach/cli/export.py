"""Write the list of a run as files for ad platforms."""

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from outreach.exporters.check.preflight import CheckedExport

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--to",
    "platforms",
    multiple=True,
    metavar="PLATFORM",
    help="Platform or file format; repeat for several. The campaign's by default.",
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
    help="Google's list of geo targets (CSV, zipped or not): ZIPs are then written by ID.",
)
@click.option("--location-codes", type=_FILE, help="Microsoft's file of geographic location codes.")
@click.option(
    "--rules",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with your own PLATFORM.toml files, to correct our rules.",
)
@click.option(
    "--exclude-holdout",
    is_flag=True,
    help="Tell platforms that support it to exclude holdout and buffer units.",
)
@click.option(
    "--force", is_flag=True, help="Replace files that are not earlier exports, and links."
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
    force: bool,
) -> None:
    """Write the targets of RUN (latest) as checked files for ad platforms, with checklists."""
    from flows.steps.measuring.approval import read_own_plan
    from flows.steps.results.brief import make_brief
    from models.trial.plan import describe_obstacle
    from outreach.exporters.base.exporter import ExportContext, find_exporters
    from outreach.exporters.base.views import TITLES, gather_views
    from outreach.exporters.check.preflight import export_targets
    from outreach.settings import read_settings
    from outreach.store import Store, hand_out
    from outreach.tables import Targets, as_table

    settings = read_settings(
        geotargets=geotargets, location_codes=location_codes, platform_rules=rules
    )
    store = Store(settings.runs_folder)
    manifest, _ = store.find(run)
    approval = store.approval(manifest.id)
    run = manifest.id
    targets = as_table(store.read_table(run, "targets"), Targets)
    has_plan = store.has_output(run, "plan.json")
    plan = store.read_output(run, "plan.json") if has_plan else b""
    trial = read_own_plan(store, manifest)
    tables = [name for name in TITLES if store.has_output(run, f"tables/{name}.parquet")]
    context = ExportContext(
        brief=make_brief(manifest.campaign),
        run_id=manifest.id,
        approved_by=approval.by if approval else "",
        version=hashlib.sha256(plan.rstrip(b"\n")).hexdigest() if has_plan else "",
        shapes=store.read_table(run, "tracts")["geometry"],
        geotargets=settings.geotargets,
        location_codes=settings.location_codes,
        rules_folder=settings.platform_rules,
        exclude_holdout=exclude_holdout,
        views=gather_views({name: store.read_table(run, name) for name in tables}),
        test_warning=describe_obstacle(trial) if trial is not None else "",
    )

    # Make and check every platform's files before the first is written.
    deliveries = []
    for exporter in find_exporters(platforms or manifest.campaign.platforms):
        start = time.perf_counter()
        deliveries.append((export_targets(exporter, targets, context), time.perf_counter() - start))
    files = {file.name: file.content for delivery, _ in deliveries for file in delivery.files}
    hand_out(settings.home, into, files, force=force)
    if context.test_warning:
        click.echo(f"Note: {context.test_warning}")
    for delivery, seconds in deliveries:
        _describe_delivery(delivery, seconds, into)


def _describe_delivery(delivery: "CheckedExport", seconds: float, into: Path) -> None:
    """Print the names of a platform's files, and its notes."""
    click.echo(f"{delivery.exporter.title}, made and checked in {seconds:.2f} s")
    for file in delivery.files:
        click.echo(f"  {into / file.name}")
    for line in (*delivery.exporter.notes, *(str(finding) for finding in delivery.findings)):
        click.echo(f"  - {line}")
