"""Run real commands in processes of their own, under a fault of the machine.

The parent has loaded every library, so a command begins at once and a fault meets its work rather
than its imports. A child is forked, runs :func:`outreach.cli.main`, and ends as a command does.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import resource
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach.cli import main

#: A child that takes longer than this hangs.
LONGEST_SECONDS = 900.0
_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWPID, _NO_NEW_PRIVILEGES, _SECCOMP, _FILTER_MODE = 0x20000000, 38, 22, 2
#: The number of flock(2) by machine.
_FLOCK = {"x86_64": 73, "aarch64": 32}


@dataclass(frozen=True)
class Finished:
    """How a command ended: its exit code (negative for a signal), what it wrote, its seconds."""

    code: int
    out: str
    err: str
    seconds: float


@dataclass
class Child:
    """A command that runs."""

    pid: int
    folder: Path
    start: float

    def signal(self, number: int) -> None:
        """Send a signal, if the command is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def wait(self) -> Finished:
        """Wait for the end; a command that hangs is killed and counts as ended by an alarm."""
        until, status, ended = self.start + LONGEST_SECONDS, 0, 0
        while not ended and time.monotonic() < until:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            time.sleep(0 if ended else 0.005)
        if not ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status) if ended else -signal.SIGALRM.value
        out, err = ((self.folder / name).read_text(errors="replace") for name in ("out", "err"))
        return Finished(code, out, err, time.monotonic() - self.start)


def start_command(
    arguments: Sequence[str],
    folder: Path,
    env: dict[str, str],
    prepare: Callable[[], object] = lambda: None,
) -> Child:
    """Start ``outreach`` in a folder.

    Parameters
    ----------
    arguments, folder, env
        The command, its working folder, and the environment on top of ours.
    prepare
        Called in the child just before the command begins: the fault.
    """
    logs = Path(os.environ["DRILL_LOGS"]) / f"{time.monotonic_ns()}"
    logs.mkdir()
    start = time.monotonic()
    pid = os.fork()
    if pid:
        return Child(pid, logs, start)
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        os.environ.update(env)
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(logs / name, os.O_WRONLY | os.O_CREAT), number)
        sys.argv = ["outreach", *arguments]
        prepare()
        code = _run_main()
    except BaseException:  # noqa: BLE001  what the interpreter would print
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _run_main() -> int:
    """Run the command line and return its exit code."""
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(bool(end.code))
    return 0


def close_pipe() -> None:
    """Let nobody read what the command prints."""
    reading, writing = os.pipe()
    os.close(reading)
    os.dup2(writing, 1)


def limit_files(most: int) -> None:
    """Allow so many open files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def refuse_locks() -> None:
    """Let the kernel refuse flock(2) with ENOLCK, as a network disk without locks does."""
    # struct sock_filter: load the number of the call; if it is flock, refuse it; else allow.
    rows = (
        (0x20, 0, 0, 0),
        (0x15, 0, 1, _FLOCK[platform.machine()]),
        (0x06, 0, 0, 0x00050000 | errno.ENOLCK),
        (0x06, 0, 0, 0x7FFF0000),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = struct.pack("HxxxxxxP", len(rows), ctypes.addressof(code))
    if _LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or _LIBC.prctl(
        _SECCOMP, _FILTER_MODE, program, 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel does not let us refuse locks")


def has_refused_locks(folder: Path) -> bool:
    """Try in a child whether this kernel can refuse locks."""
    pid = os.fork()
    if not pid:
        code = 1
        with contextlib.suppress(OSError, KeyError):
            refuse_locks()
            try:
                with (folder / "lock").open("w") as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
            except OSError as error:
                code = int(error.errno != errno.ENOLCK)
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def enter_pid_namespace() -> None:
    """Go on as process 1 of a PID namespace of its own, as in a container."""
    if _LIBC.unshare(_CLONE_NEWPID):
        raise OSError(ctypes.get_errno(), "no PID namespace")
    pid = os.fork()
    if pid:
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os._exit(code if code >= 0 else 128 - code)


def can_enter_pid_namespace() -> bool:
    """Try in a child whether this machine has PID namespaces for us."""
    pid = os.fork()
    if not pid:
        os._exit(int(_LIBC.unshare(_CLONE_NEWPID) != 0))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@contextlib.contextmanager
def mount_disk(place: Path, kilobytes: int = 0) -> Iterator[bool]:
    """Mount a disk in memory; yield whether this machine let us."""
    place.mkdir(parents=True, exist_ok=True)
    size = f"size={kilobytes}k" if kilobytes else "size=2g"
    mounted = not _LIBC.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, size.encode())
    try:
        yield mounted
    finally:
        if mounted:
            _LIBC.umount2(os.fsencode(place), 2)


def change_disk(place: Path, kilobytes: int, *, read_only: bool = False) -> None:
    """Give a disk in memory another size, or forbid to write on it."""
    flags = 32 | int(read_only)
    if _LIBC.mount(b"tmpfs", os.fsencode(place), b"tmpfs", flags, f"size={kilobytes}k".encode()):
        raise OSError(ctypes.get_errno(), "the disk in memory cannot be changed", str(place))
