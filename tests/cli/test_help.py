"""The help lists every command once, in sections, and a shell completes them."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from outreach.cli import cli
from outreach.cli.sections import SECTIONS


def test_every_command_is_listed_and_no_section_lists_one_twice() -> None:
    listed = [name for names in SECTIONS.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(listed) <= set(cli.commands)
    shown = CliRunner().invoke(cli, ["--help"]).stdout
    for title in SECTIONS:
        assert f"\n{title}:\n" in shown
    lines = [
        line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line[2:3] != " "
    ]
    assert set(cli.commands) <= set(lines)


def walk(group: click.Group, path: str = "outreach") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from walk(command, f"{path} {name}")


def test_the_help_of_every_command_and_option_says_what_it_does() -> None:
    for path, command in walk(cli):
        assert command.get_short_help_str(80).strip(), path
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, (path, option.name)
        shown = CliRunner().invoke(command, ["--help"]).stdout
        assert "Usage:" in shown
        assert "%Y" not in shown, path


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str) -> None:
    done = CliRunner().invoke(cli, ["completion", shell])
    assert done.exit_code == 0
    assert f"_OUTREACH_COMPLETE={shell}_complete" in done.stdout


def test_a_shell_that_asks_gets_the_commands() -> None:
    command = str(Path(sys.executable).parent / "outreach")
    env = {
        "_OUTREACH_COMPLETE": "bash_complete",
        "COMP_WORDS": "outreach wi",
        "COMP_CWORD": "1",
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run([command], env=env, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["plain,withdraw"]
