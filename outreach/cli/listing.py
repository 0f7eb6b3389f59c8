"""Print what a command lists as JSON, in one shape for all commands."""

import json
from collections.abc import Mapping, Sequence

import click


def print_listing(
    kind: str, items: Sequence[Mapping[str, object]], damaged: Sequence[str] = ()
) -> None:
    """Print ``{"<kind>": [...], "damaged": [...]}``.

    Parameters
    ----------
    kind
        What the items are, in the plural, such as ``runs``.
    items
        One object each.
    damaged
        A sentence for each that cannot be read.
    """
    click.echo(json.dumps({kind: list(items), "damaged": list(damaged)}, indent=1))
