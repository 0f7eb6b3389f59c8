"""Limit the time that a run spends on repeating requests that failed."""

import contextlib
import datetime as dt
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from email.utils import parsedate_to_datetime

#: Takes a sentence for people, once at the beginning of a wait.
Announce = Callable[[str], object]

#: Longest wait (seconds) that we choose ourselves; a service may request a longer one.
_LONGEST_BACKOFF = 120.0
#: A longer request than a year is none; the limit keeps figures in messages readable.
_LONGEST_REQUEST = 366 * 86_400.0
#: Shorter waits (seconds) are not worth a sentence.
_WORTH_SAYING = 2.0

_announce: ContextVar[Announce | None] = ContextVar("announce", default=None)


@contextlib.contextmanager
def announce_waits(announce: Announce) -> Iterator[None]:
    """Announce the waits of every session that is opened inside the block."""
    token = _announce.set(announce)
    try:
        yield
    finally:
        _announce.reset(token)


class Patience:
    """The one budget of waiting of a run, shared by its threads.

    Time counts once, however many requests wait at the same moment.

    Parameters
    ----------
    seconds
        The budget.
    """

    def __init__(self, seconds: float) -> None:
        # Threads do not share a context, so the announcer is kept.
        self._seconds, self._announce = seconds, _announce.get()
        self._spent, self._requests, self._since = 0.0, 0, 0.0
        self._announced_until = 0.0
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """The seconds that are left of the budget, 0 at least."""
        with self._lock:
            current = time.monotonic() - self._since if self._requests else 0.0
            return max(0.0, self._seconds - self._spent - current)

    @contextlib.contextmanager
    def spend(self) -> Iterator[None]:
        """Count the time of the block, in which one request is repeated."""
        with self._lock:
            if not self._requests:
                self._since = time.monotonic()
            self._requests += 1
        try:
            yield
        finally:
            with self._lock:
                self._requests -= 1
                if not self._requests:
                    self._spent += time.monotonic() - self._since

    def wait(self, seconds: float, sentence: str) -> None:
        """Wait, and announce it unless another request has announced a wait as long."""
        end = time.monotonic() + seconds
        with self._lock:
            is_news = seconds >= _WORTH_SAYING and end > self._announced_until + 1
            if is_news:
                self._announced_until = end
        if is_news and self._announce is not None:
            self._announce(sentence)
        if seconds > 0:
            time.sleep(seconds)


def read_wait(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header requests, or ``None`` without a usable one.

    Source: RFC 9110, section 10.2.3: a number of seconds, or a date.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_REQUEST)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    seconds = (moment - dt.datetime.now(dt.UTC)).total_seconds()
    return min(max(0.0, seconds), _LONGEST_REQUEST)


def choose_wait(number: int, factor: float) -> float:
    """Return the seconds to wait before a retry: none first, then twice as long each time.

    Parameters
    ----------
    number
        1 for the first retry.
    factor
        Seconds; up to as many are added at random, so that requests do not come all at once.
    """
    if number <= 1:
        return 0.0
    jitter = random.uniform(0, factor)  # noqa: S311  spreads requests, keeps no secret
    return float(min(factor * 2 ** (number - 1) + jitter, _LONGEST_BACKOFF))
