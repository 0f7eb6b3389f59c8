"""Draw a map layer of a run as a picture, for slides and mails."""

from pathlib import Path

import click


@click.command()
@click.argument("run", default="latest")
@click.option(
    "--layer",
    default="rate",
    show_default=True,
    help="What to draw: rate, priority, missing, forecast, or another file in maps/layers.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The picture to write, .png or .svg.",
)
def picture(run: str, layer: str, into: Path) -> None:
    """Draw one map layer of RUN (latest) as a PNG or SVG picture."""
    from flows.handout.picture import draw_run
    from maps.run.picture import Form
    from outreach.files import write_file
    from outreach.settings import read_settings

    forms: dict[str, Form] = {".png": "png", ".svg": "svg"}
    form = forms.get(into.suffix.lower())
    if form is None:
        raise click.BadParameter("Name a file that ends in .png or .svg.", param_hint="--into")
    write_file(into, draw_run(run, layer, form, read_settings()))
    click.echo(f"Picture: {into}")
