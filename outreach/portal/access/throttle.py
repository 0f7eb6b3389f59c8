"""Slow down whoever tries passwords."""

import threading
import time
from collections import deque
from collections.abc import Callable

#: So many failures in so many seconds are enough; then a name or an address has to wait.
MOST_FAILURES, WINDOW_SECONDS = 5, 900.0
#: Most names and addresses that are kept in mind.
_MOST_KEYS = 10_000


class Throttle:
    """Failures of the last minutes, by name and by address.

    Parameters
    ----------
    clock
        Returns seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def find_wait(self, *keys: str) -> float:
        """Return the seconds until any of these may try again; 0 if they may now."""
        now = self._clock()
        with self._lock:
            waits = [self._measure_wait(key, now) for key in keys]
        return max(waits, default=0.0)

    def note_failure(self, *keys: str) -> None:
        """Keep in mind that a try with these failed."""
        now = self._clock()
        with self._lock:
            if len(self._failures) > _MOST_KEYS:
                self._forget(now)
            for key in keys:
                self._failures.setdefault(key, deque(maxlen=MOST_FAILURES)).append(now)

    def forget(self, *keys: str) -> None:
        """Forget the failures of these after a success."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _measure_wait(self, key: str, now: float) -> float:
        """Return the seconds that one has to wait."""
        failures = self._failures.get(key)
        if failures is None or len(failures) < MOST_FAILURES:
            return 0.0
        return max(0.0, failures[0] + WINDOW_SECONDS - now)

    def _forget(self, now: float) -> None:
        """Forget all whose last failure is long ago, or the oldest half where none is."""
        old = [key for key, times in self._failures.items() if times[-1] + WINDOW_SECONDS < now]
        for key in old or list(self._failures)[: _MOST_KEYS // 2]:
            del self._failures[key]
