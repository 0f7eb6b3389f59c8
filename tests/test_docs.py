"""README and guides are true: commands run in their order, lists and figures are the code's."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from maps import layers
from maps.layer import Layer
from models import scores
from models.scores.score import Score
from outreach import exporters
from outreach.campaign import Campaign
from outreach.census.client import discover_datasets
from outreach.cli import cli
from outreach.delivery.report import list_readers
from outreach.exporters.base.exporter import Exporter
from outreach.registry import discover
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import TRUSTED_HOSTS, Settings
from tests import figures

ROOT = Path(__file__).parents[1]
DOCS = sorted((ROOT / "docs").glob("*.md"))

#: Pages whose commands are run: those of a page in one folder, one after the other.
PAGES = ("docs/campaign.md", "docs/delivery.md", "docs/marketing.md")


def read_page(page: str) -> str:
    """Return the text of a page of the repository."""
    return (ROOT / page).read_text(encoding="utf-8")


def list_commands(page: str) -> list[str]:
    """Return the lines of a page's shell blocks, without their comments."""
    blocks = re.findall(r"```sh\n(.*?)```", read_page(page), re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def find_wide_lines(page: str) -> list[str]:
    """Return the lines of prose wider than 100 columns; tables, headings, and links may be."""
    prose = re.sub(r"^```.*?^```$", "", read_page(page), flags=re.MULTILINE | re.DOTALL)
    return [
        line
        for line in prose.splitlines()
        if len(line) > 100 and not re.search(r"^(\||#|<img)|\]\(", line)
    ]


def list_files(page: str) -> dict[str, str]:
    """Return the files that a page tells a person to save: a block that begins ```toml NAME."""
    return dict(re.findall(r"```[a-z]+ ([\w.]+)\n(.*?)```", read_page(page), re.DOTALL))


MAKE = sorted({line for line in list_commands("README.md") if line.startswith("make ")})


def test_the_readme_has_three_commands() -> None:
    assert MAKE == ["make check", "make run", "make test"]
    assert len(list_commands("README.md")) == len(MAKE)


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in DOCS)])
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    folder = (ROOT / page).parent
    links = re.findall(r"\]\(([^)#]+)[^)]*\)|src=\"([^\"]+)\"", read_page(page))
    local = [one or other for one, other in links if not (one or other).startswith("http")]
    assert [link for link in local if not (folder / link).exists()] == []


@pytest.mark.parametrize(
    "page", [str(path.relative_to(ROOT)) for path in sorted((*ROOT.glob("*.md"), *DOCS))]
)
def test_the_prose_of_a_page_is_100_columns_wide(page: str) -> None:
    assert find_wide_lines(page) == []


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
def test_every_outreach_command_of_a_page_runs_in_its_order(inside: Any, page: str) -> None:
    with Sandbox(InventedCounty()) as sandbox:
        address = {
            "OUTREACH_API_URL": sandbox.url,
            "OUTREACH_FILES_URL": sandbox.url,
            "OUTREACH_CENSUS_API_KEY": sandbox.key,
        }
        for name, text in list_files(page).items():
            (inside.folder / name).write_text(text, encoding="utf-8")
        for line in list_commands(page):
            if line.startswith("export "):
                name, value = line.removeprefix("export ").split("=", 1)
                address.setdefault(name, value.replace("~", str(inside.folder)))
                continue
            if line.startswith("outreach run"):
                example = (ROOT / "outreach" / "examples" / "invented_county.toml").read_text(
                    encoding="utf-8"
                )
                (inside.folder / "campaign.toml").write_text(example, encoding="utf-8")
            if not line.startswith("outreach "):
                continue
            done = inside(*shlex.split(line)[1:], **address)
            assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
            assert done.stderr == "", line
    promised = re.findall(r"^  (\w+/[\w.-]+)$", read_page(page), re.MULTILINE)
    assert [name for name in promised if not (inside.folder / name).is_file()] == []


