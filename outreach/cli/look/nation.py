"""List every county of the archive."""

import datetime as dt
from pathlib import Path

import click

from outreach.cli.days import DAY

_PERCENT = 100


@click.command()
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="CODE",
    help="Two-digit state code; repeat for several. All in the archive by default.",
)
@click.option(
    "--date",
    "through",
    type=DAY,
    help="The day to list for; the last day of self-response by default.",
)
@click.option(
    "--percent",
    type=click.FloatRange(0, 100, min_open=True),
    default=20.0,
    show_default=True,
    help="Share of a county's tracts that its list has.",
)
@click.option(
    "--deadline", type=DAY, help="The day to forecast; the end of the archived season by default."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes of this machine that work side by side; each takes about 0.5 GB.",
)
@click.option(
    "--cluster",
    default="",
    metavar="ADDRESS",
    help="A Dask scheduler whose workers do the work: tcp://10.0.0.4:8786.",
)
@click.option(
    "--bucket",
    "by_bucket",
    is_flag=True,
    help="Let workers read and write the bucket of OUTREACH_STORAGE; they need its keys.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the lists, replaced as a whole; 'nation' beside the archive by default.",
)
@click.option(
    "--census-year",
    type=click.IntRange(2020, 2100),
    default=2020,
    show_default=True,
    help="The census whose rates are listed.",
)
def nation(  # noqa: PLR0913, PLR0917  each is an option of the command
    states: tuple[str, ...],
    through: dt.datetime | None,
    percent: float,
    deadline: dt.datetime | None,
    workers: int,
    cluster: str,
    by_bucket: bool,  # noqa: FBT001  as click passes it
    into: Path | None,
    census_year: int,
) -> None:
    """List the tracts of every archived county, and sum up counties, states, and the nation.

    Lists rest on the archived rates, and on predictors where a run has a whole county. States that
    were listed before from the same are not computed again, so a job that was stopped goes on where
    it was.
    """
    from outreach.cli.progress import open_prefect
    from outreach.settings import read_settings

    settings = read_settings()
    with open_prefect(settings):
        from flows.engine.runners import Crew
        from flows.nation import list_nation

        summary = list_nation(
            into or settings.home / "nation",
            census_year=census_year,
            states=states,
            through=through.date() if through else None,
            list_share=percent / _PERCENT,
            deadline=deadline.date() if deadline else None,
            crew=Crew(workers, cluster, by_bucket),
        )
    click.echo(summary.sentence)
    for remark in summary.remarks:
        click.echo(f"Note: {remark}")
