"""Say in one sentence what is wrong with a command line.

The library that reads it has words for programmers, and three lines of them.
"""

import difflib
import re
from typing import Any

import click

#: What a message of the library begins with: perhaps a kind of file, then the value it was given.
_GIVEN = re.compile(r"(?:[A-Z]\w+ )?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^\s']\S*) ")
_NO_COMMAND = re.compile(r"No such command ['\"](.*)['\"]")
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)$", re.DOTALL)
#: Ends of the library's messages about files, and ours.
_FILES = {
    "does not exist.": "is not there",
    "is a directory.": "is a folder, not a file",
    "is a file.": "is a file, not a folder",
    "is not readable.": "cannot be read",
    "is not writable.": "cannot be written",
}


def explain_usage(error: click.UsageError) -> str:
    """Say what is wrong with a command line, and where its words are explained.

    Parameters
    ----------
    error
        What the library says of it. A group of commands without one has its help there.
    """
    if error.message.startswith("Usage: "):
        return error.message
    sentence = _explain(error)
    command = error.ctx.command_path if error.ctx is not None else "outreach"
    return f"Error: {sentence} '{command} --help' says what it takes."


def _explain(error: click.UsageError) -> str:
    """Return the sentence on what is wrong."""
    if isinstance(error, click.MissingParameter):
        return f"{_name_part(error)} is missing."
    if isinstance(error, click.NoSuchOption):
        return f"There is no option {error.option_name}.{_suggest(error.possibilities)}"
    if isinstance(error, click.BadOptionUsage):
        needs = "takes no value" if "does not take" in error.message else "needs a value"
        return f"{error.option_name} {needs}."
    if isinstance(error, click.BadParameter):
        return _explain_value(error)
    return _explain_words(error)


def _explain_words(error: click.UsageError) -> str:
    """Say which word of a command line has no place in it."""
    if found := _NO_COMMAND.match(error.message):
        return f"There is no command '{found[1]}'.{_suggest(_list_like(found[1], error.ctx))}"
    if found := _EXTRA.match(error.message):
        return f"The command has no place for '{found[1]}'."
    return f"{error.format_message().rstrip('.')}."


def _explain_value(error: click.BadParameter) -> str:
    """Say what a value has to be, and what it was."""
    name, kind = _name_part(error), error.param.type if error.param is not None else None
    for ending, words in _FILES.items():
        if isinstance(kind, click.Path) and error.message.endswith(ending):
            found = _GIVEN.match(error.message)
            return f"{name} {words}: {found[1] if found else ''}."
    needed = _describe_type(kind)
    if not needed:
        return f"{name}: {error.message.rstrip('.')}."
    found = _GIVEN.match(error.message)
    given = f", not {found[1]}" if found else ""
    return f"{name} must be {needed}{given}."


def _describe_type(kind: "click.ParamType[Any] | None") -> str:
    """Say what values a type takes; empty where the message says it itself."""
    if isinstance(kind, click.DateTime):
        return "a day such as 2020-10-15"
    if isinstance(kind, click.Choice):
        return f"one of {', '.join(map(str, kind.choices))}"
    if isinstance(kind, click.IntRange | click.FloatRange):
        number = "a whole number" if isinstance(kind, click.IntRange) else "a number"
        if kind.min is not None and kind.max is not None:
            return f"{number} from {kind.min} to {kind.max}"
        return f"{number} of {kind.min} or more" if kind.min is not None else number
    if kind in (click.INT, click.FLOAT):
        return "a whole number" if kind is click.INT else "a number"
    return ""


def _name_part(error: click.BadParameter) -> str:
    """Return the option or argument that is wrong, as people write it."""
    part = error.param
    if isinstance(part, click.Option):
        return max(part.opts, key=len)
    if part is not None:
        return (part.metavar or part.human_readable_name).strip("[].").upper()
    hint = error.param_hint
    return hint if isinstance(hint, str) else "A value"


def _list_like(name: str, context: click.Context | None) -> list[str]:
    """Return the commands whose names are like one."""
    group = context.command if context is not None else None
    if context is None or not isinstance(group, click.Group):
        return []
    return difflib.get_close_matches(name, group.list_commands(context), n=3)


def _suggest(names: "list[str] | None") -> str:
    """Return a question that offers names; empty without any."""
    return f" Did you mean {' or '.join(sorted(names))}?" if names else ""
