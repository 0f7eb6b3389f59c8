"""Send HTTP requests with retries, and keep the API key out of every message."""

import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from outreach import __version__
from outreach.errors import (
    AnswerMalformed,
    OutreachError,
    PatienceSpent,
    ServiceUnavailable,
    name_cause,
)
from outreach.settings import Settings
from outreach.transport.patience import Patience, choose_wait, read_wait
from outreach.transport.redaction import Redaction
from outreach.transport.wire import (
    API_URL,
    FILES_URL,
    TooLargeError,
    WireAdapter,
    WireError,
    read_body,
)

#: Status codes of temporary faults, worth another try (census reference 1.3).
_TEMPORARY = frozenset({429, 500, 502, 503, 504})
#: What the service writes, also with status 200, when it failed on its side (census reference 1.3,
#: jtleider/censusdata issue 43).
_PASSING_FAULTS = (
    b"There was an error while running your query",
    b"the system is currently undergoing maintenance or is busy",
)
#: Such a text is short.
_PASSING_BYTES = 2_000
_REPEATABLE = frozenset({"GET", "HEAD"})
_MEGABYTE = 1_000_000
_KEPT = "What was downloaded so far is kept."


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one try of a request gave.

    Parameters
    ----------
    response
        The answer, if it is whole.
    fault
        Why there is none, in a few words; or the status of a temporary fault.
    begun
        Whether an answer had begun.
    requested
        Seconds that the service asks us to wait.
    """

    response: requests.Response | None = None
    fault: str = ""
    begun: bool = False
    requested: float | None = None


class Transport(requests.Session):
    """A session for the Census Data API (with a key) and the file server (without).

    Request the public addresses, ``https://api.census.gov/...`` and
    ``https://www2.census.gov/...``; the settings decide where requests go. Redirects are not
    followed, because the API answers a missing key with one.

    It alone repeats requests. All repeating of one session together takes no longer than
    ``settings.patience_seconds``, however many threads and requests there are. Where a door listens
    (:func:`outreach.transport.announce_waits`), each wait of some seconds is a sentence there.

    Parameters
    ----------
    settings
        Addresses, limits of an answer, number of retries, and patience.
    key
        The API key, added to API requests on the wire only. ``None``, or a blank one, sends none.
    asks_again
        Whether a cached file is compared with that of the server before it is used.
    """

    def __init__(
        self, settings: Settings, key: SecretStr | None = None, *, asks_again: bool = True
    ) -> None:
        super().__init__()
        self.asks_again = asks_again
        if key is not None and not key.get_secret_value().strip():
            key = None
        self.headers["User-Agent"] = f"census-outreach/{__version__}"
        self.mount(API_URL, WireAdapter(API_URL, settings.api_url, key, settings))
        self.mount(FILES_URL, WireAdapter(FILES_URL, settings.files_url, None, settings))
        self._settings = settings
        self._patience = Patience(settings.patience_seconds)
        self._redaction = None if key is None else Redaction(key)
        if self._redaction is not None:
            for name in ("urllib3.connectionpool", "urllib3.util.retry"):
                logging.getLogger(name).addFilter(self._redaction)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request without following redirects, and read the whole body.

        Returns
        -------
        requests.Response
            The answer, also when it has the status of a temporary fault after all retries.

        Raises
        ------
        ServiceUnavailable
            The service cannot be reached, the connection broke during the answer, or the answer
            took longer than the limit.
        PatienceSpent
            The service asks us to wait longer than the run's patience.
        AnswerMalformed
            The answer is larger than the limit.
        """
        kwargs |= {"allow_redirects": False, "stream": True}
        attempt, retries = self._attempt(method, url, *args, **kwargs), 0
        if attempt.fault and str(method).upper() in _REPEATABLE:
            with self._patience.spend():
                while attempt.fault and retries < self._settings.retries:
                    if not self._wait(attempt, retries + 1, str(url)):
                        break
                    attempt, retries = self._attempt(method, url, *args, **kwargs), retries + 1
        if attempt.response is None:
            raise self._explain_fault(attempt, retries, str(url))
        return attempt.response

    def _attempt(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> _Attempt:
        """Send a request once. What is no use to repeat is raised at once."""
        start, failure = time.monotonic(), None
        refusal: OutreachError | None = None
        try:
            response = super().request(method, url, *args, **kwargs)
            read_body(response, self._find_limit(response, str(url)))
        except WireError as error:
            failure = _Attempt(fault=error.kind, begun=error.begun)
        except TooLargeError:
            refusal = _refuse_size(self._find_limit(response, str(url)), str(url))
        except requests.RequestException as error:
            failure = _Attempt(fault=name_cause(error), begun=True)

        # Raised outside of the handlers, so that no context leads to the address with the key.
        if failure is not None and time.monotonic() - start >= self._settings.answer_seconds:
            refusal = _refuse_time(self._settings.answer_seconds, str(url))
        if refusal is not None:
            raise refusal
        if failure is not None:
            return failure
        if self._redaction is not None:
            self._redaction.clean_response(response)
        if response.status_code not in _TEMPORARY and not is_passing_fault(response.content):
            return _Attempt(response)
        requested = read_wait(response.headers.get("Retry-After"))
        return _Attempt(response, f"status {response.status_code}", requested=requested)

    def _wait(self, attempt: _Attempt, number: int, url: str) -> bool:
        """Wait before a retry; return whether the patience allows for one."""
        left = self._patience.left
        if attempt.requested is not None:
            seconds = attempt.requested
            sentence = f"The service asks us to wait {seconds:,.0f} s."
            if seconds > left:
                raise PatienceSpent(
                    f"{self._find_host(url)} asks us to wait {seconds:,.0f} s for"
                    f" {urlsplit(url).path}, and {left:,.0f} s of patience are left.",
                    f"Run again later, or raise OUTREACH_PATIENCE_SECONDS. {_KEPT}",
                )
        else:
            seconds = choose_wait(number, self._settings.backoff_seconds)
            sentence = (
                f"{self._find_host(url)} failed ({attempt.fault})."
                f" We wait {seconds:,.0f} s and ask again."
            )
        if left <= 0 or seconds > left:
            return False
        self._patience.wait(seconds, sentence)
        return True

    def _explain_fault(self, attempt: _Attempt, retries: int, url: str) -> ServiceUnavailable:
        """Say why there is no answer, and how often we asked."""
        path = urlsplit(url).path
        if attempt.begun:
            return ServiceUnavailable(
                f"The answer from {path} was cut off ({attempt.fault}).", f"Run again. {_KEPT}"
            )
        return ServiceUnavailable(
            f"Cannot reach {self._find_host(url)} for {path} ({attempt.fault}),"
            f" after {retries} retries.",
            f"Check the network and run again. {_KEPT}",
        )

    def _find_host(self, url: str) -> str:
        """Return the host that a request for a public address goes to."""
        adapter = self.get_adapter(url)
        assert isinstance(adapter, WireAdapter)
        return adapter.host

    def _find_limit(self, response: requests.Response, url: str) -> int:
        """Return the most bytes of an answer; what is packed in transit is never a large file."""
        is_file = url.startswith(FILES_URL) and "Content-Encoding" not in response.headers
        limits = self._settings
        return int((limits.file_megabytes if is_file else limits.answer_megabytes) * _MEGABYTE)


def _refuse_size(limit: int, url: str) -> AnswerMalformed:
    """Explain that an answer is too large."""
    return AnswerMalformed(
        f"The answer from {urlsplit(url).path} is larger than {limit / _MEGABYTE:,.0f} MB, so it"
        " was not read to the end.",
        "Something else may be answering in the service's place. If that size is right, raise"
        " OUTREACH_ANSWER_MEGABYTES or OUTREACH_FILE_MEGABYTES.",
    )


def _refuse_time(seconds: float, url: str) -> ServiceUnavailable:
    """Explain that an answer took too long."""
    return ServiceUnavailable(
        f"The answer from {urlsplit(url).path} was not complete after {seconds:,.0f} s.",
        f"Run again later. On a slow line, raise OUTREACH_ANSWER_SECONDS. {_KEPT}",
    )


def is_passing_fault(content: bytes) -> bool:
    """Return whether an answer is the service's text for a fault of its own that will pass."""
    return len(content) < _PASSING_BYTES and any(text in content for text in _PASSING_FAULTS)
