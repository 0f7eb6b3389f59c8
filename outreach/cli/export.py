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
    """Write the targets of RUN (latest) as checked files for ad platforms, with checklists."""
    from flows.steps.brief import make_brief
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
    manifest, folder = store.find(run)
    approval = store.approval(manifest.id)
    targets, plan = as_table(store.read_table(run, "targets"), Targets), folder / "plan.json"
    context = ExportContext(
        brief=make_brief(manifest.campaign),
        run_id=manifest.id,
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

    # Make and check every platform's files before the first is written.
    deliveries = []
    for exporter in find_exporters(platforms or manifest.campaign.platforms):
        start = time.perf_counter()
        deliveries.append((export_targets(exporter, targets, context), time.perf_counter() - start))
    for delivery, seconds in deliveries:
        _write_delivery(delivery, seconds, into)


def _write_delivery(delivery: "CheckedExport", seconds: float, into: Path) -> None:
    """Write the files of one platform, and print their names and notes."""
    from outreach.errors import ExportError

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
