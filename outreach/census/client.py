"""Asks the Census Data API, ``https://api.census.gov/data/{vintage}/{path}``, for any declared dataset, tract by tract.

The ``census`` package does the asking: one generic subclass of its client, driven by the
declarations in ``outreach.census.datasets``. One HTTP request goes out for each 50 variables and
area, the least that the API's rules allow.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from census.core import Client

from outreach import tables
from outreach.campaign import Area
from outreach.census import datasets
from outreach.census.decode import read_figures
from outreach.census.session import Listener
from outreach.dataset import Dataset
from outreach.errors import AnswerMalformed, NothingThere
from outreach.registry import discover
from outreach.transport import API_URL, Transport

#: The API takes at most so many variables a request (census reference 1.2), of which one identifies
#: the row.
MAX_VARIABLES = 50

#: The ``census`` client insists on a key of its own; the real one joins on the wire, in the
#: transport.
_PLACEHOLDER_KEY = "joined-on-the-wire"

_GEOGRAPHY = ("state", "county", "tract")


class DatasetClient(Client):  # type: ignore[misc]  # the census package has no types
    """The ``census`` client of one declared dataset: all values stay text, and nothing is asked behind our back.

    Parameters
    ----------
    dataset, vintage
        What to ask.
    transport
        The HTTP session.
    origin
        Dataset and area, for messages.
    """

    endpoint_url = f"{API_URL}/data/%s/%s"

    def __init__(self, dataset: Dataset, vintage: int, transport: Transport, origin: str) -> None:
        super().__init__(
            _PLACEHOLDER_KEY, year=vintage, session=Listener(transport, origin), retries=1
        )
        self.dataset = dataset.path

    def _field_type(self, field: str, year: int) -> type[str]:  # noqa: ARG002  the base class's signature
        """Answer from the declaration: figures are cast later, by unit. The base class asks the service for every column."""
        return str

    def ask_texts(self, codes: tuple[str, ...], geography: dict[str, str]) -> pd.DataFrame:
        """Ask once for ``codes`` (50 at most) and return one row a tract, all text, as the service orders them."""
        return pd.DataFrame(
            self.query(list(codes), geography), columns=[*codes, *_GEOGRAPHY], dtype="string"
        )


def discover_datasets() -> dict[str, Dataset]:
    """Return every declared dataset by its name, in alphabetical order."""
    return discover(datasets, "DATASET", Dataset)


def count_requests(dataset: Dataset, vintage: int) -> int:
    """Return how many HTTP requests one area takes."""
    return sum(1 for _ in _split_codes(dataset, vintage))


def fetch_dataset(dataset: Dataset, vintage: int, area: Area, transport: Transport) -> pd.DataFrame:
    """Ask for every variable of a dataset for the tracts of an area.

    Parameters
    ----------
    dataset, vintage
        What to ask; a vintage beyond ``dataset.vintages`` is tried.
    area
        Where. Named tracts are picked from their county or state. A place is asked for as its
        county or state: geometry decides later which tracts lie in it.
    transport
        The HTTP session with the key.

    Returns
    -------
    pandas.DataFrame
        Index ``geoid``, sorted; columns ``Variable.name`` and ``<name>_moe`` in the units of
        :class:`outreach.dataset.Unit`. No rows if the service has none for the area.

    Raises
    ------
    KeyRefused, QueryRefused, ServiceUnavailable, AnswerMalformed
        The service gave no usable answer.
    OutOfRange
        A figure lies outside its declared range.
    """
    origin = f"{dataset.name} {vintage}, {area.label}"
    client = DatasetClient(dataset, vintage, transport, origin)
    geography = _spell_geography(area)
    chunks = [
        _index_rows(client.ask_texts((dataset.id_code, *codes), geography), dataset, area, origin)
        for codes in _split_codes(dataset, vintage)
    ]
    texts = _join_chunks(chunks, origin)
    if area.tracts:
        texts = texts[texts.index.isin(area.tracts)]
    return read_figures(texts, dataset, vintage, origin)


def fetch_rates(census_year: int, area: Area, transport: Transport) -> pd.DataFrame:
    """Ask for the latest published self-response rates of an area.

    Returns
    -------
    pandas.DataFrame
        :class:`outreach.tables.ResponseRates`; ``data_date`` is the Bureau's own cut-off date,
        which need not be today's.

    Raises
    ------
    NothingThere
        The service has no rate for any tract of the area.
    ServiceError, DataError
        As :func:`fetch_dataset`.
    """
    dataset = discover_datasets()["responserate"]
    rates = fetch_dataset(dataset, census_year, area, transport)
    _refuse_nothing(rates, dataset, census_year, area)
    return tables.check(rates, tables.ResponseRates, f"{dataset.name} {census_year}, {area.label}")


def fetch_profiles(
    dataset: Dataset, vintage: int, area: Area, transport: Transport
) -> pd.DataFrame:
    """Ask for what a dataset says of the tracts of an area before the season.

    Returns
    -------
    pandas.DataFrame
        :class:`outreach.tables.TractProfiles`, on the tracts of ``dataset.tract_year[vintage]``.

    Raises
    ------
    NothingThere
        The service has no row for the area.
    ServiceError, DataError
        As :func:`fetch_dataset`.
    """
    profiles = fetch_dataset(dataset, vintage, area, transport)
    _refuse_nothing(profiles, dataset, vintage, area)
    return tables.check(profiles, tables.TractProfiles, f"{dataset.name} {vintage}, {area.label}")


def _split_codes(dataset: Dataset, vintage: int) -> Iterator[tuple[str, ...]]:
    """Cut the codes of a dataset so that each part fits one request, the identifier included."""
    codes, room = dataset.codes(vintage), MAX_VARIABLES - 1
    for start in range(0, len(codes), room):
        yield codes[start : start + room]


def _spell_geography(area: Area) -> dict[str, str]:
    """Say the area in the API's words; tracts that share a county narrow it down."""
    counties = {area.county} if area.county else {geoid[2:5] for geoid in area.tracts}
    county = f" county:{counties.pop()}" if len(counties) == 1 else ""
    return {"for": "tract:*", "in": f"state:{area.state}{county}"}


