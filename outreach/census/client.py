"""Fetch a declared dataset from the Census Data API, tract by tract.

Source: ``https://api.census.gov/data/{vintage}/{path}``. The ``census`` package sends the requests:
one generic subclass of its client, driven by the declarations in ``outreach.census.datasets``. Each
50 variables and area take one HTTP request, the fewest that the API's rules allow.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from census.core import Client

from outreach.campaign import Area
from outreach.census import datasets
from outreach.census.decode import read_figures
from outreach.census.session import ApiSession
from outreach.connecticut import STATE, recode_tracts
from outreach.dataset import Dataset, Variable
from outreach.errors import AnswerMalformed, NothingThere, VariableUnknown
from outreach.registry import discover
from outreach.tables import DataFrame, ResponseRates, TractProfiles, check
from outreach.transport import API_URL, Transport

#: The API takes at most this many variables in a request (census reference 1.2). One of them
#: identifies the row.
MAX_VARIABLES = 50

#: The ``census`` client insists on a key. The transport adds the real one when it sends a request.
_PLACEHOLDER_KEY = "added-by-the-transport"

#: Digits of a tract's code. The planning database has lost leading zeros of its GIDTR.
_CODE_LENGTH = 11
_GEOGRAPHY = ("state", "county", "tract")


class DatasetClient(Client):  # type: ignore[misc]  # the census package has no types
    """The ``census`` client of one declared dataset. All values stay text.

    Parameters
    ----------
    dataset, vintage
        What to request.
    transport
        The HTTP session.
    origin
        Dataset and area, for messages.
    """

    endpoint_url = f"{API_URL}/data/%s/%s"

    def __init__(self, dataset: Dataset, vintage: int, transport: Transport, origin: str) -> None:
        session = ApiSession(transport, origin)
        super().__init__(_PLACEHOLDER_KEY, year=vintage, session=session, retries=1)
        self.dataset = dataset.path

    def _field_type(self, field: str, year: int) -> type[str]:  # noqa: ARG002  the base class's signature
        """Keep every value as text. The base class would send a request for each column's type."""
        return str

    def fetch_texts(
        self,
        codes: tuple[str, ...],
        geography: dict[str, str],
        levels: tuple[str, ...] = _GEOGRAPHY,
    ) -> pd.DataFrame:
        """Request up to 50 codes once.

        Parameters
        ----------
        codes
            Names of variables.
        geography
            The API's ``for`` and ``in``.
        levels
            The columns of codes that identify a row, from the state down.

        Returns
        -------
        pandas.DataFrame
            One row for each tract or block, all text, in the order of the service: the codes, then
            the levels.
        """
        rows = self.query(list(codes), geography)
        return pd.DataFrame(rows, columns=[*codes, *levels], dtype="string")


def discover_datasets() -> dict[str, Dataset]:
    """Return every declared dataset by its name, in alphabetical order."""
    return discover(datasets, "DATASET", Dataset)


def count_requests(dataset: Dataset, vintage: int) -> int:
    """Return the number of HTTP requests that one area takes."""
    return sum(1 for _ in _split_codes(dataset, vintage))


def fetch_dataset(dataset: Dataset, vintage: int, area: Area, transport: Transport) -> pd.DataFrame:
    """Fetch every variable of a dataset for the tracts of an area.

    Parameters
    ----------
    dataset, vintage
        What to request. A vintage outside ``dataset.vintages`` is tried.
    area
        Named tracts are picked from their county or state. A place is requested as its county or
        state; geometry decides later which tracts are inside.
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
        A figure is outside its declared range.
    """
    origin = f"{dataset.name} {vintage}, {area.label}"
    client = DatasetClient(dataset, vintage, transport, origin)
    geography = _describe_geography(area)
    parts = [
        _index_rows(client.fetch_texts((dataset.id_code, *codes), geography), dataset, area, origin)
        for codes in _split_codes(dataset, vintage)
    ]

    texts = _join_parts(parts, origin)
    if area.tracts:
        texts = texts[recode_tracts(texts.index, pd.Index(area.tracts)).isin(area.tracts)]
    return read_figures(texts, dataset, vintage, origin)


def fetch_rates(census_year: int, area: Area, transport: Transport) -> DataFrame[ResponseRates]:
    """Fetch the latest published self-response rates of an area.

    Returns
    -------
    DataFrame
        ``data_date`` is the Bureau's own cut-off date, which may be before today.

    Raises
    ------
    NothingThere
        The service has no rate for any tract of the area.
    ServiceError, DataError
        As :func:`fetch_dataset`.
    """
    dataset = discover_datasets()["responserate"]
    rates = fetch_dataset(dataset, census_year, area, transport)
    if not area.tracts and area.county:
        rates = rates[rates.index.str.startswith(area.state + area.county)]
    _refuse_empty(rates, dataset, census_year, area)
    return check(rates, ResponseRates, f"{dataset.name} {census_year}, {area.label}")


