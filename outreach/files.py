"""Write files and folders so that a reader sees all of one or none.

Every function lets :class:`OSError` through; the caller knows what to tell the user.
"""

import contextlib
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

_LONGEST_SLUG = 60
_LONGEST_PREFIX = 40


def write_file(path: Path, content: bytes | str) -> None:
    """Write one file in a single step: a reader sees the old content or the new, never a part.

    Parameters
    ----------
    path
        The file; its folder is made if it is missing.
    content
        Text is written as UTF-8, with line ends as they are.
    """
    write_files({path: content})


def write_files(files: Mapping[Path, bytes | str]) -> None:
    """Write files so that none takes its place before all have reached the disk.

    Parameters
    ----------
    files
        The content of each file. Folders are made where they are missing. Until the end the content
        is in hidden files (``.<name>.<eight characters>.tmp``) beside the final ones.
    """
    staged: dict[Path, Path] = {}
    try:
        # Bring all content to the disk under hidden names.
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            staged[path] = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
            with staged[path].open("wb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())

        for path, hidden in staged.items():
            hidden.replace(path)
    except OSError as error:
        # A full disk does not name the file.
        error.filename = error.filename or str(path)
        raise
    finally:
        for hidden in staged.values():
            hidden.unlink(missing_ok=True)


@contextlib.contextmanager
def replace_folder(final: Path) -> Iterator[Path]:
    """Give a hidden folder to fill, and put it in place of ``final`` once the block ends well.

    Parameters
    ----------
    final
        The folder to make or to replace. If the block fails, it stays as it was.

    Yields
    ------
    Path
        An empty folder beside ``final``, readable by everybody.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".building-{final.name[:_LONGEST_PREFIX]}-"
    building = Path(tempfile.mkdtemp(prefix=prefix, dir=final.parent))
    try:
        building.chmod(0o755)
        yield building

        # A folder cannot be renamed onto one that holds files, so the old one steps aside first.
        old = building.with_name(f"{building.name}-old")
        if final.exists():
            final.rename(old)
        building.rename(final)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def flush_folder(folder: Path) -> None:
    """Force every file of a folder to the disk, so that a power cut leaves none empty."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


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
