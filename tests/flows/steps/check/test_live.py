"""The rehearsal against the services finds what agrees and names what differs."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.steps.check.live import check_live, choose_area, list_files
from flows.steps.check.machine import CheckResult, check_machine
from outreach.campaign import Area
from outreach.census import discover_datasets
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import DEFAULT_KEY, Sandbox
from outreach.sandbox.world import ServedDataset
from outreach.settings import Settings, read_settings

COUNTY = Area(state="99", county="001")
AFTER_THE_SEASON = dt.date(2021, 7, 1)


class ChangedCounty(InventedCounty):
    """The invented county, with a label, a code, and a file that are not as declared."""

    def dataset(self, vintage: int, path: str) -> ServedDataset | None:
        served = super().dataset(vintage, path)
        if served is not None and path == "acs/acs5":
            served.labels["B28002_013E"] = "Estimate!!Total:!!Dial-up alone"
        if served is not None and path == "pdb/tract":
            served.labels.pop("Low_Response_Score", None)
        return served

    def file(self, path: str) -> bytes | None:
        return None if "_place_" in path else super().file(path)


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    worlds = {
        "sound": InventedCounty(today=AFTER_THE_SEASON),
        "changed": ChangedCounty(today=AFTER_THE_SEASON),
    }
    with Sandbox(worlds["sound"]) as sound, Sandbox(worlds["changed"]) as changed:
        yield {"sound": sound, "changed": changed}


def rehearse(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, CheckResult]:
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", DEFAULT_KEY)
    settings: Settings = read_settings(api_url=sandbox.url, files_url=sandbox.url, retries=0)
    return {result.title: result for result in check_live(settings, COUNTY)}


def test_every_service_that_is_as_declared_passes(
    sandboxes: dict[str, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = rehearse(sandboxes["sound"], monkeypatch)
    assert [result for result in results.values() if not result.passed] == []
    assert len(results) == len(discover_datasets()) + len(list_files(COUNTY))
    assert "labels agree" in results["acs5 2024"].detail
    assert results["cb_2020_99_tract_500k.zip"].detail.endswith(" MB")


def test_an_answer_without_a_tract_is_no_agreement(
    sandboxes: dict[str, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", DEFAULT_KEY)
    url = sandboxes["sound"].url
    settings: Settings = read_settings(api_url=url, files_url=url, retries=0)
    first = next(check_live(settings, choose_area(())))
    assert not first.passed
    assert "has no tract of state 11, county 001 in acs/acs5 2024" in first.detail
    # A campaign says which county to ask for.
    assert choose_area([Area(state="50"), COUNTY]) == COUNTY


def test_a_census_without_rates_is_no_fault_of_the_service(
    sandboxes: dict[str, Sandbox], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OUTREACH_CENSUS_API_KEY", DEFAULT_KEY)
    url = sandboxes["sound"].url
    settings: Settings = read_settings(home=tmp_path, api_url=url, files_url=url, retries=0)
    answers = {result.title: result for result in check_machine(settings, 2030)}
    assert answers["Census API"].passed
    assert answers["Census API"].detail.endswith("it has no rates of 2030 yet, as for a plan")


def test_what_differs_is_named(
    sandboxes: dict[str, Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = rehearse(sandboxes["changed"], monkeypatch)
    failed = {title: result.detail for title, result in results.items() if not result.passed}
    assert set(failed) == {"acs5 2024", "planning_database 2024", "cb_2020_99_place_500k.zip"}
    assert "Dial-up alone" in failed["acs5 2024"]
    assert "No Internet access" in failed["acs5 2024"]
    assert "has no Low_Response_Score in pdb/tract 2024" in failed["planning_database 2024"]
    assert "status 404" in failed["cb_2020_99_place_500k.zip"]
