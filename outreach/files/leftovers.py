"""Find what killed processes left in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

from outreach.files.lock import take_lock
from outreach.files.single import STAGED
from outreach.files.workspace import LOCK, PREFIX


def find_leftovers(folder: Path) -> Iterator[Path]:
    """Yield the hidden files and workspaces below a folder that no process holds.

    Parameters
    ----------
    folder
        Nothing in it is changed. On a disk without locks nothing counts as left.
    """
    for parent, names, files in os.walk(folder):
        for name in sorted(names):
            path = Path(parent, name)
            if name.startswith(PREFIX) and not path.is_symlink() and _is_free(path / LOCK):
                yield path
        # What is in a workspace belongs to it.
        names[:] = [name for name in names if not name.startswith(PREFIX)]
        for name in sorted(files):
            if STAGED.fullmatch(name) and _is_free(Path(parent, name)):
                yield Path(parent, name)


def _is_free(path: Path) -> bool:
    """Return whether nobody holds the lock of a file."""
    lock = take_lock(path)
    if lock is not None:
        os.close(lock)
    return lock is not None
