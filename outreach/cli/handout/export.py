"""Write the list of a run as files for ad platforms."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from flows.steps.results.handout import StoredList
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
    "--routes", type=_FILE, help="Your file of carrier routes: ZIP, Carrier Route, Residential."
)
@click.option("--markets", type=_FILE, help="Your table of media markets: county, medium, market.")
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
    "--since",
    metavar="APPROVED",
    help="Write only what to add, change, and remove against this run, whose list was uploaded.",
)
@click.option(
    "--bulk-download",
    type=_FILE,
    help="Microsoft's bulk file of the account, for its own IDs; goes with --since.",
)
@click.option(
    "--force", is_flag=True, help="Replace files that are not earlier exports, and links."
)
def export(  # noqa: PLR0913, PLR0917  one for each option
    run: str,
    platforms: tuple[str, ...],
    into: Path,
    geotargets: Path | None,
    location_codes: Path | None,
    routes: Path | None,
    markets: Path | None,
    rules: Path | None,
    since: str | None,
    bulk_download: Path | None,
    *,
    exclude_holdout: bool,
    force: bool,
) -> None:
    """Write the targets of RUN (latest) as checked files for ad platforms, with checklists."""
    from flows.steps.results.handout import change_lists, read_list
    from outreach.exporters.base.exporter import find_exporters
    from outreach.exporters.check.preflight import export_targets
    from outreach.settings import read_settings
    from outreach.store import Store, hand_out

    settings = read_settings(
        geotargets=geotargets, location_codes=location_codes, platform_rules=rules
    )
    store = Store(settings.runs_folder)

    def read(name: str, *, approved_only: bool = False) -> "StoredList":
        stored = read_list(store, name, settings, approved_only=approved_only)
        return stored.give(exclude_holdout=exclude_holdout, routes=routes, markets=markets)

    listed = read(run)
    earlier = None if since is None else read(since, approved_only=True)

    # Make and check every platform's files before the first is written.
    deliveries = []
    for exporter in find_exporters(platforms or listed.platforms):
        start = time.perf_counter()
        delivery = (
            export_targets(exporter, listed.targets, listed.context)
            if earlier is None
            else change_lists(exporter, earlier, listed, bulk_download)
        )
        deliveries.append((delivery, time.perf_counter() - start))
    files = {file.name: file.content for delivery, _ in deliveries for file in delivery.files}
    hand_out(settings.home, into, files, force=force)
    if listed.context.test_warning:
        click.echo(f"Note: {listed.context.test_warning}")
    for delivery, seconds in deliveries:
        _describe_delivery(delivery, seconds, into)


def _describe_delivery(delivery: "CheckedExport", seconds: float, into: Path) -> None:
    """Print the names of a platform's files, and its notes."""
    click.echo(f"{delivery.exporter.title}, made and checked in {seconds:.2f} s")
    for file in delivery.files:
        click.echo(f"  {into / file.name}")
    for line in (*delivery.exporter.notes, *(str(finding) for finding in delivery.findings)):
        click.echo(f"  - {line}")
