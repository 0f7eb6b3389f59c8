"""Every source of a crosswalk is read into one table with method, unit, and kinds."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from geo.crosswalk.carry import carry_shares
from geo.crosswalk.sources import (
    read_hud,
    read_user_crosswalk,
    read_zcta_relationship,
)
from outreach.errors import GeographyError, InputError

ZCTA_HEADER = (
    "OID_ZCTA5_20|GEOID_ZCTA5_20|NAMELSAD_ZCTA5_20|AREALAND_ZCTA5_20|AREAWATER_ZCTA5_20|"
    "MTFCC_ZCTA5_20|CLASSFP_ZCTA5_20|FUNCSTAT_ZCTA5_20|OID_TRACT_20|GEOID_TRACT_20|"
    "NAMELSAD_TRACT_20|AREALAND_TRACT_20|AREAWATER_TRACT_20|MTFCC_TRACT_20|FUNCSTAT_TRACT_20|"
    "AREALAND_PART|AREAWATER_PART"
)


def zcta_row(zcta: str, tract: str, land: int, water: int) -> str:
    return f"1|{zcta}||||||||{tract}||||||{land}|{water}"


def test_land_outside_every_zcta_stays_as_an_empty_target() -> None:
    rows = [
        zcta_row("01001", "01003010100", 30, 5),
        zcta_row("", "01003010100", 10, 0),
        zcta_row("", "01003990000", 0, 7),
    ]
    crosswalk = read_zcta_relationship(("\ufeff" + "\n".join([ZCTA_HEADER, *rows])).encode())
    weights = crosswalk.set_index(["source", "target"])["weight"].to_dict()
    assert weights == {
        ("01003010100", "01001"): 0.75,
        ("01003010100", ""): 0.25,
        ("01003990000", ""): 1.0,
    }
    assert set(crosswalk["target_kind"]) == {"zcta"}
    assert list(crosswalk["unit"]) == ["land_area", "land_area", "area"]


HUD = pd.DataFrame(
    {
        "TRACT": ["1003010100", "1003010100", "17031010100"],
        "ZIP": ["1001", "60601", "60601"],
        "USPS_ZIP_PREF_CITY": ["A", "B", "B"],
        "RES_RATIO": ["0.6", "0.39", "0"],
        "TOT_RATIO": ["0.6", "0.4", "1"],
    }
)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xlsx with numbers"])
def test_huds_file_gives_zips_with_leading_zeros(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"TRACT_ZIP_122023.{kind.split(maxsplit=1)[0]}"
    if kind == "csv":
        HUD.to_csv(path, index=False)
    else:
        numbers = {"TRACT": "int64", "ZIP": "int64", "RES_RATIO": "float64"}
        table = HUD.astype(numbers) if kind == "xlsx with numbers" else HUD
        table.to_excel(path, index=False, engine="xlsxwriter")
    crosswalk = read_hud(path)
    weights = crosswalk.set_index(["source", "target"])["weight"].to_dict()
    assert weights == {
        ("01003010100", "01001"): pytest.approx(0.6 / 0.99),
        ("01003010100", "60601"): pytest.approx(0.39 / 0.99),
        ("17031010100", ""): 1.0,
    }
    assert set(crosswalk["target_kind"]) == {"zip"}
    assert set(crosswalk["method"]) == {"hud"}


def test_huds_zip_to_tract_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ZIP_TRACT_122023.csv"
    HUD.assign(RES_RATIO=["0.9", "0.8", "0.7"]).to_csv(path, index=False)
    with pytest.raises(InputError, match="more than 1 within a tract, as in HUD's ZIP-to-tract"):
        read_hud(path)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("1,60601,1\n1,60601,1\n2,60601,1\n", "TRACT 17031010101 and ZIP 60601 appear in more"),
        ("1,60601,0.5\n1,60602,0.5\n1,60601,0.4\n1,60602,0.6\n", "appear in more than one row"),
        ("1,60601,0.3\n2,60601,0.7\n3,60602,1\n", "adds up to 1 within ZIPs and not within"),
        ("1,60601,0.3\n1,60602,0.3\n2,60601,0.3\n", "within tract 17031010101, not to 1.*rows are"),
        ("1,6.06E+04,1\n", "ZIP is '6.06E\\+04': a spreadsheet rounded"),
        ("1,60601-1234,1\n", "ZIP is '60601-1234', not a code of 5 digits"),
    ],
)
def test_a_spoiled_hud_file_says_what_is_wrong_with_it(
    tmp_path: Path, rows: str, sentence: str
) -> None:
    path = tmp_path / "TRACT_ZIP.csv"
    lines = [f"1703101010{row}" for row in rows.splitlines()]
    path.write_text("\n".join(["TRACT,ZIP,RES_RATIO", *lines]))
    with pytest.raises(InputError, match=sentence):
        read_hud(path)


def test_an_excel_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "TRACT_ZIP_122023.xlsx"
    path.write_bytes(b"PK not Excel")
    with pytest.raises(InputError):
        read_hud(path)


def user_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_a_users_table_keeps_codes_as_text_and_puts_missing_shares_nowhere(tmp_path: Path) -> None:
    path = user_file(tmp_path, "Source;Target;Weight\n01001000100;01;0.6\n01001000200;02;0.999\n")
    crosswalk = read_user_crosswalk(path, "households", ("tract2010", "ward"))
    weights = crosswalk.set_index(["source", "target"])["weight"].to_dict()
    assert weights == {
        ("01001000100", "01"): pytest.approx(0.6),
        ("01001000100", ""): pytest.approx(0.4),
        ("01001000200", "02"): 1.0,
    }


def test_a_users_row_without_a_target_takes_the_missing_share(tmp_path: Path) -> None:
    path = user_file(tmp_path, "source,target,weight\na,x,0.5\na,,0.1\n")
    crosswalk = read_user_crosswalk(path, "households", ("tract2010", "ward"))
    assert crosswalk.set_index("target")["weight"].to_dict() == {
        "x": pytest.approx(0.5),
        "": pytest.approx(0.5),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source,target,weight\na,x,1\nb,x,\n", "weight is '' in data row 2"),
        ("source,target,weight\na,x,inf\n", "weight is 'inf' in data row 1"),
        ("source,target,weight\na,x,60\na,y,40\n", "add up to 100, more than 1"),
        ("source,target,weight\na,x,-0.5\n", "weight is '-0.5' in data row 1"),
        ("source,target,weight\na,x,1\nb,x,half\n", "weight is 'half' in data row 2"),
        ("source,goal,weight\na,x,1\n", "no column target"),
        ("source,target,weight\na,x,0.4\na,x,0.5\n", "the pair a - x appears twice"),
    ],
)
def test_a_users_mistake_is_reported_with_its_row_or_column(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises((GeographyError, InputError), match=message):
        read_user_crosswalk(user_file(tmp_path, text), "households", ("tract2010", "ward"))


@pytest.mark.real
def test_the_citys_own_table_is_read(real_data: Path, tmp_path: Path) -> None:
    raw = pd.read_parquet(
        real_data / "crosswalks" / "chicago_tract2010_to_ward_households.parquet"
    ).dropna(subset=["TRACT"])
    raw = raw.rename(columns={"TRACT": "source", "ward": "target", "allocation": "weight"}).astype(
        {"target": int}
    )
    raw[["source", "target", "weight"]].to_csv(tmp_path / "wards.csv", index=False)
    crosswalk = read_user_crosswalk(tmp_path / "wards.csv", "households", ("tract2010", "ward"))
    assert crosswalk["source"].nunique() == 791
    assert crosswalk["target"].nunique() == 50


@pytest.mark.real
def test_the_published_rates_on_2010_tracts_are_reproduced(real_data: Path, real_cook: Any) -> None:
    """Published figures are not renormalized; coverage x the sum of percentages undoes ours."""
    folder = real_data / "responserate"
    rows = pd.concat(
        pd.read_parquet(
            folder / f"state_{state}.parquet", columns=["GEO_ID", "RESP_DATE", "CRRALL", "CRRINT"]
        ).loc[lambda table: table["RESP_DATE"].astype(str) == "2020-10-16"]
        for state in ("17", "18", "55")
    )
    rates = rows.set_index(rows["GEO_ID"].str[-11:])[["CRRALL", "CRRINT"]].astype(float).round(1)
    carried = carry_shares(rates, real_cook.forward)
    housing = real_cook.forward[real_cook.forward["unit"] == "housing_units"]["source"]
    sums = real_cook.records.groupby("GEOID10")["HUCURPCT_T10"].sum() / 100
    ours = (carried.table.fillna(0) * carried.coverage).mul(
        sums.reindex(carried.table.index), axis=0
    )
    published = pd.read_parquet(
        real_data / "reference" / "rates_on_2010_tracts_2020-10-16.parquet"
    ).set_index("GEOID")
    common = published.index.intersection(ours.index[ours.index.str[:2] == "17"]).intersection(
        pd.Index(housing.unique())
    )
    assert len(common) > 3_000
    difference = (published.loc[common, ["CRRALL", "CRRINT"]] - ours.loc[common]).abs()
    assert np.nanmax(difference.to_numpy()) < 1e-3
