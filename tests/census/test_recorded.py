"""Recorded replies of the real service give the right values, or the right sentence.

They lie beside the real data and are no part of this project.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from outreach.campaign import Area
from outreach.census import discover_datasets, fetch_profiles, fetch_rates
from outreach.census.labels import compare_labels
from outreach.connecticut import REGIONS, recode_tracts
from outreach.errors import (
    DataError,
    KeyRefused,
    NothingThere,
    QueryRefused,
    ServiceError,
    ServiceUnavailable,
)

pytestmark = pytest.mark.real

COOK = Area(state="17", county="031")
ACS = discover_datasets()["acs5"]


@pytest.fixture(scope="module")
def recorded(real_data: Path) -> Path:
    folder = real_data.parent / "recorded"
    if not folder.is_dir():
        pytest.skip("the recorded replies are not here (a folder recorded beside the real data)")
    return folder


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def serve_rows(api: Any, rows: list[dict[str, str]]) -> None:
    """Answer with the requested columns of recorded rows."""

    def body(query: dict[str, str]) -> str:
        columns = [*query["get"].split(","), "state", "county", "tract"]
        table = [[row[name] if row[name] != "" else None for name in columns] for row in rows]
        return json.dumps([columns, *table])

    api.serve(api.reply(body))


@pytest.mark.parametrize(
    ("state", "day", "count"),
    [
        ("01", "2020-10-16", 1429),
        ("02", "2020-03-23", 157),
        ("02", "2020-10-16", 157),
        ("02", "2021-01-29", 157),
        ("09", "2020-10-16", 868),
        ("11", "2020-03-23", 202),
        ("11", "2020-10-16", 202),
        ("11", "2021-01-29", 202),
    ],
)
def test_a_recorded_reply_with_rates_comes_in_whole(
    state: str, day: str, count: int, recorded: Path, api: Any, transport: Any
) -> None:
    name = f"api_reply_state{int(state)}_{day}.csv"
    rows = read_rows(recorded / "responserate" / name)
    serve_rows(api, rows)
    rates = fetch_rates(2020, Area(state=state), transport)
    assert len(rates) == len(rows) == count
    assert set(rates["data_date"]) == {pd.Timestamp(day)}
    for row in rows[:20]:
        geoid = row["GEO_ID"].removeprefix("1400000US")
        assert rates.loc[geoid, "cumulative_share"] == round(float(row["CRRALL"]) / 100, 6)
        assert rates.loc[geoid, "internet_share"] == round(float(row["CRRINT"]) / 100, 6)


def test_codes_that_lost_their_zeros_are_refused_by_name(
    recorded: Path, api: Any, transport: Any
) -> None:
    rows = read_rows(recorded / "responserate" / "chicago_cook_2020-03-23_first400.csv")
    serve_rows(api, rows)
    with pytest.raises(ServiceError, match="is not a tract of the area"):
        fetch_rates(2020, COOK, transport)


def test_every_final_rate_is_declared_as_the_service_labels_it(recorded: Path) -> None:
    declared = discover_datasets()["selfresponserate"].variables
    rows = read_rows(recorded / "responserate" / "selfresponserate_variables.csv")
    assert [variable.codes for variable in declared] == [(row["variable"],) for row in rows]
    parts = {
        "internet": "Internet ",
        "paper": "Paper ",
        "phone": "CQA ",
        "return": "eturn rate",
        "undeliverable": "UAA rate",
        "start": "start of NRFU",
        "cut": "NRFU cut date",
        "2010": "2010",
        "final": "inal",
    }
    for variable, row in zip(declared, rows, strict=True):
        label = row["label"].replace("(Internet+Paper+CQA) ", "")
        words = set(variable.name.split("_"))
        for word, part in parts.items():
            assert (word in words) == (part in label), (variable.name, row["label"])


@pytest.mark.parametrize("vintage", [2017, 2018, 2019, 2023])
def test_declared_labels_are_the_bureaus_in_each_vintage(
    vintage: int, recorded: Path, api: Any, transport: Any
) -> None:
    if vintage <= 2019:
        rows = read_rows(recorded / "acs" / "acs5_labels_2009_2019.csv")
        labels = {row["code"]: row[str(vintage)] for row in rows}
    else:
        rows = read_rows(recorded / "acs" / "acs5_labels_2018_2019_and_newest.csv")
        labels = {row["code"]: "Estimate!!" + row["label_newest_cwi_acs_vars"] for row in rows}
    variables = {code: {"label": label} for code, label in labels.items() if label}
    api.serve(api.reply(json.dumps({"variables": variables})))
    datasets = [ACS, discover_datasets()["race"]]
    report = compare_labels(datasets, vintage, transport)
    assert report.count == 71
    assert api.paths == [f"/data/{vintage}/acs/acs5/variables.json"]


def test_periods_of_movers_are_the_recorded_ones(recorded: Path) -> None:
    rows = read_rows(recorded / "acs" / "B25038_periods_by_vintage.csv")
    for row in rows:
        if int(row["vintage"]) < ACS.first_vintage:
            continue
        labels = {
            code: label
            for variable in ACS.list_variables(int(row["vintage"]))
            for code, label in zip(variable.codes, variable.bureau_labels, strict=True)
        }
        for column, cells in (
            ("cells_003_010", (3, 10)),
            ("cells_004_011", (4, 11)),
            ("cells_008_015", (8, 15)),
        ):
            for cell in cells:
                assert labels[f"B25038_{cell:03d}E"].endswith(f"Moved in {row[column]}"), row


def test_a_code_that_means_something_else_is_refused_with_both_labels(
    api: Any, transport: Any
) -> None:
    labels = {"B25038_004E": {"label": "Estimate!!Total:!!Owner occupied:!!Moved in 2015 to 2018"}}
    api.serve(api.reply(json.dumps({"variables": labels})))
    with pytest.raises(DataError, match=r"2015 to 2018' in the Bureau's list.*2018 to 2020'"):
        compare_labels([ACS], 2022, transport)


ERRORS: dict[str, type[ServiceError]] = {
    "busy or maintenance": ServiceUnavailable,
    "fault on their side": ServiceUnavailable,
    "unknown variable": QueryRefused,
    "wrong geography": QueryRefused,
    "wrong geography (older)": QueryRefused,
    "malformed predicate": QueryRefused,
    "not there at that geography": QueryRefused,
    "dataset not there": QueryRefused,
    "too many without a key": ServiceUnavailable,
    "no rows": NothingThere,
}


def test_every_recorded_error_is_the_right_sentence(
    recorded: Path, api: Any, transport: Any
) -> None:
    tried = 0
    for row in read_rows(recorded / "errors" / "texts.csv"):
        text, digits = row["body_or_header"], row["status"][:3]
        if row["what"] in {"no key", "bad key"}:
            location = "https://api.census.gov/data/missing_key.html"
            headers = {"Location": location, "X-DataWebAPI-KeyError": "1"}
            is_redirect = digits == "302"
            title = "Missing Key" if row["what"] == "no key" else "Invalid Key"
            page = f"<html><head><title>{title}</title></head></html>"
            reply = api.reply("", 302, headers=headers) if is_redirect else api.reply(page)
            expected: type[ServiceError] = KeyRefused
        else:
            status = int(digits) if digits.isdigit() else 200
            reply = api.reply("" if status == 204 else text, status)
            expected = ERRORS[row["what"]]
        api.serve(reply)
        with pytest.raises(expected) as caught:
            fetch_rates(2020, COOK, transport)
        assert "Traceback" not in str(caught.value)
        tried += 1
    assert tried == 13


def test_connecticuts_tracts_meet_by_their_last_six_digits(recorded: Path) -> None:
    rows = read_rows(recorded / "ct" / "2022tractcrosswalk_first60.csv")
    old = pd.Index([row["tract_fips_2020"] for row in rows], name="geoid")
    new = pd.Index([row["Tract_fips_2022"] for row in rows], name="geoid")
    assert recode_tracts(new, old).tolist() == old.tolist()
    assert recode_tracts(old, new).tolist() == new.tolist()
    for row in rows:
        region, name = row["ce_fips_2022"], row["ce_name_2022"]
        assert REGIONS[region[2:]] == name.removesuffix(" Planning Region")


def test_a_gidtr_that_lost_its_zero_is_padded(api: Any, transport: Any) -> None:
    database = discover_datasets()["planning_database"]
    codes = database.codes(2020)

    def body(query: dict[str, str]) -> str:
        columns = query["get"].split(",")
        values = {"GIDTR": "1001020100"} | dict.fromkeys(codes, "20.5")
        return json.dumps(
            [
                [*columns, "state", "county", "tract"],
                [*(values[name] for name in columns), "01", "001", "020100"],
            ]
        )

    api.serve(api.reply(body))
    profiles = fetch_profiles(database, 2020, Area(state="01"), transport)
    assert profiles.index.tolist() == ["01001020100"]


@pytest.mark.parametrize("vintage", range(2017, 2025))
def test_each_vintage_of_the_acs_is_declared_on_its_tracts(vintage: int) -> None:
    names = {variable.name for variable in ACS.list_variables(vintage)}
    assert len(ACS.codes(vintage)) == 132
    assert ACS.tract_year[vintage] == (2010 if vintage < 2020 else 2020)
    since = {2017: 2010, 2022: 2018, 2023: 2018, 2024: 2020}.get(vintage, 2015)
    assert f"moved_since_{since}_households_count" in names
    assert f"moved_before_{1980 if vintage == 2017 else 1990}_households_count" in names


@pytest.mark.parametrize(
    ("vintage", "tract_year", "period", "codes"),
    [
        (2020, 2010, "14_18", {"Low_Response_Score", "Mail_Return_Rate_CEN_2010"}),
        (2022, 2020, "16_20", {"Mail_Return_Rate_CEN_2010", "Self_Response_Rate_ACS_16_20"}),
        (2023, 2020, "17_21", {"Mail_Return_Rate_CEN_2020", "Self_Response_Rate_ACS_17_21"}),
        (2024, 2020, "18_22", {"Mail_Return_Rate_CEN_2020", "Tot_GQ_CEN_2020"}),
        (2026, 2020, "20_24", {"Mail_Return_Rate_CEN_2020", "Self_Response_Rate_ACS_20_24"}),
    ],
)
def test_each_planning_database_is_declared_on_its_tracts(
    vintage: int, tract_year: int, period: str, codes: set[str]
) -> None:
    database = discover_datasets()["planning_database"]
    assert database.tract_year[vintage] == tract_year
    assert codes <= set(database.codes(vintage))
    assert f"MLT_U10p_ACS_{period}" in database.codes(vintage)


def test_one_unknown_variable_drops_that_variable_alone(api: Any, transport: Any) -> None:
    database = discover_datasets()["planning_database"]
    unknown = "Crowd_Occp_U_ACS_14_18"
    served = dict.fromkeys(database.codes(2020), "20.5")
    table = api.table({"17031010100": served})
    api.serve(api.reply(f"error: unknown variable '{unknown}'", 400), table)
    profiles = fetch_profiles(database, 2020, COOK, transport)
    assert "crowded_households_count" not in profiles
    assert profiles.loc["17031010100", "low_response_score"] == 20.5
    assert unknown not in api.queries[1]["get"]


def test_a_vintage_before_the_internet_tables_is_refused(transport: Any) -> None:
    with pytest.raises(QueryRefused, match=r"acs5 2016 cannot be used: .*internet.* 2017 or later"):
        fetch_profiles(ACS, 2016, COOK, transport)
