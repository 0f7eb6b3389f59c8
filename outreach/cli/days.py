"""Read a day that somebody types."""

import click


class _Day(click.DateTime):
    """A day such as 2020-10-15; help shows what to type."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def get_metavar(self, param: click.Parameter, ctx: "click.Context | None" = None) -> str:
        """Return what the help shows in place of a value."""
        del param, ctx  # a day is a day wherever it stands
        return "YYYY-MM-DD"


DAY = _Day()
