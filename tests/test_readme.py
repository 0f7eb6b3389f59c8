"""What the README says is true: its commands run, its lists are those of the code."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from maps import layers
from maps.layer import Layer
from models import scores
from models.scores.score import Score
from outreach import exporters
from outreach.census.client import discover_datasets
from outreach.cli import cli
from outreach.exporters.exporter import Exporter
from outreach.registry import discover
from outreach.sandbox.county import InventedCounty
from outreach.sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

#: Commands that only tell a person how to set something, or that other tests and CI run whole.
_BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
_LINES = [line.split("#")[0].strip() for block in _BLOCKS for line in block.splitlines()]
MAKE = sorted({line for line in _LINES if line.startswith("make ")})
OUTREACH = [line for line in _LINES if line.startswith("outreach ")]


def test_the_readme_has_commands_to_try() -> None:
    assert {"make run", "make test"} <= set(MAKE)
    assert len(OUTREACH) >= 5
    others = [line for line in _LINES if line and not line.startswith(("make ", "outreach ", "export "))]
    assert others == []


@pytest.mark.parametrize("line", MAKE)
def test_make_knows_its_targets(line: str) -> None:
    subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


def test_every_outreach_command_of_the_readme_runs_in_its_order(outreach: Any, inside: Any) -> None:
    with Sandbox(InventedCounty()) as sandbox:
        address = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        for line in OUTREACH:
            if line.startswith("outreach run"):
                example = (ROOT / "outreach" / "examples" / "invented_county.toml").read_text(encoding="utf-8")
                (outreach.folder / "campaign.toml").write_text(example, encoding="utf-8")
            command_line = outreach if line.startswith("outreach demo") else inside
            done = command_line(*shlex.split(line)[1:], **address)
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            assert done.stderr == "", line


def test_every_command_stands_in_the_readme() -> None:
    for name, command in cli.commands.items():
        inner = getattr(command, "commands", None)
        for full in [f"outreach {name} {sub}" for sub in inner] if inner else [f"outreach {name}"]:
            assert f"| `{full}` |" in README, full


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("datasets", discover_datasets),
        ("scores", lambda: discover(scores, "SCORE", Score)),
        ("layers", lambda: discover(layers, "LAYER", Layer)),
        ("exporters", lambda: discover(exporters, "EXPORTER", Exporter)),
    ],
)
def test_the_lists_of_the_readme_are_those_of_the_code(kind: str, found: Any) -> None:
    listed = re.search(f"<!-- {kind} -->(.*?)<!-- /{kind} -->", README)
    assert listed
    assert listed[1].split(", ") == list(found())


def test_the_picture_of_the_readme_is_there() -> None:
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000
