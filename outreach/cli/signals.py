"""Stop a command in order when the user or the system asks it to end."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

#: What asks a command to end: Ctrl-C, an orderly stop, a closed terminal. Not every system has all.
_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
#: A library may swallow an interruption or wait for its threads, so it is repeated this often. A
#: closed terminal signals twice at once, and cleaning up must not be broken off by the second one.
_REPEAT_SECONDS = 3.0


class Stop:
    """Whether a command was asked to end, and by which signal."""

    def __init__(self) -> None:
        self._number = 0
        self._last = -_REPEAT_SECONDS
        self._over = threading.Event()

    @property
    def code(self) -> int:
        """The exit code of a stopped command: 128 and the number of the signal."""
        return 128 + (self._number or signal.SIGINT)

    def interrupt(self, number: int, _frame: FrameType | None) -> None:
        """Interrupt the main thread, as Ctrl-C does."""
        self._number = self._number or number
        if time.monotonic() - self._last < _REPEAT_SECONDS / 2:
            return
        self._last = time.monotonic()
        raise KeyboardInterrupt

    def end(self) -> None:
        """Stop repeating: the command has ended."""
        self._over.set()

    def watch(self, pipe: int) -> None:
        """Take the first signal from a pipe, and repeat it as Ctrl-C until the command ends.

        The pipe also has the signals for which a library has its own handler, as Prefect does
        during a flow.
        """
        number = os.read(pipe, 1)
        if number:
            self._number = self._number or number[0]
        main = threading.main_thread().ident
        # A command in the background of a script ignores Ctrl-C; its own signal is repeated then.
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        again = self._number if ignored else signal.SIGINT
        while number and main is not None and not self._over.wait(_REPEAT_SECONDS):
            signal.pthread_kill(main, again)
        while number:
            number = os.read(pipe, 1)  # until the block ends, for a pipe without a reader complains
        os.close(pipe)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Let every signal that asks to end interrupt the block.

    A signal that is ignored, as ``nohup`` does for a closed terminal, stays ignored.

    Yields
    ------
    Stop
        Knows the exit code once the block was interrupted.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    try:
        reading, writing = os.pipe()
    except OSError:  # too few open files: the command will say so
        yield stop
        return
    os.set_blocking(writing, False)
    earlier = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watcher = threading.Thread(target=stop.watch, args=(reading,), daemon=True)
    watcher.start()
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    unraisable, sys.unraisablehook = sys.unraisablehook, _hide_interruption
    for number, handler in handlers.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop.interrupt)
    try:
        yield stop
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        sys.unraisablehook = unraisable
        signal.set_wakeup_fd(earlier)
        stop.end()
        os.close(writing)


def exit_stopped(code: int) -> None:
    """Exit without waiting for threads that still wait for a service."""
    others = set(threading.enumerate()) - {threading.main_thread()}
    if any(not thread.daemon for thread in others):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def _hide_interruption(unraisable: Any) -> None:
    """Print what cannot be raised, but not an interruption, for it will be repeated."""
    if not issubclass(unraisable.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
