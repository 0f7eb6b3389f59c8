"""Write a campaign file to start from, and find the codes of areas."""

import shlex
import sys
import tomllib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from outreach.cli.listing import JSON, print_listing

if TYPE_CHECKING:
    from outreach.campaign import Campaign

#: Most areas that "outreach find" lists.
_MOST_FOUND = 25
#: The campaigns that come with the package.
EXAMPLES = (
    "template",
    "chicago_2020",
    "chicago_districts_2020",
    "cook_2020",
    "cook_2030",
    "invented_county",
    "invented_county_2030",
    "invented_indicators",
    "invented_places",
)
#: Files that an example names, and that are written beside it.
EXAMPLE_FILES = {
    "invented_indicators": ("invented_health.csv",),
    "invented_places": ("invented_libraries.csv", "invented_help_sites.csv"),
}


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--example",
    type=click.Choice(EXAMPLES),
    default="template",
    help="Which campaign to start from.",
)
@click.option("--place", help="Fill in a plan for an area by its name, such as 'Durham, NC'.")
def init(path: Path, example: str, place: str | None) -> None:
    """Write a commented campaign file to PATH (campaign.toml)."""
    from outreach.errors import CampaignError
    from outreach.files import create_file

    text = read_example(example)
    if place:
        if example != "template":
            raise CampaignError(
                f"The example {example} has an area of its own.", "Use --place without --example."
            )
        text = _fill_area(text, place)
    files = {path: text}
    for name in EXAMPLE_FILES.get(example, ()):
        files[path.parent / name] = _find_example(name).read_text(encoding="utf-8")
    taken = next((file for file in files if file.exists()), None)
    if taken is not None:
        raise CampaignError(f"{taken} already exists.", "Name another file, or move it.")
    for file, content in files.items():
        try:
            create_file(file, content)
        except FileExistsError:
            raise CampaignError(
                f"{file} already exists.", "Name another file, or move it."
            ) from None
        except OSError as error:
            raise CampaignError(
                f"Cannot write {file}: {error.strerror}.", "Name another place."
            ) from None
    click.echo(f"Wrote {path}. Edit it, then run: outreach run {shlex.quote(str(path))}")


@click.command()
@click.argument("name")
@JSON
def find(name: str, *, as_json: bool) -> None:
    """Find the FIPS codes of a state, county, or place by NAME, such as "Durham, NC"."""
    from flows.find import find_areas
    from outreach.errors import NothingThere
    from outreach.settings import read_settings

    if not name.strip():
        raise NothingThere(
            "An empty name finds nothing.", 'Write a state, county, or place: "Durham, NC".'
        )
    found, remarks = find_areas(name, read_settings())
    if as_json:
        areas = [
            {"kind": each.kind, "title": each.title, **each.area.model_dump(exclude_defaults=True)}
            for each in found
        ]
        print_listing("areas", areas)
        return
    for each in found[:_MOST_FOUND]:
        click.echo(f"{each.kind:<8}{each.title:<44}{each.codes}")
    if len(found) > _MOST_FOUND:
        click.echo(f"... and {len(found) - _MOST_FOUND:,} more")
    for remark in remarks:
        click.echo(remark, err=True)
    if not found:
        click.echo(f"Nothing is called '{name}'.", err=True)
        sys.exit(1)


def _fill_area(text: str, place: str) -> str:
    """Put what is known of an area into the template."""
    from flows.find import choose_area
    from flows.steps.planning.first_campaign import fill_template
    from outreach.settings import read_settings

    settings = read_settings()
    found = choose_area(place, settings)
    return fill_template(text, found.name, found.area, settings)


def read_example(name: str) -> str:
    """Return the text of an example campaign of the package."""
    return _find_example(f"{name}.toml").read_text(encoding="utf-8")


def open_example(name: str) -> "Campaign":
    """Return an example campaign whose files are those of the package."""
    from outreach.campaign import parse_campaign, resolve_files

    request = parse_campaign(tomllib.loads(read_example(name)), f"the example {name}")
    return resolve_files(request, lambda file: str(_find_example(file)))


def _find_example(name: str) -> Traversable:
    """Return a file among the examples of the package."""
    return resources.files("outreach") / "examples" / name
