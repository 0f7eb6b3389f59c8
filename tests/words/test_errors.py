"""Why a connection failed is said in our own words, whatever a library calls it."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from outreach.errors import StorageError, name_cause
from outreach.storage.bucket import open_bucket


@pytest.fixture
def silent() -> Iterator[int]:
    """Listen on a port, take connections, and say nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closing() -> Iterator[int]:
    """Listen on a port, and close each connection at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def close_all() -> None:
            try:
                while True:
                    server.accept()[0].close()
            except OSError:
                return

        threading.Thread(target=close_all, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def catch(call: Callable[[], object]) -> str:
    """Name the cause of what a call raises."""
    with pytest.raises((OSError, smtplib.SMTPException)) as caught:
        call()
    return name_cause(caught.value)


def test_what_libraries_raise_is_named_in_our_words(silent: int, closing: int) -> None:
    nobody = "http://127.0.0.1:9"
    assert catch(lambda: requests.get(nobody, timeout=5)) == "nothing answers there"
    address = f"http://127.0.0.1:{silent}"
    assert catch(lambda: requests.get(address, timeout=0.05)) == "it took too long"
    broken = "the connection broke off"
    assert catch(lambda: requests.get(f"http://127.0.0.1:{closing}", timeout=5)) == broken
    assert catch(lambda: smtplib.SMTP("127.0.0.1", closing, timeout=5)) == broken
    assert catch(lambda: smtplib.SMTP("127.0.0.1", 9, timeout=5)) == "nothing answers there"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "x"), "its name is not known"),
        (ssl.SSLError("certificate verify failed"), "no encrypted connection can be made"),
        (requests.exceptions.ProxyError("refused"), "the proxy does not let it through"),
        (requests.exceptions.TooManyRedirects(), "it leads round in circles"),
        (ValueError("key=secret"), "the cause is not known"),
    ],
)
def test_a_cause_is_named_without_the_library_s_words(error: Exception, words: str) -> None:
    assert name_cause(error) == words


def test_a_storage_that_is_not_there_is_one_sentence_without_a_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "0123456789abcdef")
    bucket = open_bucket("s3://census/2030", "http://127.0.0.1:9")
    for task, call in {
        "list it": bucket.survey,
        "use latest": lambda: bucket.read("latest"),
    }.items():
        sentence = f"^The storage s3://census/2030 fails to {task}: nothing answers there."
        with pytest.raises(StorageError, match=sentence):
            call()
