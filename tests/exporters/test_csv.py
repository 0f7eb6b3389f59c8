"""The plain list opens in a spreadsheet without a running formula or a lost zero."""

import csv
import io
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.exporters.csv import write_csv


def read_back(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_target_is_there_best_first_with_its_zeros(bench: Any) -> None:
    targets = bench.targets(
        tracts=["01001000200", "01001000100"],
        rank=[2, 1],
        latitude=[-41.12345678, 41.0],
        longitude=[-87.5, float("nan")],
        households_count=[100.4, float("nan")],
        budget_usd=[12.345, 0],
    )
    (file,) = write_csv(targets, bench.context())
    rows = read_back(file.content)
    assert [row["place"] for row in rows] == ["01001000100", "01001000200"]
    assert rows[0]["geo_id"] == "1400000US01001000100"
    assert rows[1]["data_date"] == "2020-05-28"
    assert rows[1]["latitude"] == "-41.123457"
    assert rows[1]["budget_usd"] in ("12.34", "12.35")
    assert rows[0]["households_count"] == rows[0]["longitude"] == ""


def test_the_header_is_byte_exact(bench: Any) -> None:
    (file,) = write_csv(bench.targets(zips=["00501"]), bench.context())
    names = (
        "rank,unit_id,kind,place,geo_id,label,data_date,arm,budget_usd,impressions_count,"
        "households_count,missing_households_count,latitude,longitude,radius_km,why,campaign,run,version,approval"
    )
    quoted = ",".join(f'"{name}"' for name in names.split(","))
    assert file.content.split(b"\r\n")[0] == b"\xef\xbb\xbf" + quoted.encode()


def test_the_list_says_where_it_comes_from_and_whether_it_is_approved(bench: Any) -> None:
    (draft,) = write_csv(bench.targets(zips=["00501"]), bench.context())
    (final,) = write_csv(
        bench.targets(zips=["00501"]), bench.context(approved_by="Ada", version="f" * 64)
    )
    (row,) = read_back(draft.content)
    assert (row["run"], row["version"], row["approval"], row["arm"]) == (
        bench.run,
        bench.run,
        "DRAFT",
        "treat",
    )
    (row,) = read_back(final.content)
    assert (row["version"], row["approval"]) == ("f" * 64, "approved by Ada")


def test_units_held_out_are_not_in_the_list(bench: Any) -> None:
    targets = bench.targets(zips=["60601", "60602", "60603"], arm=["holdout", "treat", "buffer"])
    (file,) = write_csv(targets, bench.context())
    assert [row["place"] for row in read_back(file.content)] == ["60602"]


def test_an_empty_list_is_a_header(bench: Any) -> None:
    targets: pd.DataFrame = bench.targets(zips=["60601"]).iloc[:0]
    (file,) = write_csv(targets, bench.context())
    assert read_back(file.content) == []


@settings(max_examples=30)
@given(st.text(min_size=1), st.text(min_size=1))
def test_no_text_cell_can_start_a_formula(bench: Any, label: str, why: str) -> None:
    targets = bench.targets(zips=["60601"], label=label, why=why)
    (file,) = write_csv(targets, bench.context(bench.brief("=HYPERLINK(1)")))
    for row in read_back(file.content):
        assert row["campaign"] == "'=HYPERLINK(1)"
        for cell in (row["label"], row["why"]):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@settings(max_examples=30)
@given(st.sets(st.from_regex(r"[0-9]{11}", fullmatch=True), min_size=1, max_size=30))
def test_no_geoid_loses_a_zero(bench: Any, geoids: set[str]) -> None:
    (file,) = write_csv(bench.targets(tracts=sorted(geoids)), bench.context())
    rows = read_back(file.content)
    assert [row["place"] for row in rows] == sorted(geoids)
    assert [row["geo_id"].removeprefix("1400000US") for row in rows] == sorted(geoids)
