"""Every fault does what its name says, to the requests it names and no others."""

import io
import json
from collections.abc import Callable

import geopandas as gpd
import pytest
import requests

from outreach.errors import SettingsError
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.fault_injection import Fault, FaultKind, Faults, spoil_body
from outreach.sandbox.server import Sandbox

Ask = Callable[..., requests.Response]
QUERY = {"get": "GEO_ID,CRRALL", "target": "tract:*", "within": "state:99"}
TRACTS = "/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"


@pytest.fixture
def break_(sandbox: Sandbox) -> Callable[..., None]:
    """Set the faults of the running sandbox."""

    def set_faults(*texts: str) -> None:
        sandbox.faults = Faults.parse(texts)

    return set_faults


def test_429_says_when_to_retry(ask: Ask, break_: Callable[..., None]) -> None:
    break_("429=3:/data/*:1")
    answer = ask(**QUERY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert ask(**QUERY).status_code == 200


def test_500_has_the_services_words(ask: Ask, break_: Callable[..., None]) -> None:
    break_("500:/data/*:2")
    for _ in range(2):
        answer = ask(**QUERY)
        assert answer.status_code == 500
        assert answer.text.startswith("There was an error while running your query.")
    assert ask(**QUERY).status_code == 200


def test_slow_waits(sandbox: Sandbox, ask: Ask, break_: Callable[..., None]) -> None:
    break_("slow=0.3:/data/*")
    with pytest.raises(requests.ReadTimeout):
        requests.get(sandbox.url + "/data/none", timeout=(60, 0.1))
    assert ask(**QUERY).status_code == 200


def test_reset_breaks_the_connection_with_an_rst(
    sandbox: Sandbox, ask: Ask, break_: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    break_("reset:/data/*:1")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        ask(**QUERY)
    assert ask(**QUERY).status_code == 200
    assert [status for _, status in sandbox.log] == [0, 200]
    assert capfd.readouterr().err == ""


def test_down_refuses_every_later_request(county: InventedCounty) -> None:
    with Sandbox(county, faults=Faults.parse(["down:/geo/*:3+"])) as sandbox:
        for _ in range(2):
            assert requests.get(sandbox.url + "/geo/none", timeout=120).status_code == 404
        with pytest.raises(requests.ConnectionError):
            requests.get(sandbox.url + "/geo/none", timeout=120)
        with pytest.raises(requests.ConnectionError, match="refused"):
            requests.get(sandbox.url + "/data/2020/dec/responserate", timeout=120)


def test_truncated_json_does_not_parse(ask: Ask, break_: Callable[..., None]) -> None:
    whole = ask(**QUERY)
    break_("truncate:/data/2020/dec*:#2")
    assert ask(**QUERY).content == whole.content
    cut = ask(**QUERY)
    assert cut.status_code == 200
    assert len(cut.content) == len(whole.content) // 2
    with pytest.raises(requests.JSONDecodeError):
        cut.json()
    assert ask(**QUERY).content == whole.content


def test_html_comes_with_200(ask: Ask, break_: Callable[..., None]) -> None:
    break_("html:/data/*")
    answer = ask(**QUERY)
    assert answer.status_code == 200
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("missing", ["GEO_ID", "state", "county", "tract"]),
        ("renamed", ["GEO_ID", "CRRALL_X", "state", "county", "tract"]),
    ],
)
def test_a_column_is_missing_or_renamed(
    ask: Ask, break_: Callable[..., None], name: str, header: list[str]
) -> None:
    break_(f"{name}=CRRALL:/data/*")
    table = ask(**QUERY).json()
    assert table[0] == header
    assert {len(row) for row in table} == {len(header)}


@pytest.mark.parametrize(("name", "value"), [("type", "many"), ("range", "140.0")])
def test_one_value_is_wrong(ask: Ask, break_: Callable[..., None], name: str, value: str) -> None:
    whole = ask(**QUERY).json()
    break_(f"{name}=CRRALL:/data/*")
    spoiled = ask(**QUERY).json()
    assert [(old[1], new[1]) for old, new in zip(whole, spoiled, strict=True) if old != new] == [
        (whole[1][1], value)
    ]


def test_a_column_that_was_not_requested_is_unchanged(
    ask: Ask, break_: Callable[..., None]
) -> None:
    break_("range=DRRALL:/data/*")
    assert ask(**QUERY).json()[0] == ["GEO_ID", "CRRALL", "state", "county", "tract"]


def test_broken_geometry_is_a_readable_file_with_crossed_polygons(
    ask: Ask, break_: Callable[..., None]
) -> None:
    break_("geometry:/geo/*")
    frame = gpd.read_file(io.BytesIO(ask(TRACTS).content))
    assert (~frame.is_valid).sum() == 3
    assert list(frame.columns[:5]) == ["STATEFP", "COUNTYFP", "TRACTCE", "AFFGEOID", "GEOID"]


def test_a_truncated_zip_is_incomplete(ask: Ask, break_: Callable[..., None]) -> None:
    break_("truncate:/geo/*")
    assert not ask(TRACTS).content.endswith(b"\0\0")


def test_a_fault_does_not_affect_other_paths(ask: Ask, break_: Callable[..., None]) -> None:
    break_("500:/data/2018/*")
    assert ask(**QUERY).status_code == 200


def test_a_share_of_requests_gets_the_fault_from_a_fixed_seed() -> None:
    def draw() -> list[bool]:
        faults = Faults.parse(["500:*:30%"])
        return [faults.find_fault("/data") is not None for _ in range(400)]

    assert draw() == draw()
    assert 80 < sum(draw()) < 160


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("truncate:/data/2020/acs*:2", Fault(FaultKind.TRUNCATE, "/data/2020/acs*", until=2)),
        ("down:*:21+", Fault(FaultKind.DOWN, "*", since=21)),
        ("slow=2.5:/geo/*:#3", Fault(FaultKind.SLOW, "/geo/*", "2.5", since=3, until=3)),
        ("range=CRRALL:/data/*", Fault(FaultKind.RANGE, "/data/*", "CRRALL")),
    ],
)
def test_a_fault_is_read_from_the_command_line(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    "text", ["burn:/data/*", "500", "500:", "500:/data/*:often", "slow=long:/data/*"]
)
def test_a_wrong_fault_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(SettingsError, match=r"KIND\[=VALUE\]:PATH"):
        Fault.parse(text)


def test_a_body_is_unchanged_if_the_fault_does_not_apply() -> None:
    assert spoil_body(Fault(FaultKind.GEOMETRY), json.dumps([["A"]]).encode(), "x") == b'[["A"]]'
    assert spoil_body(Fault(FaultKind.RANGE), b"<html>", "x") == b"<html>"
