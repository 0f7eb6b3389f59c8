"""Ask one small thing of each real service, and compare the answer with our declarations.

For the first person who has a key and a network. Nothing is stored or changed.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flows.steps.check.machine import CheckResult, run_check
from geo.boundary_layers import LAYERS, Edition
from geo.crosswalk.relationship import list_relationships
from geo.crosswalk.sources import ZCTA_RELATIONSHIP
from outreach.campaign import Area
from outreach.census.client import discover_datasets
from outreach.census.labels import compare_labels
from outreach.dataset import Dataset
from outreach.errors import DataError
from outreach.evidence import Status
from outreach.phrasing import list_names, write_count
from outreach.settings import Settings
from outreach.transport import API_URL, Transport

#: Washington, D.C. has one county and some 200 tracts, so its answers are small.
SMALLEST = Area(state="11", county="001")
#: Most names that a sentence lists.
_LISTED = 8
#: A file is larger than this; an empty answer or a short page is not.
_LEAST_BYTES = 1_000
_FILE_YEAR = 2020


def check_live(settings: Settings, area: Area = SMALLEST) -> Iterator[CheckResult]:
    """Ask each service that a run needs, one small thing each.

    Parameters
    ----------
    settings
        Addresses and key.
    area
        A county, for the figures.

    Yields
    ------
    CheckResult
        For each dataset and its newest declared year: codes that the service does not have, labels
        that differ, and a small answer. For each kind of file: whether it is there, and its size.
    """
    transport = Transport(settings, settings.find_key())
    for name, dataset in discover_datasets().items():
        vintage = max(dataset.vintages)
        check = _bind(_compare_dataset, dataset, vintage, area, transport)
        yield run_check(f"{name} {vintage}", check)
    for address in list_files(area):
        yield run_check(address.rpartition("/")[2], _bind(_weigh_file, address, transport))


def choose_area(areas: Iterable[Area]) -> Area:
    """Return the first area that is in one county, or the smallest one where none is."""
    return next((area for area in areas if area.county), SMALLEST)


def list_files(area: Area) -> list[str]:
    """List one address of each kind of file that a run may fetch."""
    editions: dict[str, Edition] = {"block": "tiger"}
    return [
        *(
            layer.address(_FILE_YEAR, area.state, editions.get(name, "cartographic"))
            for name, layer in LAYERS.items()
        ),
        *(file.full_address for file in list_relationships() if file.status != Status.ASSUMED),
        ZCTA_RELATIONSHIP,
    ]


def _bind(function: Callable[..., str], *arguments: Any) -> Callable[[], str]:
    """Return a function of no arguments."""
    return lambda: function(*arguments)


def _compare_dataset(dataset: Dataset, vintage: int, area: Area, transport: Transport) -> str:
    """Compare codes, labels, and a small answer of a dataset with its declaration.

    Raises
    ------
    DataError
        Something differs.
    ServiceError
        There is no usable answer.
    """
    compared = ""
    if any(variable.bureau_labels for variable in dataset.list_variables(vintage)):
        compared = f"{compare_labels([dataset], vintage, transport).count} labels agree, "
    known = _list_codes(dataset, vintage, transport)
    absent = [code for code in (dataset.id_code, *dataset.codes(vintage)) if code not in known]
    if absent:
        raise DataError(
            f"The service has no {list_names(absent, _LISTED)} in {dataset.path} {vintage}.",
            "Correct the declaration in outreach/census/datasets.",
        )
    rows = _request_codes(dataset, vintage, area, transport)
    if not rows:
        raise DataError(
            f"The service answers, and has no tract of {area.label} in {dataset.path} {vintage}.",
            "Name a campaign of another county; if none has tracts, correct the declaration in"
            " outreach/census/datasets.",
        )
    return f"{compared}{len(known):,} variables, {write_count(rows, 'tract')} in {area.label}"


def _list_codes(dataset: Dataset, vintage: int, transport: Transport) -> frozenset[str]:
    """List the codes in the Bureau's list of variables, margins and other attributes too."""
    answer = transport.get(f"{API_URL}/data/{vintage}/{dataset.path}/variables.json")
    try:
        variables = json.loads(answer.content)["variables"]
        codes = set(variables)
        for variable in variables.values():
            codes.update(str(variable.get("attributes", "")).split(","))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DataError(
            f"The service's list of variables of {dataset.path} {vintage} cannot be read"
            f" (status {answer.status_code}).",
            "Open its address in a browser.",
        ) from None
    return frozenset(codes)


def _request_codes(dataset: Dataset, vintage: int, area: Area, transport: Transport) -> int:
    """Request two variables of an area, compare the header, and return the number of tracts."""
    names = [dataset.id_code, *dataset.codes(vintage)[:2]]
    answer = transport.get(
        f"{API_URL}/data/{vintage}/{dataset.path}",
        params={
            "get": ",".join(names),
            "for": "tract:*",
            "in": f"state:{area.state} county:{area.county}",
        },
    )
    if answer.status_code == HTTPStatus.NO_CONTENT:
        return 0
    expected = [*names, "state", "county", "tract"]
    try:
        header, *rows = json.loads(answer.content)
    except (ValueError, TypeError, RecursionError):
        raise DataError(
            f"The answer of {dataset.path} {vintage} is no table (status {answer.status_code}).",
            "Open its address in a browser.",
        ) from None
    if header != expected:
        raise DataError(
            f"The header of {dataset.path} {vintage} is {header}, and we expect {expected}.",
            "Correct outreach/census.",
        )
    return len(rows)


def _weigh_file(address: str, transport: Transport) -> str:
    """Return the size of a file, asked without downloading it.

    Raises
    ------
    DataError
        It is not there, or is too small for what it should be.
    """
    answer = transport.head(address)
    size = int(answer.headers.get("Content-Length", 0))
    if answer.status_code != HTTPStatus.OK or size < _LEAST_BYTES:
        raise DataError(
            f"{address} has status {answer.status_code} and {size:,} bytes.",
            "Look for its new address, and correct geo/boundary_layers.py or geo/crosswalk.",
        )
    return f"{size / 1e6:,.1f} MB"
