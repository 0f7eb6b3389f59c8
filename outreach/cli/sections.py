"""List the commands of the help in sections, in the order of the work."""

import click

#: Title of each section, and its commands.
SECTIONS = {
    "Start": ("demo", "find", "init", "check", "run"),
    "Look at runs": (
        "runs",
        "show",
        "open",
        "diff",
        "report",
        "pack",
        "picture",
        "atlas",
        "nation",
        "addresses",
    ),
    "Decide and hand out": ("approve", "withdraw", "export", "mail", "publish", "activity"),
    "Measure": (
        "delivery",
        "measure",
        "decide",
        "tests",
        "protocol",
        "pool",
        "evidence",
        "backtest",
        "drill",
        "train",
    ),
    "Keep the service": (
        "serve",
        "users",
        "notify",
        "archive",
        "storage",
        "backup",
        "restore",
        "doctor",
        "sandbox",
        "completion",
    ),
}
#: Columns of the help before the sentence on a command, so that each takes one line.
_INDENT = 16


class SectionedGroup(click.Group):
    """A group whose help lists the commands by section; one without a section comes last."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections of the help."""
        known = {name for names in SECTIONS.values() for name in names}
        others = tuple(name for name in self.list_commands(ctx) if name not in known)
        for title, names in {**SECTIONS, "More": others}.items():
            rows = [
                (name, command.get_short_help_str(formatter.width - _INDENT))
                for name in names
                if (command := self.get_command(ctx, name)) is not None
            ]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)
