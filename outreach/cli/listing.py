"""Print what commands list, as JSON in one shape, and say what is for modelers only."""

import json
from collections.abc import Mapping, Sequence

import click

#: The switch of every command that lists something.
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
#: Lines of a run's summary for people who judge the models; a planner reads them with -v.
FOR_MODELERS = frozenset({"Drivers", "Requests", "Weights"})


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
