"""Reads one reply of the Census Data API, ``https://api.census.gov/data``: rows of text, or the error that the service means by it.

The dialect of failure is that of the census reference 1.3, read in this order: the passing fault,
redirects about the key, no rows, trouble, a refused question, web pages, cut JSON, columns that are
not those asked for.
"""

import html
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from outreach.errors import AnswerMalformed, KeyRefused, QueryRefused, ServiceUnavailable
from outreach.settings import KEY_SIGNUP
from outreach.transport import Transport

#: What the service says, with status 200 too, when a query failed on its side.
_PASSING_FAULT = "There was an error while running your query"

_TRY_LATER = "Run again later; what was fetched so far is kept."
_COMPARE = "Compare the dataset's variables.json with its declaration in outreach/census/datasets."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the ``census`` client takes for a response: a status, and rows that have been looked at.

    Parameters
    ----------
    status_code
        200, or 204 for a valid question without rows.
    rows
        The header, then one list of texts (or ``None``) a tract, each as long as the header.
    """

    status_code: int
    rows: list[list[Any]]

    def json(self) -> list[list[Any]]:
        """Return header and rows; a new outer list, since the client takes the header off."""
        return list(self.rows)


class Listener:
    """The session of the ``census`` client: asks over our transport and turns each reply into an :class:`Answer` or an error.

    Parameters
    ----------
    transport
        The HTTP session; it adds the key on the wire.
    origin
        Dataset and area, for messages.
    """

    def __init__(self, transport: Transport, origin: str) -> None:
        self._transport, self._origin = transport, origin

    def get(self, url: str, params: dict[str, str]) -> Answer:
        """Ask once; the placeholder key of the client is left out.

        Raises
        ------
        KeyRefused, QueryRefused, ServiceUnavailable, AnswerMalformed
            The reply is no table of the columns asked for.
        """
        asked = {name: value for name, value in params.items() if name != "key"}
        response = self._transport.get(url, params=asked)
        status = response.status_code
        # Failures are short; guessing the encoding of a whole state's figures would take longer
        # than reading them.
        text = response.content[:20_000].decode("utf-8", "replace").strip()
        _refuse_trouble(status, text, self._origin)
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise _explain_redirect(response.headers, self._origin)
        if status == HTTPStatus.NO_CONTENT:
            return Answer(status, [])
        _refuse_question(status, text, self._origin)
        if text.startswith("<"):
            raise _explain_page(text, self._origin)
        return Answer(HTTPStatus.OK, _read_rows(response, asked["get"].split(","), self._origin))


def _refuse_trouble(status: int, text: str, origin: str) -> None:
    """Raise if the service failed on its own side; the transport has tried again already where a status says so."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise ServiceUnavailable(
            f"{origin}: the service says that we ask too often (status 429).", _TRY_LATER
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or _PASSING_FAULT in text:
        raise ServiceUnavailable(
            f"{origin}: the service failed on its own side (status {status}).", _TRY_LATER
        )


def _explain_redirect(headers: Any, origin: str) -> KeyRefused | AnswerMalformed:
    """Tell a missing key from one that is not valid, and both from any other redirect."""
    target = str(headers.get("Location", ""))
    if "X-DataWebAPI-KeyError" in headers or "_key" in target:
        return _explain_key(target, origin)
    return AnswerMalformed(
        f"{origin}: the service sends us elsewhere ({target.partition('?')[0] or 'it does not say where'}).",
        "Check OUTREACH_API_URL and whether a proxy or a sign-in page stands between.",
    )


def _explain_key(page: str, origin: str) -> KeyRefused:
    """Say what is wrong with the key, by the name or the text of the page that the service shows."""
    if "invalid" in page.lower():
        return KeyRefused(
            f"{origin}: the service says that the Census API key is not valid.",
            f"Check OUTREACH_CENSUS_API_KEY for a slip, activate the key by its e-mail, or get one at {KEY_SIGNUP}.",
        )
    return KeyRefused(
        f"{origin}: the service says that the request has no Census API key.",
        f"Get one at {KEY_SIGNUP} and set OUTREACH_CENSUS_API_KEY.",
    )


def _refuse_question(status: int, text: str, origin: str) -> None:
    """Raise if the service says that the question is wrong."""
    if status == HTTPStatus.NOT_FOUND:
        raise QueryRefused(
            f"{origin}: the service has no such dataset in that year (status 404).",
            "Choose another vintage in campaign.toml; the newest one may not be out yet.",
        )
    if status != HTTPStatus.OK:
        words = _page_title(text) if text.startswith("<") else " ".join(text.split())[:300]
        raise QueryRefused(
            f"{origin}: the service refuses the question (status {status}): {words or 'no words'}.",
            _COMPARE,
        )


def _explain_page(text: str, origin: str) -> KeyRefused | AnswerMalformed:
    """Tell the service's pages about keys from any other page that came instead of figures."""
    title = _page_title(text)
    if re.search(r"\b(invalid|missing)[ _]key\b", title, re.IGNORECASE):
        return _explain_key(title, origin)
    return AnswerMalformed(
        f"{origin}: a web page ('{title}') came instead of figures.",
        "A proxy, a sign-in page or maintenance may stand between; open the service's address in a browser.",
    )


def _page_title(text: str) -> str:
    """Return the title of a web page, shortened; 'untitled' without one."""
    found = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return " ".join(html.unescape(found.group(1)).split())[:100] if found else "untitled"


def _read_rows(response: Any, asked: list[str], origin: str) -> list[list[Any]]:
    """Return header and rows if they are an array of arrays with every column asked for."""
    rows: Any = None
    try:
        rows = response.json()
    except ValueError:
        rows = None
    if rows is None:
        size = len(response.content)
        raise AnswerMalformed(
            f"{origin}: the answer is not whole JSON ({size:,} bytes came).", _TRY_LATER
        )
    if not (isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)):
        raise AnswerMalformed(f"{origin}: the answer is JSON, but not a header and rows.", _COMPARE)
    header = rows[0]
    for name in (*asked, "state", "county", "tract"):
        if header.count(name) != 1:
            raise AnswerMalformed(
                f"{origin}: the column {name} stands {header.count(name)} times in the answer; it has {', '.join(map(str, header))}.",
                _COMPARE,
            )
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise AnswerMalformed(
                f"{origin}: row {number} has {len(row)} values for {len(header)} columns.",
                _TRY_LATER,
            )
    return rows
