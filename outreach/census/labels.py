"""Compare what a vintage's codes mean with what their declaration says.

Source: ``{year}/{path}/variables.json``, which the Bureau publishes with each vintage. A code can
come to mean something else from one vintage to the next, and its figures would still be plausible.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from outreach.dataset import Dataset
from outreach.errors import DataError, ServiceUnavailable
from outreach.transport import API_URL, Transport

#: What the Bureau writes before, within, and after the parts of a label in some vintages only.
_NOISE = re.compile(r"^estimate!!|:|\s*\(in \d{4} inflation-adjusted dollars\)")


@dataclass(frozen=True, slots=True)
class LabelReport:
    """Which labels of a vintage were compared.

    Parameters
    ----------
    address
        Of the Bureau's list.
    count
        Codes whose labels agree.
    sha256
        Hash of the compared labels as the Bureau writes them.
    """

    address: str
    count: int
    sha256: str


def compare_labels(datasets: Sequence[Dataset], vintage: int, transport: Transport) -> LabelReport:
    """Compare the labels of a vintage with the declared ones.

    Parameters
    ----------
    datasets
        Declarations with one ``path``.
    vintage
        What will be requested.
    transport
        The HTTP session.

    Raises
    ------
    DataError
        A code means something else; both labels are in the sentence.
    ServiceUnavailable
        The list cannot be had or read.
    """
    expected = dict(_list_expected(datasets, vintage))
    address = f"{API_URL}/data/{vintage}/{datasets[0].path}/variables.json"
    published = _fetch_labels(address, transport)
    compared = {code: label for code, label in expected.items() if code in published}
    for code, label in compared.items():
        if _simplify(published[code]) != _simplify(label):
            raise DataError(
                f"{code} of {vintage} is {published[code]!r} in the Bureau's list, and {label!r} in"
                " our declaration.",
                "Choose another vintage in campaign.toml, or correct outreach/census/datasets.",
            )
    lines = "\n".join(f"{code} {published[code]}" for code in sorted(compared))
    return LabelReport(address, len(compared), hashlib.sha256(lines.encode()).hexdigest())


def _list_expected(datasets: Sequence[Dataset], vintage: int) -> Iterator[tuple[str, str]]:
    """List the codes of a vintage with their declared labels."""
    for dataset in datasets:
        for variable in dataset.list_variables(vintage):
            if variable.bureau_labels:
                yield from zip(variable.codes, variable.bureau_labels, strict=True)


def _fetch_labels(address: str, transport: Transport) -> dict[str, str]:
    """Fetch the labels of a vintage by code."""
    response = transport.get(address)
    try:
        variables = json.loads(response.content)["variables"]
        labels = {str(code): str(variable["label"]) for code, variable in variables.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        labels = {}
    if response.status_code != HTTPStatus.OK or not labels:
        raise ServiceUnavailable(
            f"The Bureau's list of variables {address} cannot be read"
            f" (status {response.status_code}).",
            "Run again later.",
        )
    return labels


def _simplify(label: str) -> str:
    """Return a label without what changes from vintage to vintage."""
    return _NOISE.sub("", label.casefold()).strip()
