"""Keep a file in a folder that holds only so many, the ones used last."""

import contextlib
from pathlib import Path

from outreach.files import write_file


def keep_file(path: Path, content: bytes, most: int, *, flush: bool = True) -> None:
    """Write a file, and remove those of its folder that were used longest ago.

    Parameters
    ----------
    path, content
        The file. A full disk keeps nothing.
    most
        Files that the folder may hold.
    flush
        Whether to wait for the disk; see :func:`outreach.files.write_file`.
    """
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content, flush=flush)
        files = [each for each in path.parent.glob("[!.]*") if each.is_file()]
        for old in sorted(files, key=lambda each: -each.stat().st_mtime)[most:]:
            old.unlink()
