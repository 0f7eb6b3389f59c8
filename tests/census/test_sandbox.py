"""The client and the sandbox, written separately from one reference, agree about the API."""

import datetime as dt
import resource
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import SecretStr

from outreach.archive import Archive, describe_archive, import_files
from outreach.campaign import Area
from outreach.census import (
    count_requests,
    discover_datasets,
    fetch_dataset,
    fetch_profiles,
    fetch_rates,
)
from outreach.errors import (
    AnswerMalformed,
    KeyRefused,
    OutOfRange,
    QueryRefused,
    ServiceError,
    ServiceUnavailable,
)
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.fault_injection import Faults
from outreach.sandbox.replay.season import ReplayedSeason
from outreach.sandbox.server import DEFAULT_KEY, Sandbox
from outreach.settings import read_settings
from outreach.transport import API_URL, FILES_URL, Transport

COOK = Area(state="17", county="031")


def connect(sandbox: Sandbox, key: str = DEFAULT_KEY) -> Transport:
    return Transport(
        read_settings(api_url=sandbox.url, retries=1, backoff_seconds=0.01, timeout_seconds=120),
        SecretStr(key),
    )


@pytest.fixture(scope="module")
def county() -> InventedCounty:
    return InventedCounty(today=dt.date(2020, 5, 28))


@pytest.fixture
def area(county: InventedCounty) -> Area:
    served: Any = county.dataset(2020, "dec/responserate")
    first = served.rows["tract"].iloc[0]
    return Area(state=first["state"], county=first["county"])


@pytest.mark.parametrize("name", sorted(discover_datasets()))
def test_every_declared_dataset_comes_in_from_the_invented_county(
    name: str, county: InventedCounty, area: Area
) -> None:
    dataset = discover_datasets()[name]
    vintage = dataset.vintages[0]
    after_the_season = county.on(dt.date(2021, 7, 1))
    with Sandbox(after_the_season) as sandbox, connect(sandbox) as transport:
        table = fetch_dataset(dataset, vintage, area, transport)
    assert len(table) > 500
    assert table.notna().mean().min() > 0.5
    assert len(sandbox.log) == count_requests(dataset, vintage)


@pytest.mark.parametrize("fault", ["429=0", "500", "reset"])
def test_a_temporary_fault_is_retried(fault: str, county: InventedCounty, area: Area) -> None:
    with (
        Sandbox(county, faults=Faults.parse([f"{fault}:*:1"])) as sandbox,
        connect(sandbox) as transport,
    ):
        assert len(fetch_rates(2020, area, transport)) > 500
    assert len(sandbox.log) == 2


def limit(sandbox: Sandbox, **limits: float) -> Transport:
    settings = read_settings(
        api_url=sandbox.url,
        files_url=sandbox.url,
        retries=3,
        backoff_seconds=0.01,
        timeout_seconds=120,
    )
    return Transport(settings.model_copy(update=limits), SecretStr(DEFAULT_KEY))


@pytest.mark.parametrize("path", ["/data/2020/dec/responserate", "/geo"])
def test_an_answer_that_drips_ends_at_the_limit(path: str, county: InventedCounty) -> None:
    with (
        Sandbox(county, faults=Faults.parse(["drip=0.2:*"])) as sandbox,
        limit(sandbox, answer_seconds=1.0) as transport,
        pytest.raises(ServiceUnavailable, match="not complete after 1 s") as caught,
    ):
        county_file = "/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"
        transport.get(
            f"{FILES_URL}{county_file}"
            if path.startswith("/geo")
            else f"{API_URL}{path}/variables.json"
        )
    assert "OUTREACH_ANSWER_SECONDS" in str(caught.value)
    assert len(sandbox.log) <= 1  # a slow machine may not have logged it yet


@pytest.mark.parametrize("base", [API_URL, FILES_URL])
def test_an_answer_that_unpacks_to_300_mb_is_refused_and_not_held(
    base: str, county: InventedCounty
) -> None:
    with (
        Sandbox(county, faults=Faults.parse(["gzip=300:*"])) as sandbox,
        limit(sandbox) as transport,
    ):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(AnswerMalformed, match="larger than 100 MB"):
            transport.get(f"{base}/data/2020/dec/responserate")
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert held < 250_000  # kilobytes
    assert len(sandbox.log) == 1


