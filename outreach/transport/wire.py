"""Put one request on the wire: address, key, and the limits of an answer.

The Census API takes its key in the address (census reference 1.1), and every HTTP library puts
addresses into errors and logs. So the adapter adds the key on the way to the wire. No session,
request, or response holds it, and errors are raised outside of every handler, so that no
``__context__`` leads back to the address with the key.
"""

import http.client
import io
import socket
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from outreach.errors import name_cause
from outreach.settings import Settings

#: The public addresses that the code uses; settings may redirect each.
API_URL = "https://api.census.gov"
FILES_URL = "https://www2.census.gov"

_CHUNK_BYTES = 1 << 16
#: The moment (``time.monotonic``) by which the answer of the current request must be complete.
_deadline: ContextVar[float] = ContextVar("deadline", default=float("inf"))


class WireError(Exception):
    """A request without a whole answer.

    Parameters
    ----------
    kind
        Why, in a few words.
    begun
        Whether the answer had begun.
    """

    def __init__(self, kind: str, *, begun: bool) -> None:
        super().__init__(kind)
        self.kind, self.begun = kind, begun


class TooLargeError(Exception):
    """An answer beyond the limit of size."""


class WireAdapter(HTTPAdapter):
    """Sends requests for a public address to the configured one, with the key if there is one.

    A request is sent once; :class:`outreach.transport.session.Transport` repeats it.
    """

    def __init__(self, public: str, actual: str, key: SecretStr | None, settings: Settings) -> None:
        self._public, self._actual, self._key = urlsplit(public), urlsplit(actual), key
        self._timeout, self._answer_seconds = settings.timeout_seconds, settings.answer_seconds
        super().__init__(max_retries=0, pool_maxsize=settings.parallel_requests)

    @property
    def host(self) -> str:
        """The host that requests go to."""
        return self._actual.netloc

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of connections, whose answers have a time limit."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pool of connections to a proxy, whose answers have a time limit too."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002  the base class's signature
        timeout: Any = None,
        verify: Any = True,  # noqa: FBT002
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send ``request``. The response keeps the request without the key.

        Raises
        ------
        WireError
            No answer began.
        """
        wire = request.copy()
        wire.url = self._wire_url(str(request.url))

        # The session chose proxies for the public address, but the request goes to the actual one.
        proxies = get_environ_proxies(wire.url)
        token = _deadline.set(time.monotonic() + self._answer_seconds)
        kind = ""
        try:
            response = super().send(wire, stream, timeout or self._timeout, verify, cert, proxies)
        except requests.RequestException as error:
            kind = name_cause(error)
        finally:
            _deadline.reset(token)
        if kind:
            raise WireError(kind, begun=False)
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


def read_body(response: requests.Response, largest: float) -> None:
    """Read the whole body into the response, unpacked.

    Parameters
    ----------
    response
        A response that was requested as a stream.
    largest
        Most bytes of the unpacked body.

    Raises
    ------
    WireError
        The connection broke, or the time limit passed.
    TooLargeError
        The body is larger. No more than one part beyond the limit was read.
    """
    kind, size, parts = "", 0, []
    try:
        for part in response.iter_content(_CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > largest:
                break
    except requests.RequestException as error:
        kind = name_cause(error)
    if kind or size > largest:
        response.close()
    if kind:
        raise WireError(kind, begun=True)
    if size > largest:
        raise TooLargeError
    response._content = b"".join(parts)  # noqa: SLF001  no public way
    response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001  no public way


class _TimedReader(io.RawIOBase):
    """Reads from a socket until the deadline of the request that it was opened for."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        super().__init__()
        self._raw, self._connection = raw, connection
        self._pause, self._until = connection.gettimeout(), _deadline.get()

    def readable(self) -> bool:
        """Return true: this is a reader."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, waiting for it no longer than to the deadline."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._connection.settimeout(left if self._pause is None else min(self._pause, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Close the socket's own reader as well."""
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """An answer, headers included, that must be complete by the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}
