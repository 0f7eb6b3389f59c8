"""Read one reply of the Census Data API as rows or as an error.

Source: ``https://api.census.gov/data``. The forms of failure are those of census reference 1.3,
tested in this order: temporary failures, redirects about the key, no rows, refused requests, web
pages, truncated JSON, and columns that were not requested.
"""

import html
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from outreach.errors import (
    AnswerMalformed,
    KeyRefused,
    QueryRefused,
    ServiceUnavailable,
    VariableUnknown,
)
from outreach.phrasing import list_names
from outreach.settings import KEY_SIGNUP
from outreach.transport import Transport, is_passing_fault

#: Failures are short. Guessing the encoding of a state's figures takes longer than reading them.
_FAILURE_BYTES = 20_000
#: An answer has 50 columns at most, and those of the geography.
_LISTED = 60
_QUOTE_LENGTH, _TITLE_LENGTH = 300, 100

_TRY_LATER = "Run again later. What was downloaded so far is stored."
_COMPARE = "Compare the dataset's variables.json with its declaration in outreach/census/datasets."


@dataclass(frozen=True, slots=True)
class TableReply:
    """What the ``census`` client takes as a response: a status and checked rows.

    Parameters
    ----------
    status_code
        200, or 204 for a valid request without rows.
    rows
        The header, then one list of texts (or ``None``) for each tract, as long as the header.
    """

    status_code: int
    rows: list[list[Any]]

    def json(self) -> list[list[Any]]:
        """Return header and rows in a new outer list, because the client removes the header."""
        return list(self.rows)


class ApiSession:
    """The session of the ``census`` client.

    It sends requests over our transport and turns each reply into a :class:`TableReply` or an
    error.

    Parameters
    ----------
    transport
        The HTTP session; it adds the key to each request.
    origin
        Dataset and area, for messages.
    """

    def __init__(self, transport: Transport, origin: str) -> None:
        self._transport, self._origin = transport, origin

    def get(self, url: str, params: dict[str, str]) -> TableReply:
        """Send one request, without the client's placeholder key.

        Raises
        ------
        KeyRefused, QueryRefused, ServiceUnavailable, AnswerMalformed
            The reply is not a table of the requested columns.
        """
        query = {name: value for name, value in params.items() if name != "key"}
        response = self._transport.get(url, params=query)
        status = response.status_code
        text = response.content[:_FAILURE_BYTES].decode("utf-8", "replace").strip()

        _refuse_failure(response, self._origin)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise _explain_redirect(response.headers, self._origin)
        if status == HTTPStatus.NO_CONTENT:
            return TableReply(status, [])
        _refuse_query(status, text, self._origin)
        if text.startswith("<"):
            raise _explain_page(text, self._origin)
        rows = _read_rows(response, query["get"].split(","), self._origin)
        return TableReply(HTTPStatus.OK, rows)


def _refuse_failure(response: Any, origin: str) -> None:
    """Raise if the service failed on its side. The transport has retried what it could."""
    status: int = response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ServiceUnavailable(
            f"{origin}: the service says that there are too many requests (status 429).",
            _TRY_LATER,
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or is_passing_fault(response.content):
        raise ServiceUnavailable(
            f"{origin}: the service failed on its side (status {status}).", _TRY_LATER
        )


def _explain_redirect(headers: Any, origin: str) -> KeyRefused | AnswerMalformed:
    """Tell a missing key, an invalid key, and any other redirect apart."""
    target = str(headers.get("Location", ""))
    if "X-DataWebAPI-KeyError" in headers or "_key" in target:
        return _explain_key(target, origin)
    address = target.partition("?")[0] or "it does not say where"
    return AnswerMalformed(
        f"{origin}: the service redirects elsewhere ({address}).",
        "Check OUTREACH_API_URL, and whether there is a proxy or a sign-in page in between.",
    )


def _explain_key(page: str, origin: str) -> KeyRefused:
    """Say what is wrong with the key, by the name or the text of the service's page."""
    if "invalid" in page.lower():
        return KeyRefused(
            f"{origin}: the service says that the Census API key is not valid.",
            "Check OUTREACH_CENSUS_API_KEY for a typo, activate the key from its email, or get one"
            f" at {KEY_SIGNUP}.",
        )
    return KeyRefused(
        f"{origin}: the service says that the request has no Census API key.",
        f"Get one at {KEY_SIGNUP} and set OUTREACH_CENSUS_API_KEY.",
    )


def _refuse_query(status: int, text: str, origin: str) -> None:
    """Raise if the service says that the request is wrong."""
    if status == HTTPStatus.NOT_FOUND:
        raise QueryRefused(
            f"{origin}: the service has no such dataset in that year (status 404).",
            "Choose another vintage in campaign.toml. The newest one may not be published yet.",
        )
    if status == HTTPStatus.OK:
        return
    quote = " ".join(text.split())[:_QUOTE_LENGTH]
    words = _find_title(text) if text.startswith("<") else quote
    refusal = (
        f"{origin}: the service refuses the request (status {status}):"
        f" {words or 'it does not say why'}."
    )
    unknown = re.search(r"unknown variable '(\w+)'", text)
    if unknown:
        raise VariableUnknown(refusal, _COMPARE, unknown[1])
    raise QueryRefused(refusal, _COMPARE)


def _explain_page(text: str, origin: str) -> KeyRefused | AnswerMalformed:
    """Tell the service's pages about keys from any other page."""
    title = _find_title(text)
    if re.search(r"\b(invalid|missing)[ _]key\b", title, re.IGNORECASE):
        return _explain_key(title, origin)
    return AnswerMalformed(
        f"{origin}: the service sent a web page ('{title}') instead of figures.",
        "There may be a proxy, a sign-in page, or maintenance. Open the service's address in a"
        " browser.",
    )


def _find_title(text: str) -> str:
    """Return the title of a web page, shortened, or 'untitled'."""
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    if title is None:
        return "untitled"
    return " ".join(html.unescape(title.group(1)).split())[:_TITLE_LENGTH]


def _read_rows(response: Any, columns: list[str], origin: str) -> list[list[Any]]:
    """Return header and rows if they are an array of arrays with every requested column."""
    try:
        # The service writes UTF-8; a guess at another encoding could change what it says.
        rows: Any = json.loads(response.content)
    except RecursionError:
        raise AnswerMalformed(
            f"{origin}: the answer is JSON with too many lists inside one another.", _COMPARE
        ) from None
    except ValueError:
        size = len(response.content)
        raise AnswerMalformed(
            f"{origin}: the answer is not complete JSON ({size:,} bytes received).", _TRY_LATER
        ) from None
    if not (isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)):
        raise AnswerMalformed(f"{origin}: the answer is JSON, but not a header and rows.", _COMPARE)

    header = rows[0]
    for name in (*columns, "state", "county", "tract"):
        if header.count(name) != 1:
            raise AnswerMalformed(
                f"{origin}: the answer has the column {name} {header.count(name)} times. Its"
                f" columns are {list_names([str(cell) for cell in header], _LISTED)}.",
                _COMPARE,
            )
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise AnswerMalformed(
                f"{origin}: row {number} has {len(row)} values for {len(header)} columns.",
                _TRY_LATER,
            )
    return rows
