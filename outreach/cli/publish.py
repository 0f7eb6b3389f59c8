"""Write the public site of a run."""

from pathlib import Path

import click


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the site; one below OUTREACH_HOME by default.",
)
@click.option("--language", "languages", multiple=True, default=("en", "es"), show_default=True)
@click.option(
    "--test-over", is_flag=True, help="The test is over and read out: publish arms and money too."
)
def publish(run: str, into: Path | None, languages: tuple[str, ...], *, test_over: bool) -> None:
    """Write a folder of RUN (latest) that can go on the web: site, map, reports, open data.

    Small counts are hidden for the season. No page has targets or money. While a test of any
    campaign is in flight on the same ground, the data has no arms either.
    """
    from outreach.cli.progress import open_prefect
    from outreach.phrasing import write_count
    from outreach.settings import read_settings

    with open_prefect(read_settings()):
        from flows.publish import publish_run

        folder = publish_run(run, into, languages, test_over=test_over)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    click.echo(f"{write_count(len(files), 'file')}, {size / 1e6:.1f} MB: {folder / 'index.html'}")
