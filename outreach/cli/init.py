"""Write a campaign file to start from."""

from importlib import resources
from pathlib import Path

import click

_EXAMPLES = ("template", "chicago_2020", "cook_2020", "invented_county")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default="campaign.toml")
@click.option(
    "--example",
    type=click.Choice(_EXAMPLES),
    default="template",
    help="Which campaign to start from.",
)
def init(path: Path, example: str) -> None:
    """Write a commented campaign file to PATH (campaign.toml)."""
    from outreach.errors import CampaignError

    text = read_example(example)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CampaignError(f"{path} already exists.", "Name another file, or move it.") from None
    except OSError as error:
        raise CampaignError(
            f"Cannot write {path}: {error.strerror}.", "Name another place."
        ) from None
    click.echo(f"Wrote {path}. Edit it, then run: outreach run {path}")


def read_example(name: str) -> str:
    """Return the text of an example campaign of the package."""
    return (resources.files("outreach") / "examples" / f"{name}.toml").read_text(encoding="utf-8")
