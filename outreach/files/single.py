"""Write one file, or several that belong together, in a single step."""

import contextlib
import glob
import os
import re
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from outreach.files.lock import lock_new_file, take_lock

#: The name of a file that is being written.
STAGED = re.compile(r"\..+\.[0-9a-f]{8}\.tmp")
_LONGEST_SLUG = 60


def write_file(path: Path, content: bytes | str, *, flush: bool = True) -> None:
    """Write one file in a single step: a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path
        The file; its folder is made if it is missing.
    content
        Text is written as UTF-8, with line ends as they are. A device or a pipe, such as
        ``/dev/stdout``, is written to and stays what it is.
    flush
        Whether to wait until it has reached the disk. Without, a power cut may leave a new file
        empty or cut short, which suits a file that proves itself by a hash.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    else:
        write_files({path: content}, flush=flush)


def write_files(files: Mapping[Path, bytes | str], *, flush: bool = True) -> None:
    """Write files so that none takes its place before all have reached the disk.

    Parameters
    ----------
    files
        The content of each file. Folders are made where they are missing. Until the end the content
        is in hidden files (``.<name>.<eight characters>.tmp``) beside the final ones.
    flush
        Whether to wait for the disk; see :func:`write_file`.
    """
    staged: dict[Path, Path] = {}
    open_files: list[int] = []
    try:
        # Bring all content to the disk under hidden names.
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            sweep_staged(path.parent, path.name)
            descriptor = _open_hidden(path, staged)
            open_files.append(descriptor)
            _write_content(descriptor, content, flush=flush)

        for path, hidden in staged.items():
            hidden.replace(path)
        for folder in {path.parent for path in staged} if flush else ():
            _flush_names(folder)
    except OSError as error:
        # A full disk does not name the file.
        error.filename = error.filename or str(path)
        raise
    finally:
        _drop_hidden(staged, open_files)


def create_file(path: Path, content: bytes | str) -> None:
    """Write a file that must not be there yet: it appears whole, or not at all.

    Parameters
    ----------
    path
        The file; its folder is made if it is missing.
    content
        Text is written as UTF-8, with line ends as they are.

    Raises
    ------
    FileExistsError
        The file is there. Of several processes at once only one can make it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep_staged(path.parent, path.name)
    staged: dict[Path, Path] = {}
    open_files: list[int] = []
    try:
        descriptor = _open_hidden(path, staged)
        open_files.append(descriptor)
        _write_content(descriptor, content, flush=True)
        os.link(staged[path], path)
        _flush_names(path.parent)
    except OSError as error:
        error.filename = error.filename2 or error.filename or str(path)
        raise
    finally:
        _drop_hidden(staged, open_files)


def sweep_staged(folder: Path, name: str = "*") -> None:
    """Remove the hidden files that killed writers left in a folder.

    Parameters
    ----------
    folder
        The folder to sweep.
    name
        The file that they were to become; by default any. A file that is being written is locked
        and stays.
    """
    pattern = f".{name if name == '*' else glob.escape(name)}.{'[0-9a-f]' * 8}.tmp"
    for hidden in folder.glob(pattern):
        if hidden.is_symlink() or not hidden.is_file():
            continue
        lock = take_lock(hidden)
        if lock is not None:
            hidden.unlink(missing_ok=True)
            os.close(lock)


def _open_hidden(path: Path, staged: dict[Path, Path]) -> int:
    """Make and lock a hidden file beside a path; return its descriptor.

    Its name is noted in ``staged`` before the file is there: a signal may stop us at any moment,
    and then the file has to be found.
    """
    while True:
        staged[path] = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
        descriptor = lock_new_file(staged[path])
        if descriptor is not None:
            return descriptor


def _drop_hidden(staged: Mapping[Path, Path], open_files: Iterable[int]) -> None:
    """Remove the hidden files that took no place, and let go of all."""
    for hidden in staged.values():
        # What cannot be removed now, the next writer sweeps.
        with contextlib.suppress(OSError):
            hidden.unlink(missing_ok=True)
    for descriptor in open_files:
        os.close(descriptor)


def _write_content(descriptor: int, content: bytes | str, *, flush: bool) -> None:
    """Write all of a content, and wait for the disk if asked to."""
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)
        file.flush()
        if flush:
            os.fsync(descriptor)


def _flush_names(folder: Path) -> None:
    """Force the names of a folder's files to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_slug(text: str, longest: int = _LONGEST_SLUG) -> str:
    """Make a file name of a text: lowercase ASCII letters, digits, and hyphens.

    Parameters
    ----------
    text
        Each run of other characters becomes one hyphen.
    longest
        Most characters of the name.

    Returns
    -------
    str
        Empty where the text has no ASCII letter or digit.
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest]
