"""Lint the pages' scripts together, as a page runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from maps import offline
from maps.atlas import pages

ROOT = Path(__file__).parents[2]
#: What a page calls or declares itself, outside its script files.
CALLED_BY_PAGES = {"showTracts"}
PAGES = {
    "run": offline._SCRIPTS,
    "atlas": pages._SCRIPTS,
}


def lint(script: str, rule: str, folder: Path) -> list[str]:
    """Return what one rule finds in a script."""
    file = folder / "page.js"
    file.write_text(script, encoding="utf-8")
    command = [
        str(Path(sys.executable).parent / "oxlint"),
        *("-c", str(ROOT / ".ci" / "oxlint.json")),
        *("-A", "all", "-D", rule, "-f", "json"),
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [found["message"] for found in json.loads(done.stdout)["diagnostics"]]


def join_scripts(page: str) -> str:
    return "\n".join(
        ["const ATLAS = {};", *(offline.read_asset(f"{name}.js") for name in PAGES[page])]
    )


def test_a_page_carries_no_comments_and_every_statement() -> None:
    script = "// Say it.\nfunction say() {\n  // Twice.\n  return `a//b` + 1; // as is\n\n}\n"
    assert offline._shorten(script) == "function say() {\nreturn `a//b` + 1; // as is\n}\n"


@pytest.mark.parametrize("page", PAGES)
def test_no_text_of_a_script_runs_over_several_lines(page: str) -> None:
    assert [line for line in join_scripts(page).split("\n") if line.count("`") % 2] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_a_page_is_declared(page: str, tmp_path: Path) -> None:
    assert lint(join_scripts(page), "no-undef", tmp_path) == []
    assert lint("app.tables;", "no-undef", tmp_path) == ["'app' is not defined."]


def test_every_function_is_used_by_some_page(tmp_path: Path) -> None:
    unused = [
        {message.split("'")[1] for message in lint(join_scripts(page), "no-unused-vars", tmp_path)}
        for page in PAGES
    ]
    assert set.intersection(*unused) - {"ATLAS"} <= CALLED_BY_PAGES
