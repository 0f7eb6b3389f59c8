"""Name the files of an archive that never change, and take over copies of them."""

import hashlib
import re
from pathlib import Path

from outreach.errors import ArchiveError
from outreach.files import create_file

#: Segments and receipts; both have the hash of their content in their names.
_NAME = re.compile(
    r"(rates/\d{4}/state=\d\d/\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d|receipts/\d{4}/\d{8}T\d{6}Z)"
    r"_(?P<digest>[0-9a-f]{12})\.(parquet|json)"
)


def list_copies(folder: Path) -> list[str]:
    """Return the paths of all segments, then of the receipts that name them."""
    paths = (
        path.relative_to(folder).as_posix()
        for pattern in ("rates/*/state=*/*.parquet", "receipts/*/*.json")
        for path in sorted(folder.glob(pattern))
    )
    return [path for path in paths if is_copy(path)]


def is_copy(path: str) -> bool:
    """Return whether a path in an archive is one of a segment or a receipt."""
    return _NAME.fullmatch(path) is not None


def check_copy(path: str, content: bytes) -> None:
    """Check the bytes of a copy against the hash in its name.

    Parameters
    ----------
    path
        As :func:`list_copies` gives it.
    content
        Of the copy.

    Raises
    ------
    ArchiveError
        The content does not match.
    """
    name = _NAME.fullmatch(path)
    if name is None or hashlib.sha256(content).hexdigest()[:12] != name["digest"]:
        raise ArchiveError(
            f"The copy of {path} is damaged: its content does not match the hash in its name.",
            "Push it again from the machine that has it whole.",
        )


def adopt_copy(folder: Path, path: str, content: bytes) -> None:
    """Write a copy into an archive, unless it is there.

    Parameters
    ----------
    folder
        The archive.
    path
        As :func:`list_copies` gives it.
    content
        Of the file.

    Raises
    ------
    ArchiveError
        The content does not match the hash in the name, or the disk cannot be written.
    """
    check_copy(path, content)
    try:
        create_file(folder / path, content)
    except FileExistsError:
        return
    except OSError as error:
        raise ArchiveError(
            f"Cannot write {folder / path}: {error.strerror or error}.",
            "Free some space and run again. What the archive already holds is safe.",
        ) from error
