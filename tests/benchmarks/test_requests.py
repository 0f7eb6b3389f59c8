"""Count the HTTP requests for one county, ours and those of a plain use of ``census``."""

import datetime as dt

import pytest
import requests
from census.core import Client
from pydantic import SecretStr

from outreach.campaign import Area
from outreach.census.client import count_requests, discover_datasets, fetch_dataset
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import Settings
from outreach.transport import Transport
from tests import figures

pytestmark = pytest.mark.bench

WANTED = {
    "responserate": 2020,
    "responserate2010": 2010,
    "acs5": 2018,
    "planning_database": 2020,
    "race": 2018,
}
AREA = Area(state="99", county="001")


def ask_plainly(
    url: str, key: str, dataset_path: str, vintage: int, codes: tuple[str, ...]
) -> None:
    """Ask with the census package as its own clients do."""

    class PlainClient(Client):  # type: ignore[misc]
        dataset = dataset_path
        years = (vintage,)
        endpoint_url = f"{url}/data/%s/%s"
        definitions_url = f"{url}/data/%s/%s/variables.json"
        definition_url = f"{url}/data/%s/%s/variables/%s.json"

    client = PlainClient(key, year=vintage, session=requests.Session())
    client.get(list(codes), geo={"for": "tract:*", "in": "state:99 county:001"})


def test_a_county_costs_the_fewest_requests_that_the_rules_allow() -> None:
    datasets = discover_datasets()
    with Sandbox(InventedCounty(today=dt.date(2020, 5, 28))) as sandbox:
        settings = Settings(api_url=sandbox.url, files_url=sandbox.url)
        transport = Transport(settings, SecretStr(sandbox.key))
        for name, vintage in WANTED.items():
            fetch_dataset(datasets[name], vintage, AREA, transport)
        ours = len(sandbox.log)
        for name, vintage in WANTED.items():
            dataset = datasets[name]
            codes = (dataset.id_code, *dataset.codes(vintage))
            ask_plainly(sandbox.url, sandbox.key, dataset.path, vintage, codes)
        plain = len(sandbox.log) - ours
    declared = sum(count_requests(datasets[name], vintage) for name, vintage in WANTED.items())
    columns = sum(len(datasets[name].codes(vintage)) for name, vintage in WANTED.items())
    fewest = sum(-(-len(datasets[name].codes(vintage)) // 49) for name, vintage in WANTED.items())
    print(
        f"\n{columns} columns of one county: {ours} requests; plain census package {plain};"
        f" ratio 1 : {plain / ours:.1f}"
    )
    assert ours == declared == fewest == figures.COUNTY_REQUESTS
    assert (columns, plain) == (figures.COUNTY_COLUMNS, figures.PLAIN_REQUESTS)
    assert plain > 10 * ours
