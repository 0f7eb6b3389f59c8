"""Progress of a run: flows tell of their steps, a door may listen, and the time of each step is kept for the manifest."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

#: A door's listener: the step's title, and whether it has just begun (True) or ended (False).
Listener = Callable[[str, bool], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextlib.contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` of every step that a flow takes inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@dataclass
class Steps:
    """The steps of one run and the seconds that each took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Time one step and tell the listener, also when the step fails."""
        tell = _listener.get() or (lambda _title, _begun: None)
        tell(title, True)
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[title] = round(self.seconds.get(title, 0) + time.perf_counter() - begun, 3)
            tell(title, False)
