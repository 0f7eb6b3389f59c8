"""Ask a person before something that cannot be undone."""

import sys

import click

from outreach.errors import SettingsError


def ask_person(question: str, *, is_agreed: bool) -> None:
    """Go on if the person says yes, or said so on the command line; else stop.

    Parameters
    ----------
    question
        What is about to happen, as a question.
    is_agreed
        Whether ``--yes`` was given; then nothing is asked.

    Raises
    ------
    SettingsError
        There is no terminal to ask at.
    """
    if is_agreed:
        return
    if not sys.stdin.isatty():
        raise SettingsError(
            "There is no terminal to ask at, and this is not done without a yes.",
            "Add --yes once you have read what it will do. Nothing was changed.",
        )
    if not click.confirm(question):
        raise click.exceptions.Abort
