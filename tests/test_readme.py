"""What README and guides say is true: their commands run in their order, the README's lists are those of the code."""

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
from outreach.exporters.base.exporter import Exporter
from outreach.registry import discover
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

#: Pages whose commands are run: those of a page in one folder, one after the other.
PAGES = ("README.md", "docs/marketing.md")


def list_commands(page: str) -> list[str]:
    """Return the lines of a page's shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def list_files(page: str) -> dict[str, str]:
    """Return the files that a page tells a person to save: blocks that name one, as in ```toml campaign.toml."""
    return dict(
        re.findall(
            r"```[a-z]+ ([\w.]+)\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL
        )
    )


MAKE = sorted({line for line in list_commands("README.md") if line.startswith("make ")})


def test_the_readme_tells_how_to_run_and_to_test() -> None:
    assert {"make run", "make test"} <= set(MAKE)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_commands_to_try_and_no_others(page: str) -> None:
    lines = list_commands(page)
    assert sum(line.startswith("outreach ") for line in lines) >= 4
    assert [
        line for line in lines if not line.startswith(("make ", "outreach ", "export OUTREACH_"))
    ] == []


@pytest.mark.parametrize("line", MAKE)
def test_make_knows_its_targets(line: str) -> None:
    subprocess.run([*shlex.split(line), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("page", PAGES)
def test_every_outreach_command_of_a_page_runs_in_its_order(outreach: Any, page: str) -> None:
    with Sandbox(InventedCounty()) as sandbox:
        address = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        for name, text in list_files(page).items():
            (outreach.folder / name).write_text(text, encoding="utf-8")
        for line in list_commands(page):
            if line.startswith("export "):
                name, value = line.removeprefix("export ").split("=", 1)
                address.setdefault(name, value)
                continue
            if line.startswith("outreach run"):
                example = (ROOT / "outreach" / "examples" / "invented_county.toml").read_text(
                    encoding="utf-8"
                )
                (outreach.folder / "campaign.toml").write_text(example, encoding="utf-8")
            if not line.startswith("outreach "):
                continue
            done = outreach(*shlex.split(line)[1:], **address)
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            assert done.stderr == "", line
    promised = re.findall(
        r"^  (\w+/[\w.-]+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [name for name in promised if not (outreach.folder / name).is_file()] == []


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
