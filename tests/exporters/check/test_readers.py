"""One file adds an exporter with its reader, and its rules come from the folder beside it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach import exporters
from outreach.errors import ExportError
from outreach.exporters.base.exporter import find_exporters
from outreach.exporters.base.rules import list_platforms, load_rules
from outreach.exporters.check.preflight import export_targets, inspect_files

NEWSLETTER = '''
"""Write one line for each ZIP of a newsletter's mailing."""

from outreach.exporters.base.exporter import Exporter, ExportFile
from outreach.exporters.base.parts import split_places
from outreach.exporters.base.places import choose_places
from outreach.exporters.base.rules import load_rules
from outreach.exporters.check.readback import FileReader


def write_newsletter(targets, context):
    rules = load_rules("newsletter", context.rules_folder)
    files = []
    for part in split_places(choose_places(targets, rules, context), rules):
        lines = "".join(f"{rules.word('prefix')}{place.code}\\n" for place in part.zips)
        files.append(ExportFile(part.name_file("newsletter", ".txt"), lines.encode()))
    return files


def read_newsletter(readback):
    for file in readback.find_files("newsletter"):
        for line in file.content.decode().splitlines():
            readback.add_place(file, file.name, "zip", line.removeprefix("zip "))


EXPORTER = Exporter(title="Newsletter", write=write_newsletter)
READER = FileReader(read_newsletter)
'''

RULES = """
platform = "newsletter"
title = "Newsletter"
checked = 2026-11-01
units = {value = ["zip"], status = "VERIFIED", source = "the editor"}
exclusions = {value = [], status = "VERIFIED", source = "the editor"}
bom = {value = false, status = "VERIFIED", source = "the editor"}
caps.zips = {value = 2, status = "ASSUMED", source = "the editor's assistant"}
text.prefix = {value = "zip ", status = "VERIFIED", source = "the editor"}

[[checklist]]
value = "Call the editor."
status = "VERIFIED"
source = "the editor"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a folder of exporters that lies outside the package."""
    monkeypatch.setattr(exporters, "__path__", [*exporters.__path__, str(tmp_path)])
    yield tmp_path
    sys.modules.pop("outreach.exporters.newsletter", None)
    if hasattr(exporters, "newsletter"):
        delattr(exporters, "newsletter")


@pytest.fixture
def newsletter(folder: Path) -> Path:
    """Add an exporter with its reader and its rules."""
    (folder / "newsletter.py").write_text(NEWSLETTER)
    (folder / "rules").mkdir()
    (folder / "rules" / "newsletter.toml").write_text(RULES)
    return folder


@pytest.mark.usefixtures("newsletter")
def test_an_exporter_from_a_folder_is_exported_read_back_and_checked(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "00501", "60603"])
    export = export_targets("newsletter", targets, bench.context())

    assert "newsletter" in list_platforms()
    assert [file.name for file in export.files] == [
        "newsletter-part-1-of-2.txt",
        "newsletter-part-2-of-2.txt",
        "newsletter-checklist.es.txt",
        "newsletter-checklist.txt",
    ]
    assert export.files[0].content == b"zip 60601\nzip 00501\n"
    assert export.findings == ()
    checklist = export.files[-1].content.decode()
    assert "[ ] Call the editor. (VERIFIED)" in checklist
    assert "caps.zips = 2 (ASSUMED: the editor's assistant)" in checklist


@pytest.mark.usefixtures("newsletter")
def test_a_lost_zip_in_the_files_of_such_an_exporter_is_caught(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "00501"])
    files = find_exporters(["newsletter"])["newsletter"].write(targets, bench.context())
    faults = inspect_files("newsletter", files[:0], targets, bench.context())
    assert [str(fault) for fault in faults] == [
        "newsletter: the zip 00501 is missing",
        "newsletter: the zip 60601 is missing",
    ]


@pytest.mark.usefixtures("newsletter")
def test_a_user_can_change_a_rule_of_such_an_exporter(bench: Any, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "newsletter.toml").write_text("caps.zips = {value = 9}")
    assert load_rules("newsletter", own).caps.zips != load_rules("newsletter").caps.zips
    targets = bench.targets(zips=["60601", "00501", "60603"])
    files = export_targets("newsletter", targets, bench.context(rules_folder=own)).files
    assert [file.name for file in files if not file.is_checklist] == ["newsletter.txt"]


def test_an_exporter_without_a_reader_is_refused(bench: Any, folder: Path) -> None:
    without = NEWSLETTER.replace("READER = FileReader(read_newsletter)\n", "")
    (folder / "newsletter.py").write_text(without)
    (folder / "rules").mkdir()
    (folder / "rules" / "newsletter.toml").write_text(RULES)
    with pytest.raises(ExportError, match="'newsletter' has no reader"):
        export_targets("newsletter", bench.targets(zips=["60601"]), bench.context())
