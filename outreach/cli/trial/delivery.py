"""Import reports of ad platforms, and show planned against delivered."""

from pathlib import Path

import click

from outreach.cli.lines import print_lines


@click.group()
def delivery() -> None:
    """Import what ad platforms report back, and compare it with the approved list."""


@delivery.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--run",
    default="latest",
    help="Run whose list was uploaded; by default the list that was approved last.",
)
@click.option(
    "--platform",
    default="",
    help="google, microsoft, meta, dv360, tiktok, or csv; by default found by the columns.",
)
def import_(files: tuple[Path, ...], run: str, platform: str) -> None:
    """Import reports: CSV or Excel as the platform wrote it, by day and by place.

    The same report twice changes nothing. A corrected day supersedes the earlier one, and is told.
    """
    from flows.trial.delivery import import_delivery
    from outreach.settings import read_settings

    settings = read_settings()
    warnings: tuple[str, ...] = ()
    for file in files:
        imported = import_delivery(settings, file, run, platform)
        print_lines(imported.lines)
        warnings = imported.warnings
    for warning in warnings:
        click.echo(f"Warning: {warning}")


@delivery.command()
@click.argument("run", default="latest")
@click.option(
    "--invoice",
    type=click.FloatRange(min=0),
    metavar="USD",
    help="Amount of the platforms' invoices, to compare with their reports.",
)
def show(run: str, invoice: float | None) -> None:
    """Show planned against delivered of RUN (the list approved last), as a page and tables.

    By place, arm, channel, language, and week: money, ads, reach, pace with a forecast of the end,
    places that were served and not bought, and places that were bought and not served.
    """
    from flows.trial.delivery import reconcile_delivery
    from outreach.phrasing import write_date
    from outreach.settings import read_settings

    made = reconcile_delivery(read_settings(), run, invoice)
    view = made.view
    click.echo(
        f"{view.campaign}: list of {view.run_id}, flight {write_date(view.first)} to"
        f" {write_date(view.last)}."
    )
    print_lines(made.lines)
    for warning in made.warnings:
        click.echo(f"Warning: {warning}")
    for path in sorted(made.folder.iterdir()):
        click.echo(f"  {path}")
