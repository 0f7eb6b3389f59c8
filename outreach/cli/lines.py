"""Print sentences as a terminal needs them."""

from collections.abc import Iterable

import click

from outreach.phrasing import strip_isolates


def print_lines(lines: Iterable[str]) -> None:
    """Print a line each, without the marks of direction that pages have around names."""
    for line in lines:
        click.echo(strip_isolates(line))
