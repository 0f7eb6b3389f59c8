"""Write what people read of a run: district pages, the public site, and the backtest."""

import datetime as dt
from pathlib import Path

import click

from outreach.cli.days import DAY
from outreach.cli.look.languages import LANGUAGES


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--districts",
    "file",
    metavar="FILE",
    help="Boundaries to use in place of the campaign's: a path, or an address on the file server.",
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
@click.option("--layer", metavar="LAYER", help="Layer of that file, where it has several.")
@LANGUAGES
def report(
    run: str,
    file: str | None,
    name: str,
    id_column: str | None,
    layer: str | None,
    languages: tuple[str, ...],
) -> None:
    """Write district pages, an index, and a season summary of RUN (latest) for the team.

    Use "outreach publish" for the public.
    """
    from outreach.campaign import Districts
    from outreach.cli.progress import open_prefect
    from outreach.errors import CampaignError
    from outreach.phrasing import write_count
    from outreach.settings import read_settings

    if file and not id_column:
        raise CampaignError(
            "--districts needs --id-column.", "Name the column that tells districts apart."
        )
    requested = (
        (Districts(name=name, file=file, layer=layer, id_column=str(id_column)),) if file else None
    )

    with open_prefect(read_settings()):
        from flows.handout.report import ACTIVITY_MAP, run_reports

        report_sets = run_reports(run, requested, languages)
    _name_untranslated(languages)
    for each in report_sets:
        for note in each.view.notes:
            click.echo(f"Note: {each.view.kind}: {note}")
        click.echo(f"{write_count(len(each.files), 'page')}: {each.folder / 'index.html'}")
    if report_sets[0].view.activity is not None:
        folder = report_sets[0].folder.parent / ACTIVITY_MAP
        click.echo(f"Map with what partners have logged: {folder / 'map.html'}")


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the site; one below OUTREACH_HOME by default.",
)
@LANGUAGES
@click.option(
    "--test-over",
    is_flag=True,
    help="Publish arms and money too; refused until the test is over and read out.",
)
@click.option(
    "--reason",
    default="",
    metavar="TEXT",
    help="Why --test-over publishes before that; publication.json records it.",
)
def publish(
    run: str, into: Path | None, languages: tuple[str, ...], *, test_over: bool, reason: str
) -> None:
    """Write a folder of RUN (latest) that can go on the web: site, map, reports, open data.

    Small counts are hidden for the season. No page has targets or money. While a test of any
    campaign is in flight on the same ground, the data has no arms either.
    """
    from outreach.cli.progress import open_prefect
    from outreach.phrasing import write_count
    from outreach.settings import read_settings

    with open_prefect(read_settings()):
        from flows.handout.publish import publish_run

        folder = publish_run(run, into, languages, test_over=test_over, reason=reason)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    _name_untranslated(languages)
    click.echo(f"{write_count(len(files), 'file')}, {size / 1e6:.1f} MB: {folder / 'index.html'}")


def _name_untranslated(languages: tuple[str, ...]) -> None:
    """Name the texts that are in English because a catalog lacks them."""
    from outreach.catalog import name_untranslated, read_all

    for words in read_all(languages):
        if sentence := name_untranslated(words):
            click.echo(f"Note: {sentence}")


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--final",
    type=DAY,
    help="Data date of the final rates; the last archived of the season by default.",
)
def backtest(run: str, final: dt.datetime | None) -> None:
    """Replay the archived season of RUN's area, and compare the scores with simple rules."""
    from flows.backtest import describe_figures, run_backtest
    from flows.steps.buying.list_rules import read_list_rules
    from flows.steps.folders import find_backtest
    from flows.steps.indicators.read import list_own_predictors
    from flows.steps.sources.season_choice import choose_season
    from outreach.archive import Archive
    from outreach.settings import read_settings
    from outreach.store import Store
    from outreach.tables import TractProfiles, as_table

    settings = read_settings()
    store = Store(settings.runs_folder)
    campaign = store.find(run)[0].campaign
    season_model, notes = choose_season(settings.home, campaign.census_year)
    folder = run_backtest(
        campaign.areas,
        campaign.census_year,
        find_backtest(settings.home, campaign),
        Archive(settings.archive_folder, campaign.census_year),
        tracts=as_table(store.read_table(run, "tracts"), TractProfiles),
        final=final.date() if final else None,
        season_model=season_model,
        creative_languages=campaign.creative_languages,
        rules=read_list_rules(campaign),
        own=list_own_predictors(campaign.indicators),
    )
    for note in notes:
        click.echo(f"Note: {note}")
    for line in describe_figures(folder):
        click.echo(f"  {line}")
    click.echo(f"Backtest: {folder / 'backtest.html'}")
