"""Counties have their names without a file server."""

from pathlib import Path

import pandas as pd
import pytest

from outreach.counties import name_area, name_county


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("17031", "Cook County"),
        ("29510", "St. Louis city"),
        ("35013", "Do\u00f1a Ana County"),
        ("46102", "Oglala Lakota County"),
        ("02063", "Chugach Census Area"),
        ("09001", "Fairfield County"),
        ("09110", "Capitol Planning Region"),
        ("72127", "San Juan Municipio"),
        ("99999", ""),
    ],
)
def test_a_county_is_named_by_its_code(code: str, name: str) -> None:
    assert name_county(code) == name


def test_an_area_is_named_as_people_do() -> None:
    assert name_area("17", "031") == "Cook County, Illinois"
    assert name_area("11") == "District of Columbia"
    assert name_area("98", "001") == "FIPS 98001"
    assert name_area("17", "999") == "FIPS 17999, Illinois"
    assert name_area("98") == "FIPS 98"


@pytest.mark.real
def test_every_county_of_the_real_season_has_a_name(real_data: Path) -> None:
    codes: set[str] = set()
    for file in sorted((real_data / "responserate").glob("state_*.parquet")):
        ids = pd.read_parquet(file, columns=["GEO_ID"])["GEO_ID"]
        codes |= set(ids.str[-11:-6].unique())
    assert len(codes) > 3000
    assert [code for code in sorted(codes) if not name_county(code)] == []
