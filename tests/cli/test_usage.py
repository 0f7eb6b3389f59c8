"""A wrong command line is one sentence in our own words."""

import sys

import click
import pytest

from outreach.cli import cli, main
from outreach.cli.usage import explain_usage


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run a command line as the program does, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["outreach", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("runs --since tomorrow", "--since must be a day such as 2020-10-15, not 'tomorrow'."),
        ("runs --since 2020-13-01", "--since must be a day such as 2020-10-15, not '2020-13-01'."),
        ("rnus", "There is no command 'rnus'. Did you mean runs?"),
        ("runs clena", "There is no command 'clena'. Did you mean clean?"),
        ("xyzzy", "There is no command 'xyzzy'."),
        ("runs --sinze 3", "There is no option --sinze. Did you mean --json or --since?"),
        ("find", "NAME is missing."),
        ("approve latest", "--by is missing."),
        ("runs --json=3", "--json takes no value."),
        ("runs --since", "--since needs a value."),
        ("serve --port 99999", "--port must be a whole number from 0 to 65535, not 99999."),
        ("serve --workers x", "--workers must be a whole number from 1 to 16, not 'x'."),
        ("run a b c", "The command has no place for 'b c'."),
        ("completion fishy", "SHELL must be one of bash, zsh, fish, not 'fishy'."),
        ("runs clean --keep 0", "--keep must be a whole number of 1 or more, not 0."),
        ("run --budget lots", "--budget must be a number of 0 or more, not 'lots'."),
        ("run --budget -5", "--budget must be a number of 0 or more, not -5.0."),
    ],
)
def test_a_wrong_word_is_one_sentence(
    line: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, *line.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"Error: {sentence} 'outreach")
    assert lines[0].endswith(" --help' says what it takes.")


def test_every_option_that_takes_a_value_explains_itself() -> None:
    """Whatever a later command takes, its faults have no words of the library."""

    def walk(command: click.Command, path: tuple[str, ...]) -> None:
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                walk(child, (*path, name))
        for part in command.params:
            if part.type.name in ("text", "boolean") or not isinstance(part, click.Option):
                continue
            wrong = "/nowhere/none" if isinstance(part.type, click.Path) else "\u00a7"
            call_or_pass(command, path, part.opts[-1], wrong)

    def call_or_pass(
        command: click.Command, path: tuple[str, ...], option: str, wrong: str
    ) -> None:
        try:
            context = command.make_context(" ".join(path), [option, wrong])
        except click.UsageError as error:
            text = explain_usage(error)
        else:
            context.close()
            return
        assert "\n" not in text
        for words in ("valid", "range", "does not match", "Missing", "<=", ">=", "%Y"):
            assert words not in text.lower(), text

    walk(cli, ("outreach",))


def test_a_group_without_a_command_shows_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "users") in (0, 2)
    shown = capsys.readouterr()
    assert (shown.out + shown.err).startswith("Usage: outreach users")
