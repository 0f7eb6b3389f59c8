"""The census client sends the right requests, returns the right figures, and names each fault."""

import dataclasses
import json
import math
import random
from typing import Any

import pandas as pd
import pytest

from outreach.campaign import Area
from outreach.census import (
    count_requests,
    discover_datasets,
    fetch_dataset,
    fetch_profiles,
    fetch_rates,
)
from outreach.dataset import Dataset, Unit, Variable
from outreach.errors import AnswerMalformed, NothingThere, OutOfRange

COOK = Area(state="17", county="031")
LOOP, NORTH = "17031320100", "17031010100"

DEMO = Dataset(
    name="demo",
    path="demo/tract",
    vintages=(2018,),
    variables=(
        Variable("people_count", ("A_001E", "A_002E"), Unit.COUNT, high=10_000, margin=True),
        Variable("income_usd", ("B_001E",), Unit.USD, high=1_000_000),
        Variable("online_share", ("pct_{acs}",), Unit.SHARE, high=100),
        Variable("note", ("NOTE",), Unit.TEXT),
    ),
)
ROW = {
    "A_001E": "30",
    "A_001M": "3",
    "A_002E": "12",
    "A_002M": "4",
    "B_001E": "52000",
    "pct_12_16": "67.3",
    "NOTE": "007",
}


def test_one_county_takes_one_request_with_the_real_key(api: Any, transport: Any, key: str) -> None:
    api.serve(api.table(api.rates(LOOP, NORTH)))
    fetch_rates(2020, COOK, transport)
    assert api.paths == ["/data/2020/dec/responserate"]
    assert api.queries == [
        {
            "get": "GEO_ID,RESP_DATE,CRRALL,CRRINT,DRRALL,DRRINT",
            "for": "tract:*",
            "in": "state:17 county:031",
            "key": key,
        }
    ]


def test_rates_become_shares_by_tract_on_the_bureaus_own_date(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(LOOP, NORTH)))
    rates = fetch_rates(2020, COOK, transport)
    assert list(rates.index) == [NORTH, LOOP]
    assert rates.index.name == "geoid"
    row = rates.loc[LOOP]
    assert row["data_date"] == pd.Timestamp("2020-10-16")
    assert (row["cumulative_share"], row["internet_share"], row["daily_share"]) == (
        0.673,
        0.619,
        0.001,
    )


def test_leading_zeros_stay(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates("01001000100")))
    assert list(fetch_rates(2020, Area(state="01"), transport).index) == ["01001000100"]
    assert api.queries[0]["in"] == "state:01"


@pytest.mark.parametrize("name", sorted(discover_datasets()))
def test_each_dataset_takes_the_fewest_requests_and_is_joined_by_tract(
    name: str, api: Any, transport: Any
) -> None:
    dataset = discover_datasets()[name]
    vintage = dataset.vintages[0]
    codes = dataset.codes(vintage)
    table = {
        geoid: {
            code: "2020-10-16" if code == "RESP_DATE" else str(rng.randrange(0, 90))
            for code in codes
        }
        for geoid in (f"17031{number:06d}" for number in range(30))
        for rng in [random.Random(geoid)]
    }
    api.serve(api.table(table))
    figures = fetch_dataset(dataset, vintage, COOK, transport)
    least = math.ceil(len(codes) / 49)
    assert len(api.queries) == count_requests(dataset, vintage) == least
    assert all(len(query["get"].split(",")) <= 50 for query in api.queries)
    assert list(figures.index) == sorted(table)
    for variable in dataset.list_variables(vintage):
        if variable.unit in {Unit.COUNT, Unit.USD}:
            sums = [
                sum(int(table[geoid][dataset.spell(code, vintage)]) for code in variable.codes)
                for geoid in figures.index
            ]
            assert figures[variable.name].tolist() == sums


