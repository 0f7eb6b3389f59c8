"""The sandbox answers like the Census Data API, as the reference documents it."""

from collections.abc import Callable

import pytest
import requests

from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox

Ask = Callable[..., requests.Response]
HERE = ["state:99", "county:001"]
ACS = "/data/2018/acs/acs5"


def test_an_answer_is_rows_of_text_with_a_header_and_the_geography_last(
    ask: Ask, county: InventedCounty
) -> None:
    header, *rows = ask(get="CRRALL,GEO_ID,RESP_DATE", target="tract:*", within=HERE).json()
    assert header == ["CRRALL", "GEO_ID", "RESP_DATE", "state", "county", "tract"]
    assert len(rows) == len(county.season.geoids)
    assert all(isinstance(cell, str) for row in rows for cell in row)
    assert all(row[1] == "1400000US" + "".join(row[3:]) for row in rows)
    assert {row[2] for row in rows} == {"2020-05-28"}


def test_rows_are_not_sorted_and_their_order_differs_between_chunks(ask: Ask) -> None:
    def order(variables: str) -> list[str]:
        return [
            row[0]
            for row in ask(get=f"GEO_ID,{variables}", target="tract:*", within=HERE).json()[1:]
        ]

    first, second = order("CRRALL"), order("CRRINT")
    assert first != second
    assert sorted(first) == sorted(second)
    assert first != sorted(first)
    assert first == order("CRRALL")


@pytest.mark.parametrize(
    "within",
    [HERE, "state:99 county:001", "state:99", ["state:99", "county:*"], "state:99 county:001,003"],
)
def test_the_county_may_be_named_any_or_omitted(ask: Ask, within: object) -> None:
    assert len(ask(get="GEO_ID", target="tract:*", within=within).json()) == 802


@pytest.mark.parametrize(
    "query",
    [
        {"target": "tract:*"},
        {"target": "tract:*", "within": "state:*"},
        {"target": "tract:*", "within": "county:001"},
        {"target": "tract:*", "within": "state:98,99"},
        {"target": "village:*", "within": "state:99"},
        {"target": "county:*", "within": ["state:99", "place:30000"]},
        {"target": "tract:99-1", "within": "state:99"},
    ],
)
def test_a_wrong_hierarchy_is_refused(ask: Ask, query: dict[str, str]) -> None:
    answer = ask(get="GEO_ID", **query)
    assert (answer.status_code, answer.text) == (
        400,
        "error: unknown/unsupported geography hierarchy",
    )
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("target", ["county:*", "county:001", "state:*", "state:99"])
def test_larger_areas_need_no_parent(ask: Ask, target: str) -> None:
    header, row = ask(get="CRRALL", target=target).json()
    assert header[0] == "CRRALL"
    assert 50 < float(row[0]) < 70


def test_single_tracts_may_be_named(ask: Ask) -> None:
    rows = ask(get="CRRALL", target="tract:010100,010200", within=HERE).json()
    assert sorted(row[-1] for row in rows[1:]) == ["010100", "010200"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"get": "GEO_ID"}, "missing 'for' argument"),
        ({"target": "tract:*", "within": "state:99"}, "missing 'get' argument"),
        (
            {"get": "GEO_ID,XYZ", "target": "tract:*", "within": "state:99"},
            "unknown variable 'XYZ'",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_the_services_words(
    ask: Ask, query: dict[str, str], text: str
) -> None:
    answer = ask(**query)
    assert (answer.status_code, answer.text) == (400, f"error: {text}")


def test_fifty_variables_pass_and_fifty_one_do_not(ask: Ask, county: InventedCounty) -> None:
    served = county.dataset(2018, "acs/acs5")
    assert served is not None
    names = [name for name in served.labels if name.startswith("B")]
    assert ask(ACS, get=",".join(names[:50]), target="tract:*", within=HERE).status_code == 200
    assert ask(ACS, get=",".join(names[:51]), target="tract:*", within=HERE).status_code == 400


def test_no_rows_are_204_with_an_empty_body(
    ask: Ask, sandbox: Sandbox, county: InventedCounty
) -> None:
    answer = ask(get="GEO_ID", target="tract:*", within="state:17")
    assert (answer.status_code, answer.content) == (204, b"")
    sandbox.world = county.on(county.season.truth.lag_from.replace(month=3, day=19))
    assert ask(get="GEO_ID", target="tract:*", within="state:99").status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "/data/2051/acs/acs5",
        "/data/2020/dec/none",
        "/data/none/acs/acs5",
        "/data/2018/acs/acs5/none.json",
    ],
)
def test_what_does_not_exist_is_404_with_a_page(ask: Ask, path: str) -> None:
    answer = ask(path, get="NAME", target="state:*")
    assert answer.status_code == 404
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize(
    ("key", "kind"), [(None, "Missing"), ("", "Missing"), ("not-it", "Invalid")]
)
def test_a_request_without_a_valid_key_is_redirected_to_a_page(
    ask: Ask, key: str | None, kind: str
) -> None:
    for path in ("/data/2020/dec/responserate", "/data/2020/dec/responserate/variables.json"):
        answer = ask(path, key=key, get="CRRALL", target="state:*")
        assert answer.status_code == 302
        assert answer.headers["X-DataWebAPI-KeyError"] == "1"
        assert answer.headers["Location"].endswith(f"/data/{kind.lower()}_key.html")
    followed = requests.get(answer.url, timeout=120)
    assert followed.status_code == 200
    assert f"<title>{kind} Key</title>" in followed.text


def test_metadata_names_every_variable_and_its_type(ask: Ask) -> None:
    every = ask(f"{ACS}/variables.json").json()["variables"]
    assert every["B25003_001E"]["predicateType"] == "int"
    assert {"for", "in", "NAME", "GEO_ID", "B19013_001M"} <= set(every)
    single = ask(f"{ACS}/variables/B25003_001E.json").json()
    assert single == {"name": "B25003_001E", **every["B25003_001E"]}
    groups = ask(f"{ACS}/groups.json").json()["groups"]
    assert "B28002" in {group["name"] for group in groups}


def test_geography_states_the_rules_that_apply(ask: Ask) -> None:
    levels = {level["name"]: level for level in ask(f"{ACS}/geography.json").json()["fips"]}
    assert levels["tract"]["requires"] == ["state", "county"]
    assert levels["tract"]["wildcard"] == ["county"]


def test_missing_values_are_null(ask: Ask) -> None:
    header, *rows = ask(get="CAVG,GEO_ID", target="tract:*", within=HERE).json()
    assert header[0] == "CAVG"
    assert {row[0] for row in rows} == {None}