def test_a_file_of_any_size_below_the_limit_passes_and_one_above_is_refused(
    county: InventedCounty,
) -> None:
    address = f"{FILES_URL}/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"
    with Sandbox(county) as sandbox:
        with limit(sandbox) as transport:
            size = len(transport.get(address).content)
        with limit(sandbox, file_megabytes=size / 1e6) as transport:
            assert len(transport.get(address).content) == size
        with (
            limit(sandbox, file_megabytes=(size - 1) / 1e6) as transport,
            pytest.raises(AnswerMalformed, match="not read to the end"),
        ):
            transport.get(address)


@pytest.mark.parametrize("depth", [1_000, 100_000, 2_000_000])
def test_json_of_lists_within_lists_is_one_sentence(
    depth: int, county: InventedCounty, area: Area
) -> None:
    with (
        Sandbox(county, faults=Faults.parse([f"deep={depth}:*"])) as sandbox,
        connect(sandbox) as transport,
        pytest.raises(AnswerMalformed) as caught,
    ):
        fetch_rates(2020, area, transport)
    assert "recursion" not in str(caught.value).lower()
    assert caught.value.todo


@pytest.mark.real
def test_cook_county_comes_in_as_published(real_data: Path, tmp_path: Path) -> None:
    with (
        Sandbox(ReplayedSeason(real_data, dt.date(2020, 10, 16))) as sandbox,
        connect(sandbox) as transport,
    ):
        rates = fetch_rates(2020, COOK, transport)
        profiles = fetch_profiles(discover_datasets()["acs5"], 2018, COOK, transport)
    assert len(rates) == 1328
    assert len(sandbox.log) == 1 + 3
    published = pd.read_parquet(
        real_data / "predictors" / "cook_planning_database.parquet", columns=["TotHH"]
    )
    assert profiles["households_count"].sum() == published["TotHH"].sum()
    archive = Archive(tmp_path)
    import_files([real_data / "responserate_cook"], archive)
    receipt = archive.append(rates, "sandbox", dt.datetime(2020, 10, 16, 18, tzinfo=dt.UTC))
    assert (receipt.new, receipt.changed) == (1328, 0)
    assert describe_archive(archive).dates[-1] == dt.date(2020, 10, 16)


def test_a_wrong_key_a_missing_key_and_a_wrong_year_are_distinct_errors(
    county: InventedCounty, area: Area
) -> None:
    with Sandbox(county) as sandbox:
        with (
            connect(sandbox, "wrong") as transport,
            pytest.raises(KeyRefused, match="is not valid"),
        ):
            fetch_rates(2020, area, transport)
        with (
            connect(sandbox, "") as transport,
            pytest.raises(KeyRefused, match="has no Census API key"),
        ):
            fetch_rates(2020, area, transport)
        with (
            connect(sandbox) as transport,
            pytest.raises(QueryRefused, match="no such dataset in that year"),
        ):
            fetch_rates(1990, area, transport)


@pytest.mark.parametrize(
    ("fault", "error", "sentence"),
    [
        ("truncate", AnswerMalformed, "is not complete JSON"),
        ("html", ServiceError, "responserate 2020"),
        ("missing=CRRALL", AnswerMalformed, "the column CRRALL 0 times"),
        ("renamed=CRRALL", AnswerMalformed, "the column CRRALL 0 times"),
        ("type=CRRINT", AnswerMalformed, "CRRINT of tract .* is not a number"),
        ("range=CRRALL", OutOfRange, "CRRALL of tract .* is 140.0"),
        ("500", ServiceUnavailable, "failed on its side"),
        ("down", ServiceUnavailable, "Cannot reach"),
    ],
)
def test_a_spoiled_answer_is_refused_by_name(
    fault: str, error: type[Exception], sentence: str, county: InventedCounty, area: Area
) -> None:
    with (
        Sandbox(county, faults=Faults.parse([f"{fault}:*"])) as sandbox,
        connect(sandbox) as transport,
    ):
        with pytest.raises(error, match=sentence) as caught:
            fetch_rates(2020, area, transport)
        assert DEFAULT_KEY not in str(caught.value)