def _index_rows(rows: pd.DataFrame, dataset: Dataset, area: Area, origin: str) -> pd.DataFrame:
    """Key rows by geoid, once the identifier agrees with state, county and tract and lies in the area."""
    geoid = rows["state"] + rows["county"] + rows["tract"]
    right = (rows[dataset.id_code].str.removeprefix("1400000US") == geoid) & geoid.str.fullmatch(
        r"[0-9]{11}"
    )
    right &= geoid.str.startswith(area.state + (area.county or "")) & ~geoid.duplicated()
    wrong = ~right.fillna(value=False).astype("bool")
    if wrong.any():
        row = rows[wrong].iloc[0].to_dict()
        raise AnswerMalformed(
            f"{origin}: the row {', '.join(f'{name} {row[name]!r}' for name in (dataset.id_code, *_GEOGRAPHY))} "
            f"is not one tract of the area, once ({int(wrong.sum()):,} such).",
            "Run again later; if it stays so, the service has changed.",
        )
    return rows.drop(columns=[dataset.id_code, *_GEOGRAPHY]).set_index(
        pd.Index(geoid.to_list(), name="geoid", dtype="str")
    )


def _join_chunks(chunks: list[pd.DataFrame], origin: str) -> pd.DataFrame:
    """Join the parts of an answer by geoid; the service orders each as it likes, but all must hold the same tracts."""
    first = chunks[0].sort_index()
    for chunk in chunks[1:]:
        strays: Any = first.index.symmetric_difference(chunk.index)
        if len(strays):
            raise AnswerMalformed(
                f"{origin}: the parts of the answer hold different tracts, such as {strays[0]} ({len(strays):,} such).",
                "Run again; the service may have published between two requests.",
            )
    return pd.concat([first, *(chunk.reindex(first.index) for chunk in chunks[1:])], axis=1)


def _refuse_nothing(table: pd.DataFrame, dataset: Dataset, vintage: int, area: Area) -> None:
    """Raise if the service has not a single row for the area."""
    if table.empty:
        raise NothingThere(
            f"{dataset.name} {vintage} has no row for {area.label}.",
            "Check the FIPS codes; areas counted by other methods than self-response have no rates.",
        )
