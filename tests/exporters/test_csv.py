"""The plain list opens in a spreadsheet without running anything and without losing a zero."""

import csv
import datetime as dt
import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from outreach.campaign import Campaign, parse_campaign
from outreach.exporters.csv import write_csv
from outreach.tables import Targets, check


def campaign(name: str = "Test") -> Campaign:
    return parse_campaign(
        {
            "name": name,
            "census_year": 2020,
            "areas": [{"state": "01"}],
            "goal_percent": 70,
            "deadline": dt.date(2020, 10, 15),
            "budget_usd": 1000,
        },
        "test",
    )


def targets(label: str = "Tract 2", why: str = "why") -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "kind": "tract",
            "place": ["01001000200", "01001000100"],
            "label": label,
            "data_date": pd.Timestamp("2020-05-01"),
            "arm": "treat",
            "latitude": [-41.12345678, 41.0],
            "longitude": [-87.5, float("nan")],
            "radius_km": float("nan"),
            "households_count": [100.4, float("nan")],
            "missing_households_count": [50.6, 3],
            "budget_usd": [12.345, 0],
            "impressions_count": [1000.0, 0],
            "rank": [2, 1],
            "why": why,
        }
    )
    table.index = pd.Index("tract-" + table["place"], name="unit_id")
    return check(table, Targets, "test")


def read_back(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_target_is_there_best_first_with_its_zeros() -> None:
    (file,) = write_csv(targets(), campaign())
    rows = read_back(file.content)
    assert [row["place"] for row in rows] == ["01001000100", "01001000200"]
    assert rows[0]["geo_id"] == "1400000US01001000100"
    assert rows[1]["data_date"] == "2020-05-01"
    assert rows[1]["latitude"] == "-41.123457"
    assert rows[1]["budget_usd"] == "12.35" or rows[1]["budget_usd"] == "12.34"
    assert rows[0]["households_count"] == rows[0]["longitude"] == ""


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_text_cell_can_start_a_formula(label: str, why: str) -> None:
    (file,) = write_csv(targets(label, why), campaign("=HYPERLINK(1)"))
    for row in read_back(file.content):
        assert row["campaign"] == "'=HYPERLINK(1)"
        for cell in (row["label"], row["why"]):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