def test_every_command_is_in_the_table_of_commands() -> None:
    table = read_page("docs/commands.md")
    for name, command in cli.commands.items():
        inner = getattr(command, "commands", None)
        for full in [f"outreach {name} {sub}" for sub in inner] if inner else [f"outreach {name}"]:
            assert f"| `{full}` |" in table, full


def test_every_setting_is_in_the_table_of_settings() -> None:
    table = read_page("docs/commands.md")
    assert [
        name for name in Settings.model_fields if f"`OUTREACH_{name.upper()}`" not in table
    ] == []
    assert f"| `{TRUSTED_HOSTS}` |" in table


def test_every_key_of_a_campaign_is_in_the_template() -> None:
    template = (ROOT / "outreach" / "examples" / "template.toml").read_text(encoding="utf-8")

    def list_keys(model: type[BaseModel]) -> Iterator[str]:
        for name, field in model.model_fields.items():
            yield name
            for inner in [field.annotation, *get_args(field.annotation)]:
                if isinstance(inner, type) and issubclass(inner, BaseModel):
                    yield from list_keys(inner)

    keys = set(list_keys(Campaign))
    assert len(keys) > 40
    assert sorted(key for key in keys if not re.search(rf"\b{key}\b", template)) == []


@pytest.mark.parametrize(
    ("kind", "discovered"),
    [
        ("datasets", discover_datasets),
        ("scores", lambda: discover(scores, "SCORE", Score)),
        ("layers", lambda: discover(layers, "LAYER", Layer)),
        ("exporters", lambda: discover(exporters, "EXPORTER", Exporter)),
        ("report readers", list_readers),
    ],
)
def test_the_lists_of_one_file_extensions_are_those_of_the_code(kind: str, discovered: Any) -> None:
    listed = re.search(f"<!-- {kind} -->(.*?)<!-- /{kind} -->", read_page("docs/architecture.md"))
    assert listed
    assert listed[1].split(", ") == list(discovered())


def test_the_readme_shows_a_picture() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", read_page("README.md"))
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).stat().st_size > 10_000


def join_figures(found: dict[int, float] | dict[int, int], form: str) -> str:
    """Write the figures of several days as the page does."""
    return " / ".join(format(figure, form) for figure in found.values())


def test_the_page_of_figures_states_what_the_tests_measure() -> None:
    page = read_page("docs/figures.md")
    for statement in (
        f"{figures.COOK_TRACTS:,} tracts with a rate",
        f"{figures.COOK_BY_HOUSEHOLDS:.2f}% weighted by households",
        f"({figures.COOK_BY_HOUSING_UNITS:.2f}% by housing units)",
        f"the {figures.CHICAGO_TRACTS} tracts of Chicago {figures.CHICAGO_BY_HOUSEHOLDS:.2f}% (",
        f"({figures.CHICAGO_BY_HOUSING_UNITS:.2f}%)",
        f"finds {join_figures(figures.COOK_BOUGHT_FOUND, '.3f')} of the final worst fifth",
        f"reaches {join_figures(figures.COOK_BOUGHT_REACHED, 'd')} missing households",
        f"{figures.COUNTY_REQUESTS} to the API ({figures.COUNTY_COLUMNS} columns",
        f"package takes {figures.PLAIN_REQUESTS},",
    ):
        assert statement in page, statement
    size = re.search(r"\| ([\d.]+) MB, ([\d.]+) MB gzipped", page)
    assert size
    assert float(size[1]) <= figures.MAP_MB
    assert float(size[2]) <= figures.MAP_GZIPPED_MB


def test_every_yes_of_the_comparison_names_a_test_that_exists() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in read_page("docs/maps.md").splitlines()
        if line.startswith("| ") and not line.startswith("| point")
    ]
    assert len(rows) >= 20
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    for point, *_, ours, test in rows:
        assert ours.startswith(("yes", "no")), point
        assert (test.strip("`") in known) == ours.startswith("yes"), point