def fetch_profiles(
    dataset: Dataset, vintage: int, area: Area, transport: Transport
) -> DataFrame[TractProfiles]:
    """Fetch what a dataset knows about the tracts of an area before the season.

    A variable that the service does not have in that year is left out, and the rest is fetched.

    Returns
    -------
    DataFrame
        On the tracts of ``dataset.tract_year[vintage]``.

    Raises
    ------
    NothingThere
        The service has no row for the area.
    QueryRefused
        The vintage is too early for the dataset, or the service has none of the variables.
    ServiceError, DataError
        As :func:`fetch_dataset`.
    """
    dataset.refuse_early(vintage)
    profiles = _fetch_known(dataset, vintage, area, transport)
    _refuse_empty(profiles, dataset, vintage, area)
    return check(profiles, TractProfiles, f"{dataset.name} {vintage}, {area.label}")


def _fetch_known(dataset: Dataset, vintage: int, area: Area, transport: Transport) -> pd.DataFrame:
    """Fetch a dataset without the variables that the service says it does not have."""
    while True:
        try:
            return fetch_dataset(dataset, vintage, area, transport)
        except VariableUnknown as refusal:
            unknown = [
                variable.name
                for variable in dataset.list_variables(vintage)
                if refusal.code in _spell_codes(dataset, variable, vintage)
            ]
            dataset = dataset.leave_out(unknown)
            if not unknown or not dataset.list_variables(vintage):
                raise


def _spell_codes(dataset: Dataset, variable: Variable, vintage: int) -> set[str]:
    """Return the codes of a variable, margins included, as the API spells them."""
    return {dataset.spell(code, vintage) for code in (*variable.codes, *variable.margin_codes)}


def _split_codes(dataset: Dataset, vintage: int) -> Iterator[tuple[str, ...]]:
    """Split the codes of a dataset so that each part fits one request with the identifier."""
    codes, size = dataset.codes(vintage), MAX_VARIABLES - 1
    for start in range(0, len(codes), size):
        yield codes[start : start + size]


def _describe_geography(area: Area) -> dict[str, str]:
    """Return the area as the API's parameters. Tracts of one county are requested by county.

    Connecticut is requested as a whole, because its counties have two codes.
    """
    if area.state == STATE:
        return {"for": "tract:*", "in": f"state:{area.state}"}
    counties = {area.county} if area.county else {geoid[2:5] for geoid in area.tracts}
    county = f" county:{counties.pop()}" if len(counties) == 1 else ""
    return {"for": "tract:*", "in": f"state:{area.state}{county}"}


def _index_rows(rows: pd.DataFrame, dataset: Dataset, area: Area, origin: str) -> pd.DataFrame:
    """Index rows by geoid, once each is a tract of the area and agrees with its identifier."""
    geoid = rows["state"] + rows["county"] + rows["tract"]
    identifier = rows[dataset.id_code].str.removeprefix("1400000US").str.zfill(_CODE_LENGTH)
    is_right = (identifier == geoid) & geoid.str.fullmatch(r"[0-9]{11}")
    requested = area.state + (area.county or "") if area.state != STATE else STATE
    is_right &= geoid.str.startswith(requested) & ~geoid.duplicated()

    wrong = ~is_right.fillna(value=False).astype("bool")
    if wrong.any():
        row = rows[wrong].iloc[0].to_dict()
        cells = ", ".join(f"{name} {row[name]!r}" for name in (dataset.id_code, *_GEOGRAPHY))
        raise AnswerMalformed(
            f"{origin}: the row {cells} is not a tract of the area, or is there twice"
            f" ({int(wrong.sum()):,} such rows).",
            "Run again later. If this happens again, the service has changed.",
        )
    index = pd.Index(geoid.to_list(), name="geoid", dtype="str")
    return rows.drop(columns=[dataset.id_code, *_GEOGRAPHY]).set_index(index)


def _join_parts(parts: list[pd.DataFrame], origin: str) -> pd.DataFrame:
    """Join the parts of an answer by geoid. Their order may differ, but not their tracts."""
    first = parts[0].sort_index()
    for part in parts[1:]:
        difference: Any = first.index.symmetric_difference(part.index)
        if len(difference):
            raise AnswerMalformed(
                f"{origin}: the parts of the answer have different tracts, such as {difference[0]}"
                f" ({len(difference):,} in all).",
                "Run again; the service may have published between two requests.",
            )
    return pd.concat([first, *(part.reindex(first.index) for part in parts[1:])], axis=1)


def _refuse_empty(table: pd.DataFrame, dataset: Dataset, vintage: int, area: Area) -> None:
    """Refuse an answer without rows."""
    if table.empty:
        raise NothingThere(
            f"{dataset.name} {vintage} has no row for {area.label}.",
            "Check the FIPS codes. Areas that are not counted by self-response have no rates.",
        )
