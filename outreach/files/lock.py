"""Take a lock that a process holds until it closes it or dies.

A process number says nothing across containers and machines that share a folder. A lock does: the
system lets go of it when its holder ends, however it ends.
"""

import contextlib
import fcntl
import os
from pathlib import Path

_OPEN = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


def take_lock(path: Path) -> int | None:
    """Lock a file that somebody may have left, for as long as the returned descriptor is open.

    Parameters
    ----------
    path
        The file; it is made if it is missing, its folder is not.

    Returns
    -------
    int or None
        The open file descriptor. ``None`` if somebody else holds the lock, if the file was removed
        meanwhile, or if this kind of disk has no locks: then nothing may be removed either.
    """
    try:
        descriptor = os.open(path, _OPEN, 0o644)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink:
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def lock_new_file(path: Path) -> int | None:
    """Make a file and lock it, before anybody can take it for one that was left.

    Parameters
    ----------
    path
        A file that is not there yet.

    Returns
    -------
    int or None
        The open file descriptor, without a lock on a disk that has none. ``None`` if a sweep was
        quicker and removed the file; then try another name.

    Raises
    ------
    OSError
        The file cannot be made.
    """
    descriptor = os.open(path, _OPEN | os.O_EXCL, 0o666)
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # a sweep lets go in no time
    if os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)
    return None
