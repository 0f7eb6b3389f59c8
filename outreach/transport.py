"""Send HTTP requests with retries, and keep the API key out of every message.

The Census API takes its key in the address (census reference 1.1), and every HTTP library puts
addresses into errors and logs. So the adapter adds the key on the way to the wire. No session,
request, or response holds it, and the adapter raises its errors outside of every handler, so that
no ``__context__`` leads back to the address with the key.
"""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit, urlunsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.util.retry import Retry

from outreach import __version__
from outreach.errors import ServiceUnavailable
from outreach.settings import Settings

#: The public addresses that the code uses; settings may redirect each.
API_URL = "https://api.census.gov"
FILES_URL = "https://www2.census.gov"

#: Status codes of temporary faults, worth another try (census reference 1.3).
_TEMPORARY = (429, 500, 502, 503, 504)

#: Longest wait (seconds) that a service can request with ``Retry-After``.
_LONGEST_WAIT = 120.0


class _Retry(Retry):
    """Retries of urllib3, with a limit on ``Retry-After``."""

    def get_retry_after(self, response: Any) -> float | None:
        """Return the seconds to wait, at most :data:`_LONGEST_WAIT`."""
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(seconds, _LONGEST_WAIT)


class _WireAdapter(HTTPAdapter):
    """Sends requests for a public address to the configured one, with the key if there is one."""

    def __init__(self, public: str, actual: str, key: SecretStr | None, settings: Settings) -> None:
        self._public, self._actual, self._key = urlsplit(public), urlsplit(actual), key
        self._timeout = settings.timeout_seconds
        retry = _Retry(
            total=settings.retries,
            backoff_factor=settings.backoff_seconds,
            backoff_jitter=settings.backoff_seconds,
            status_forcelist=_TEMPORARY,
            allowed_methods=("GET", "HEAD"),
            respect_retry_after_header=True,
            raise_on_status=False,
            redirect=0,
        )
        super().__init__(max_retries=retry, pool_maxsize=settings.parallel_requests)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  the base class's signature
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send ``request``. The response keeps the request without the key."""
        wire = request.copy()
        wire.url = self._wire_url(str(request.url))

        # The session chose proxies for the public address, but the request goes to the actual one.
        proxies = get_environ_proxies(wire.url)
        kind = ""
        try:
            response = super().send(wire, stream, timeout or self._timeout, verify, cert, proxies)
        except requests.RequestException as error:
            kind = type(error).__name__
        if kind:
            raise ServiceUnavailable(
                f"Cannot reach {self._actual.netloc} for {urlsplit(str(request.url)).path}"
                f" ({kind}), after {self.max_retries.total} retries.",
                "Check the network and run again. What was downloaded so far is kept.",
            )
        response.request, response.url = request, str(request.url)
        return response

    def _wire_url(self, url: str) -> str:
        """Replace the base address and add the key."""
        parts = urlsplit(url)
        query = parts.query
        if self._key is not None:
            query = "&".join(
                part for part in (query, urlencode({"key": self._key.get_secret_value()})) if part
            )
        return urlunsplit(
            (
                self._actual.scheme,
                self._actual.netloc,
                self._actual.path.rstrip("/") + parts.path,
                query,
                "",
            )
        )


class _Redaction(logging.Filter):
    """Removes a key from what urllib3 logs and from what a service sends back.

    At debug level, urllib3 logs whole addresses. Two filters for the same key are equal, so that a
    logger keeps one however many sessions there are.
    """

    def __init__(self, key: SecretStr) -> None:
        super().__init__()
        self._key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Redaction) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def clean(self, text: str) -> str:
        """Return ``text`` without the key, whether plain or URL-encoded."""
        key = self._key.get_secret_value()
        for spelling in (key, quote_plus(key)):
            text = text.replace(spelling, "[key]")
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; never drop one."""
        message = record.getMessage()
        if (cleaned := self.clean(message)) != message:
            record.msg, record.args = cleaned, ()
        return True

    def clean_response(self, response: requests.Response) -> None:
        """Remove the key from a body or header that repeats it, as error pages and redirects do."""
        key = self._key.get_secret_value()
        for spelling in (key, quote_plus(key)):
            if spelling.encode() in response.content:
                response._content = response.content.replace(spelling.encode(), b"[key]")  # noqa: SLF001  no public way
        for name, value in response.headers.items():
            response.headers[name] = self.clean(value)


class Transport(requests.Session):
    """A session for the Census Data API (with a key) and the file server (without).

    Request the public addresses, ``https://api.census.gov/...`` and
    ``https://www2.census.gov/...``; the settings decide where requests go. Redirects are not
    followed, because the API answers a missing key with one.

    Parameters
    ----------
    settings
        Addresses, timeout, and number of retries.
    key
        The API key, added to API requests on the wire only. ``None``, or a blank one, sends none.
    """

    def __init__(self, settings: Settings, key: SecretStr | None = None) -> None:
        super().__init__()
        if key is not None and not key.get_secret_value().strip():
            key = None
        self.headers["User-Agent"] = f"census-outreach/{__version__}"
        self.mount(API_URL, _WireAdapter(API_URL, settings.api_url, key, settings))
        self.mount(FILES_URL, _WireAdapter(FILES_URL, settings.files_url, None, settings))
        self._redaction = None if key is None else _Redaction(key)
        if self._redaction is not None:
            for name in ("urllib3.connectionpool", "urllib3.util.retry"):
                logging.getLogger(name).addFilter(self._redaction)

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request without following redirects, and read the whole body.

        Raises
        ------
        ServiceUnavailable
            The service cannot be reached, or the connection broke during the answer.
        """
        kwargs["allow_redirects"] = False
        kind = ""
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            kind = type(error).__name__
        else:
            if self._redaction is not None and not kwargs.get("stream"):
                self._redaction.clean_response(response)
            return response
        raise ServiceUnavailable(
            f"The answer from {urlsplit(str(url)).path} was cut off ({kind}).",
            "Run again. What was downloaded so far is kept.",
        )