def test_sums_margins_and_units_follow_the_declaration(api: Any, transport: Any) -> None:
    api.serve(api.table({NORTH: ROW}))
    row = fetch_profiles(DEMO, 2018, COOK, transport).loc[NORTH]
    assert row["people_count"] == 42
    assert row["people_count_moe"] == 5
    assert row["income_usd"] == 52_000
    assert row["online_share"] == 0.673
    assert row["note"] == "007"


@pytest.mark.parametrize(
    "jam", ["-666666666", "-666666666.0", "-999999999", "-888888888", "-222222222", None, ""]
)
def test_a_jam_value_is_missing_and_so_is_a_sum_with_it(
    jam: str | None, api: Any, transport: Any
) -> None:
    api.serve(api.table({NORTH: {**ROW, "A_002E": jam, "A_002M": jam, "B_001E": jam}}))
    row = fetch_profiles(DEMO, 2018, COOK, transport).loc[NORTH]
    assert row[["people_count", "people_count_moe", "income_usd"]].isna().all()
    assert row["online_share"] == 0.673


def test_a_controlled_estimate_has_no_sampling_error(api: Any, transport: Any) -> None:
    api.serve(api.table({NORTH: {**ROW, "A_002M": "-555555555"}}))
    assert fetch_profiles(DEMO, 2018, COOK, transport).loc[NORTH, "people_count_moe"] == 3


def test_named_tracts_are_picked_from_their_county(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(LOOP, NORTH)))
    rates = fetch_rates(2020, Area(state="17", tracts=(LOOP,)), transport)
    assert list(rates.index) == [LOOP]
    assert api.queries[0]["in"] == "state:17 county:031"


def test_tracts_of_two_counties_are_picked_from_their_state(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(LOOP, NORTH, "17043840000")))
    rates = fetch_rates(2020, Area(state="17", tracts=(LOOP, "17043840000")), transport)
    assert list(rates.index) == [LOOP, "17043840000"]
    assert api.queries[0]["in"] == "state:17"


def test_a_place_is_requested_as_its_county(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(LOOP)))
    fetch_rates(2020, Area(state="17", county="031", place="14000"), transport)
    assert api.queries[0]["in"] == "state:17 county:031"


def test_an_empty_answer_is_an_empty_dataset_but_an_error_for_rates(
    api: Any, transport: Any
) -> None:
    api.serve(api.reply(status=204))
    assert fetch_dataset(DEMO, 2018, COOK, transport).empty
    with pytest.raises(NothingThere, match="responserate 2020 has no row for state 17, county 031"):
        fetch_rates(2020, COOK, transport)
    with pytest.raises(NothingThere, match="demo 2018"):
        fetch_profiles(DEMO, 2018, COOK, transport)


def test_a_rate_of_140_percent_is_refused_with_its_tract(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(LOOP) | api.rates(NORTH, CRRALL="140.0")))
    with pytest.raises(
        OutOfRange,
        match=rf"responserate 2020, state 17, county 031: CRRALL of tract {NORTH} is 140.0",
    ):
        fetch_rates(2020, COOK, transport)


