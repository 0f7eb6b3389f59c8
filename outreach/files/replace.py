"""Replace a folder with a new one, in one step for whoever reads it."""

import contextlib
import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from outreach.files.workspace import Workspace, open_workspace, sweep_workspaces

#: Of Linux: renameat2(2), paths as seen from the working folder, and "exchange the two".
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
#: Files that are flushed side by side.
_FLUSHES = 8


@contextlib.contextmanager
def replace_folder(final: Path, is_ours: Callable[[str], bool] | None = None) -> Iterator[Path]:
    """Give a hidden folder to fill, and put it in place of ``final`` once the block ends well.

    What a killed process left of an earlier try is removed, or put back, first.

    Parameters
    ----------
    final
        The folder to make or to replace. If the block fails, it stays as it was.
    is_ours
        Whether a file of the older folder, by its path in it, is one that the new folder replaces.
        Every other file, and every link, moves to the new folder. By default all are ours.

    Yields
    ------
    Path
        An empty folder on the same disk, readable by everybody.

    Raises
    ------
    FileExistsError
        ``final`` is a link, or one of the files that are not ours stands in the way of a new one.
    FileNotFoundError
        Somebody removed the new folder while it was being built.
    """
    refuse_link(final)
    if final.parent.is_dir():
        sweep_workspaces(final.parent, final.name)
    with open_workspace(final.parent, final.name) as workspace:
        yield workspace.content

        workspace.check_present()
        refuse_link(final)
        if is_ours is not None and final.is_dir():
            _keep_others(final, workspace.content, is_ours)
        flush_folder(workspace.content)
        _take_place(workspace, final)


def refuse_link(path: Path) -> None:
    """Refuse to replace a link, or to write through it.

    Raises
    ------
    FileExistsError
        The path is a link.
    """
    if path.is_symlink():
        raise FileExistsError(17, "it is a link to another place", str(path))


def flush_folder(folder: Path) -> None:
    """Force every file and folder to the disk, so that a power cut leaves none empty."""
    paths = [
        path
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and (path.is_file() or path.is_dir())
    ]
    # Side by side, because a thousand files one after another mostly wait for the disk.
    with ThreadPoolExecutor(_FLUSHES) as pool:
        list(pool.map(_flush_path, paths))


def _flush_path(path: Path) -> None:
    """Force one file, or the names in one folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _keep_others(old: Path, new: Path, is_ours: Callable[[str], bool]) -> None:
    """Bring the files that are not ours, and all links, from the old folder to the new one."""
    for path in sorted(old.rglob("*")):
        name = path.relative_to(old).as_posix()
        if not path.is_symlink() and (path.is_dir() or is_ours(name)):
            continue
        target = new / name
        if os.path.lexists(target):
            raise FileExistsError(17, "it is in the way of a new file", str(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target, follow_symlinks=False)
        except OSError:  # a disk without hard links
            shutil.copy2(path, target, follow_symlinks=False)


def _take_place(workspace: Workspace, final: Path) -> None:
    """Give the content its final name; an older folder goes into the workspace."""
    if not final.exists():
        workspace.content.rename(final)
    elif not exchange_paths(workspace.content, final):
        # This system cannot exchange, so the old folder steps aside for a moment. If the process is
        # killed right here, the next sweep puts it back.
        workspace.old.mkdir()
        final.rename(workspace.old / final.name)
        workspace.content.rename(final)


def exchange_paths(one: Path, other: Path) -> bool:
    """Exchange two paths on one disk in a single step.

    Returns
    -------
    bool
        ``False`` if this system or this kind of disk cannot; then nothing was done.
    """
    exchange = getattr(ctypes.CDLL(None), "renameat2", None)
    if exchange is None:
        return False
    exchange.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_uint,
    ]
    paths = os.fsencode(one), os.fsencode(other)
    return bool(exchange(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)
