import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from outreach.catalog import read_words
from outreach.cli import cli
from outreach.cli.lines import print_lines


def test_a_terminal_gets_names_without_marks_of_direction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = read_words("en").name("Lakefront Media")
    assert name != "Lakefront Media"
    print_lines([f"The vendor {name} claims a cost of $3.20.", "That is no added response."])
    assert capsys.readouterr().out == (
        "The vendor Lakefront Media claims a cost of $3.20.\nThat is no added response.\n"
    )


def test_what_is_to_be_typed_next_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "my city.toml"
    made = CliRunner().invoke(cli, ["init", str(path), "--example", "invented_county"])
    command = made.output.strip().rpartition("then run: ")[2]
    assert shlex.split(command) == ["outreach", "run", str(path)]
