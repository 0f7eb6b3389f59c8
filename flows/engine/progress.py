"""Time the steps of a flow, and report them to a listening door."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from flows.engine.run_log import RunLog

#: A door's listener: takes a step's title, and whether it begins (True) or ends (False).
Listener = Callable[[str, bool], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextlib.contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Call ``listener`` for every step that a flow takes inside the block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@dataclass
class Steps:
    """The steps of one run, and the seconds that each took.

    Parameters
    ----------
    seconds
        By the title of a step.
    log
        Gets a line for each step, if the run has one.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    log: RunLog | None = None

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Time one step and report it to the listener, even if the step fails."""
        report = _listener.get() or (lambda _title, _begins: None)
        report(title, True)
        start = time.perf_counter()
        try:
            yield
        finally:
            taken = round(time.perf_counter() - start, 3)
            self.seconds[title] = round(self.seconds.get(title, 0) + taken, 3)
            if self.log is not None:
                self.log.write("step", title=title, seconds=taken)
            report(title, False)
