"""Text in the workbook stays text, and nothing in it is a formula."""

import io
import re
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.exporters.base.exporter import Setting, View
from outreach.exporters.excel import write_excel

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def parse_book(content: bytes) -> dict[str, list[list[str | float]]]:
    """Return the rows of each sheet; text cells are str, number cells are float."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = [
            node.get("name", "")
            for node in ET.fromstring(book.read("xl/workbook.xml")).iterfind(".//x:sheet", NS)
        ]
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        texts = [
            "".join(part.text or "" for part in item.iter(f"{{{NS['x']}}}t")) for item in shared
        ]
        sheets = {}
        for number, name in enumerate(names, 1):
            tree = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            assert tree.find(".//x:f", NS) is None
            assert tree.find(".//x:hyperlink", NS) is None
            rows = []
            for row in tree.iterfind(".//x:row", NS):
                cells: list[str | float] = []
                for cell in row:
                    column = re.sub(r"\d", "", cell.get("r", ""))
                    while (
                        len(cells)
                        < sum(
                            (ord(letter) - 64) * 26**power
                            for power, letter in enumerate(column[::-1])
                        )
                        - 1
                    ):
                        cells.append("")
                    value = cell.findtext("x:v", "", NS)
                    cells.append(
                        texts[int(value)] if cell.get("t") == "s" else float(value) if value else ""
                    )
                rows.append(cells)
            sheets[name] = rows
    return sheets


def test_there_is_a_sheet_for_each_view(bench: Any) -> None:
    targets = bench.targets(zips=["00501", "60602", "60603"], arm=["treat", "holdout", "buffer"])
    settings = (Setting("cpm_usd", 20.0, "price of 1,000 impressions"),)
    context = bench.context(bench.brief(settings=settings), approved_by="Ada")
    (file,) = write_excel(targets, context)
    book = parse_book(file.content)
    assert list(book) == [
        "Summary",
        "Targets",
        "By arm",
        "Held out",
        "Assumptions",
        "Platform rules",
    ]
    assert ["Status", "approved by Ada"] in book["Summary"]
    assert ["Unspent, USD", 99_859.0] in book["Summary"]
    assert [row[3] for row in book["Targets"]] == ["place", "00501"]
    assert [row[3] for row in book["Held out"]] == ["place", "60602", "60603"]
    assert [row[:3] for row in book["By arm"][1:]] == [
        ["buffer", "zip", 1.0],
        ["holdout", "zip", 1.0],
        ["treat", "zip", 1.0],
    ]
    assert ["cpm_usd", 20.0, "price of 1,000 impressions"] in book["Assumptions"]
    rules = [row for row in book["Platform rules"] if row[:2] == ["google", "caps.pins"]]
    assert rules[0][2:4] == ["500", "VERIFIED"]


def test_each_view_of_the_run_has_its_own_sheet(bench: Any) -> None:
    orders = pd.DataFrame(
        {"language": ["=Korean"], "households_count": [65.04]}, index=pd.Index([1], name="order")
    )
    handoff = pd.DataFrame(
        {"missing_households_count": [float("nan")]}, index=pd.Index(["01001000300"], name="geoid")
    )
    views = (View("work_orders", "Work orders", orders), View("handoff", "Hand-off", handoff))
    (file,) = write_excel(bench.targets(zips=["60601"]), bench.context(views=views))
    book = parse_book(file.content)
    assert book["Work orders"] == [
        ["order", "language", "households_count"],
        [1.0, "=Korean", 65.0],
    ]
    assert book["Hand-off"][1][:2] == ["01001000300", "1400000US01001000300"]


def test_the_same_list_gives_the_same_bytes(bench: Any) -> None:
    targets = bench.targets(zips=["00501"])
    assert write_excel(targets, bench.context()) == write_excel(targets, bench.context())


def test_the_workbook_of_an_empty_list_says_so(bench: Any) -> None:
    (file,) = write_excel(bench.targets(zips=["00501"]).iloc[:0], bench.context())
    assert ["Units to advertise in", 0.0] in parse_book(file.content)["Summary"]


@settings(max_examples=30)
@given(
    text=st.one_of(
        st.text(max_size=40),
        st.sampled_from(["=1+1", "http://a.b", "mailto:a@b.c", "internal:A!A1", "{=1}"]),
    )
)
def test_hostile_text_stays_text(bench: Any, text: str) -> None:
    (file,) = write_excel(bench.targets(zips=["00501"], label=text, why=text), bench.context())
    assert parse_book(file.content)["Targets"][1][3] == "00501"


@settings(max_examples=20)
@given(st.sets(st.from_regex(r"[0-9]{11}", fullmatch=True), min_size=1, max_size=20))
def test_no_geoid_loses_a_zero(bench: Any, geoids: set[str]) -> None:
    (file,) = write_excel(bench.targets(tracts=sorted(geoids)), bench.context())
    assert [row[3] for row in parse_book(file.content)["Targets"][1:]] == sorted(geoids)
