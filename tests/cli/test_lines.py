import pytest

from outreach.catalog import read_words
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
