"""Reports of finished runs: pages by district, and the back-test of the area's archived season."""

import datetime as dt

import click

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--districts",
    "file",
    metavar="FILE",
    help="Boundaries instead of the campaign's: a path, or an address on the files server.",
)
@click.option(
    "--name",
    default="District",
    show_default=True,
    help="What a district of that file is called: Ward, Community area.",
)
@click.option(
    "--id-column", metavar="COLUMN", help="Column of that file that tells districts apart."
)
@click.option("--language", "languages", multiple=True, default=("en", "es"), show_default=True)
def report(
    run: str, file: str | None, name: str, id_column: str | None, languages: tuple[str, ...]
) -> None:
    """Write a page for each district of RUN (latest), an index and a season summary, for the team; see publish for the public's."""
    from outreach.campaign import Districts
    from outreach.cli.run import open_prefect
    from outreach.errors import CampaignError
    from outreach.settings import read_settings

    if file and not id_column:
        raise CampaignError(
            "--districts needs --id-column.", "Name the column that tells districts apart."
        )
    wanted = (Districts(name=name, file=file, id_column=str(id_column)),) if file else None
    with open_prefect(read_settings()):
        from flows.report import run_reports

        written = run_reports(run, wanted, languages)
    for one in written:
        click.echo(f"{len(one.files):,} pages: {one.folder / 'index.html'}")


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--final",
    type=_DAY,
    help="Data date whose rates count as final; by default the last one of the season that is archived.",
)
def backtest(run: str, final: dt.datetime | None) -> None:
    """Replay the archived season of RUN's area day by day and compare the scores with the rules that people use."""
    from flows.backtest import run_backtest
    from flows.steps.folders import find_backtest
    from flows.steps.season_choice import choose_season
    from outreach.archive import Archive
    from outreach.settings import read_settings
    from outreach.store import Store

    settings = read_settings()
    store = Store(settings.runs_folder)
    found, _ = store.find(run)
    campaign = found.campaign
    fitted, notes = choose_season(settings.home, campaign.census_year)
    folder = run_backtest(
        campaign.areas,
        campaign.census_year,
        find_backtest(settings.home, campaign),
        Archive(settings.archive_folder, campaign.census_year),
        tracts=store.read_table(run, "tracts"),
        final=final.date() if final else None,
        fitted=fitted,
    )
    for note in notes:
        click.echo(f"Note: {note}")
    click.echo(f"Back-test: {folder / 'backtest.html'}")
