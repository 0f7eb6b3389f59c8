"""Build a folder out of sight, under a lock, and sweep what killed processes left.

A workspace is a hidden folder beside the final one::

    .building-<name>-<eight characters>/   lock      held by the builder for the life of the build
                                           content/  what is being built
                                           old/      what had to step aside for a moment
"""

import contextlib
import glob
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.files.lock import lock_new_file, take_lock

#: How the name of every workspace begins, and its file that the builder locks.
PREFIX, LOCK = ".building-", "lock"
_CONTENT, _OLD = "content", "old"
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Workspace:
    """A hidden folder in which one process builds.

    Parameters
    ----------
    folder
        The hidden folder. Only its owner can look into it.
    inode
        Of the content, to tell it from a folder that was made again in its place.
    """

    folder: Path
    inode: int = 0

    @property
    def content(self) -> Path:
        """The folder to fill, readable by everybody once it has its final place."""
        return self.folder / _CONTENT

    @property
    def old(self) -> Path:
        """Where an older folder waits while a new one takes its place."""
        return self.folder / _OLD

    @property
    def name(self) -> str:
        """The name that was given, with eight characters that make it unique."""
        return self.folder.name.removeprefix(PREFIX)

    def check_present(self) -> None:
        """Check that nobody removed the content.

        Raises
        ------
        FileNotFoundError
            It is gone. It is never made again, for what was in it would be missing.
        """
        if not self.content.is_dir() or self.content.stat().st_ino != self.inode:
            raise FileNotFoundError(2, "the folder was removed while it was being built")


@contextlib.contextmanager
def open_workspace(parent: Path, name: str) -> Iterator[Workspace]:
    """Open a workspace for the time of the block, and remove it afterwards.

    Parameters
    ----------
    parent
        The folder that will hold what is built; it is made if it is missing.
    name
        Part of the hidden folder's name, for people who look.
    """
    parent.mkdir(parents=True, exist_ok=True)
    made: list[Workspace] = []
    locks: list[int] = []
    try:
        locks.append(_make_locked(parent, f"{PREFIX}{name[:_LONGEST_NAME]}-", made))
        workspace = made[-1]
        workspace.content.mkdir()
        workspace.content.chmod(0o755)
        # While it is open, no other folder can get its inode.
        opened = os.open(workspace.content, os.O_RDONLY)
        try:
            yield Workspace(workspace.folder, os.fstat(opened).st_ino)
        finally:
            os.close(opened)
    finally:
        for workspace in made:
            _clear(workspace)
        for lock in locks:
            os.close(lock)


def sweep_workspaces(parent: Path, name: str = "") -> None:
    """Remove the workspaces whose builders have ended, and put back what had stepped aside.

    Parameters
    ----------
    parent
        The folder to sweep.
    name
        Sweep only workspaces of this name.
    """
    for folder in parent.glob(f"{PREFIX}{glob.escape(name[:_LONGEST_NAME])}*"):
        if folder.is_symlink() or not folder.is_dir():
            continue
        lock = take_lock(folder / LOCK)
        if lock is not None:
            _clear(Workspace(folder))
            os.close(lock)


def _make_locked(parent: Path, prefix: str, made: list[Workspace]) -> int:
    """Make a hidden folder and lock it; try again where a sweep came between the two.

    It is noted in ``made`` before it is there, because a signal may stop us at any moment.
    """
    while True:
        made[:] = [Workspace(parent / f"{prefix}{secrets.token_hex(4)}")]
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            made[-1].folder.mkdir(mode=0o700)
            lock = lock_new_file(made[-1].folder / LOCK)
            if lock is not None:
                return lock


def _clear(workspace: Workspace) -> None:
    """Put back a folder that had stepped aside, then remove the workspace."""
    for old in workspace.old.glob("*") if workspace.old.is_dir() else ():
        final = workspace.folder.parent / old.name
        if not os.path.lexists(final):
            old.rename(final)
    shutil.rmtree(workspace.folder, ignore_errors=True)
