"""Remove the API key from log lines and from what a service sends back."""

import logging
from urllib.parse import quote_plus

import requests
from pydantic import SecretStr


class Redaction(logging.Filter):
    """Removes a key from what urllib3 logs and from what a service sends back.

    At debug level, urllib3 logs whole addresses. Two filters for the same key are equal, so that a
    logger keeps one however many sessions there are.
    """

    def __init__(self, key: SecretStr) -> None:
        super().__init__()
        self._key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Redaction) and self._key == other._key

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