@pytest.mark.parametrize(
    ("code", "value", "sentence"),
    [
        ("CRRALL", "many", rf"CRRALL of tract {NORTH} is not a number: 'many'"),
        ("CRRALL", "inf", "is not a number: 'inf'"),
        ("CRRALL", "nan", "is not a number: 'nan'"),
        ("CRRALL", None, rf"CRRALL of tract {NORTH} is missing"),
        ("CRRALL", "-666666666", rf"CRRALL of tract {NORTH} is missing"),
        ("RESP_DATE", "yesterday", "is not a date: 'yesterday'"),
        ("RESP_DATE", None, rf"RESP_DATE of tract {NORTH} is missing"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(
    code: str, value: str | None, sentence: str, api: Any, transport: Any
) -> None:
    api.serve(api.table(api.rates(LOOP) | api.rates(NORTH, **{code: value})))
    with pytest.raises(AnswerMalformed, match=sentence):
        fetch_rates(2020, COOK, transport)


def test_a_negative_figure_that_is_not_a_jam_value_is_out_of_range(
    api: Any, transport: Any
) -> None:
    api.serve(api.table({NORTH: {**ROW, "A_001E": "-5"}}))
    with pytest.raises(OutOfRange, match="A_001E"):
        fetch_profiles(DEMO, 2018, COOK, transport)
    api.serve(api.table({NORTH: {**ROW, "A_001M": "-5"}}))
    with pytest.raises(OutOfRange, match="A_001M"):
        fetch_profiles(DEMO, 2018, COOK, transport)


def test_a_row_that_contradicts_itself_is_refused(api: Any, transport: Any) -> None:
    table = api.rates(NORTH)
    table[NORTH]["GEO_ID"] = f"1400000US{LOOP}"
    api.serve(api.table(table))
    with pytest.raises(
        AnswerMalformed,
        match="GEO_ID '1400000US17031320100', state '17', county '031', tract '010100'",
    ):
        fetch_rates(2020, COOK, transport)


def test_a_tract_of_another_county_is_refused(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(NORTH, "17043840000")))
    with pytest.raises(AnswerMalformed, match="not a tract of the area"):
        fetch_rates(2020, COOK, transport)


def test_a_repeated_tract_is_refused(api: Any, transport: Any) -> None:
    api.serve(api.table(api.rates(NORTH)))
    rows = json.loads(api.replies[0].body({"get": "GEO_ID,RESP_DATE,CRRALL,CRRINT,DRRALL,DRRINT"}))
    api.serve(api.reply(json.dumps([*rows, rows[-1]])))
    with pytest.raises(AnswerMalformed, match="is there twice"):
        fetch_rates(2020, COOK, transport)


def test_parts_of_an_answer_must_hold_the_same_tracts(api: Any, transport: Any) -> None:
    acs = discover_datasets()["acs5"]
    figures = dict.fromkeys(acs.codes(2018), "1")
    api.serve(api.table({NORTH: figures, LOOP: figures}), api.table({NORTH: figures}))
    with pytest.raises(AnswerMalformed, match=f"different tracts, such as {LOOP}"):
        fetch_profiles(acs, 2018, COOK, transport)


def test_planning_database_codes_contain_their_period(api: Any, transport: Any) -> None:
    pdb = discover_datasets()["planning_database"]
    api.serve(api.table({NORTH: dict.fromkeys(pdb.codes(2020), "20.5")}))
    profiles = fetch_profiles(pdb, 2020, COOK, transport)
    assert "Crowd_Occp_U_ACS_14_18" in api.queries[0]["get"]
    assert api.queries[0]["get"].startswith("GIDTR,")
    assert profiles.loc[NORTH, "low_response_score"] == 20.5
    assert profiles.loc[NORTH, "mail_return_2010_share"] == 0.205


def test_a_code_in_two_declarations_is_requested_once(api: Any, transport: Any) -> None:
    twice = dataclasses.replace(
        DEMO, variables=(*DEMO.variables, Variable("more_count", ("A_001E",), Unit.COUNT))
    )
    api.serve(api.table({NORTH: ROW}))
    assert fetch_profiles(twice, 2018, COOK, transport).loc[NORTH, "more_count"] == 30
    assert api.queries[0]["get"].split(",").count("A_001E") == 1


def test_a_large_state_comes_in_whole(api: Any, transport: Any) -> None:
    acs = discover_datasets()["acs5"]
    codes = acs.codes(2018)
    figures = dict.fromkeys(codes, "17")
    table = api.table({f"06{number:09d}": figures for number in range(9_000)})
    parts = [
        json.dumps(json.loads(table.body({"get": ",".join(("GEO_ID", *codes[at : at + 49]))})))
        for at in range(0, len(codes), 49)
    ]
    api.serve(*(api.reply(part) for part in parts))
    profiles = fetch_profiles(acs, 2018, Area(state="06"), transport)
    assert len(profiles) == 9_000
