"""The picture command draws a layer of a stored run."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from outreach.cli import cli
from outreach.settings import read_settings
from tests.flows.town import keep_run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = read_settings(home=tmp_path / "home")
    keep_run(settings, tmp_path, 0.5, dt.date(2020, 6, 5))
    monkeypatch.setenv("OUTREACH_HOME", str(settings.home))
    return settings.home


@pytest.mark.parametrize(("name", "start"), [("rate.png", b"\x89PNG"), ("rate.svg", b"<?xml")])
def test_a_layer_is_written_in_the_form_of_the_file_name(
    home: Path, name: str, start: bytes
) -> None:
    file = home / name
    result = CliRunner().invoke(cli, ["picture", "--layer", "rate", "--into", str(file)])
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(start)
    assert name in result.output


def test_an_unknown_form_is_refused_before_anything_is_drawn(home: Path) -> None:
    file = home / "rate.pdf"
    result = CliRunner().invoke(cli, ["picture", "--into", str(file)])
    assert result.exit_code == 2
    assert ".png or .svg" in result.output
    assert not file.exists()


def test_a_layer_without_figures_is_named_with_the_existing_ones(home: Path) -> None:
    file = home / "weather.png"
    result = CliRunner().invoke(cli, ["picture", "--layer", "weather", "--into", str(file)])
    assert "no layer 'weather'" in str(result.exception)
    assert not file.exists()
