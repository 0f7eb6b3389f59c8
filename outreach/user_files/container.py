"""Take the one wanted file out of what a user names: plain, zipped or gzipped."""

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from outreach.errors import InputError

#: Most bytes that a compressed file may become; HUD's and Google's lists stay below a tenth.
LARGEST_BYTES = 2_000_000_000
_GZIP_MAGIC = b"\x1f\x8b"
_LISTED = 5
#: What the reader of zip archives raises where one is damaged; it checks few of its offsets.
DAMAGED_ZIP = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(ValueError, LookupError, OverflowError, NotImplementedError),
)


@dataclass(frozen=True)
class Content:
    """The bytes of one file.

    Parameters
    ----------
    name
        Its own name, for its ending: the member's name where it came out of an archive.
    data
        The bytes.
    origin
        What messages call it: the path, and the member inside it.
    """

    name: str
    data: bytes
    origin: str


def read_content(path: Path, what: str, endings: Collection[str]) -> Content:
    """Read a file, or the one wanted file inside a zip or gzip.

    Folders, hidden files and what macOS adds to a zip (``__MACOSX``) are passed over.

    Parameters
    ----------
    path
        What the user named.
    what
        What it should be, for messages: "a list of recipients".
    endings
        Endings of wanted members, lowercase with the dot: ``(".csv", ".txt")``.

    Raises
    ------
    InputError
        The file is missing or empty, or an archive is damaged, locked, too large, or holds no
        wanted file or several.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = "it is a folder" if path.is_dir() else (error.strerror or "unknown").lower()
        raise InputError(f"Cannot read {path}: {reason}.", "Check the path.") from None
    return unpack_content(data, str(path), what, endings)


def unpack_content(data: bytes, origin: str, what: str, endings: Collection[str]) -> Content:
    """Return the bytes of a file, or of the one wanted file inside a zip or gzip.

    Parameters
    ----------
    data
        The file as it was read or downloaded.
    origin
        Its path or address, for its name and for messages.
    what, endings
        As in :func:`read_content`.

    Raises
    ------
    InputError
        As in :func:`read_content`.
    """
    name = PurePosixPath(origin).name
    if not data:
        raise InputError(f"{origin} is empty.", f"Name a file that holds {what}.")
    if data[:2] == _GZIP_MAGIC:
        return Content(name.removesuffix(".gz"), _unpack_gzip(data, origin), origin)
    if is_zip(data) and not is_workbook(data):
        return _take_member(data, origin, what, endings)
    return Content(name, data, origin)


def is_zip(data: bytes) -> bool:
    """Whether bytes are a zip archive, an empty one included."""
    return data[:4] in {b"PK\x03\x04", b"PK\x05\x06"}


def is_workbook(data: bytes) -> bool:
    """Whether bytes are an Excel or OpenDocument workbook, which are zip archives inside."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            return any(name.startswith("xl/workbook") for name in names) or (
                "mimetype" in names
                and archive.read("mimetype").startswith(b"application/vnd.oasis")
            )
    except (*DAMAGED_ZIP, RuntimeError):
        return False


def list_members(archive: zipfile.ZipFile, endings: Collection[str]) -> list[zipfile.ZipInfo]:
    """List the wanted files of an archive, at whatever depth they lie."""
    wanted = []
    for member in archive.infolist():
        place = PurePosixPath(member.filename.replace("\\", "/"))
        hidden = any(part == "__MACOSX" or part.startswith(".") for part in place.parts)
        if not member.is_dir() and not hidden and place.suffix.lower() in endings:
            wanted.append(member)
    return wanted


def _take_member(data: bytes, origin: str, what: str, endings: Collection[str]) -> Content:
    """Return the one wanted file of a zip archive."""
    reason = ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = list_members(archive, endings)
            if len(wanted) == 1:
                member = wanted[0]
                refuse_size(member.file_size, origin)
                name = PurePosixPath(member.filename).name
                return Content(name, archive.read(member), f"{origin} ({member.filename})")
            _refuse_members(archive, wanted, origin, what, endings)
    except RuntimeError:
        reason = "is locked with a password"
    except DAMAGED_ZIP:
        reason = "is a damaged zip archive"
    raise InputError(
        f"{origin} {reason}.", "Download it again, or unpack it and name the file inside."
    )


def _refuse_members(
    archive: zipfile.ZipFile,
    wanted: list[zipfile.ZipInfo],
    origin: str,
    what: str,
    endings: Collection[str],
) -> None:
    """Say that an archive holds no wanted file, or several."""
    if wanted:
        names = ", ".join(member.filename for member in wanted[:_LISTED])
        more = f" and {len(wanted) - _LISTED} more" if len(wanted) > _LISTED else ""
        raise InputError(
            f"{origin} holds several files that could be {what}: {names}{more}.",
            "Unpack it and name one of them.",
        )
    if not archive.infolist():
        raise InputError(f"{origin} is an empty zip archive.", "Download it again.")
    raise InputError(
        f"{origin} holds no file that could be {what} ({', '.join(sorted(endings))}).",
        "Name another file.",
    )


def refuse_size(size: int, origin: str) -> None:
    """Refuse a member that would fill the memory.

    Raises
    ------
    InputError
        It is larger than :data:`LARGEST_BYTES`.
    """
    if size > LARGEST_BYTES:
        raise InputError(
            f"{origin} would unpack to {size / 1e9:.1f} GB.", "Name a file below 2 GB."
        )


def _unpack_gzip(data: bytes, origin: str) -> bytes:
    """Unpack a gzip file, and stop where it grows too large."""
    try:
        with gzip.open(io.BytesIO(data)) as file:
            content = file.read(LARGEST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise InputError(f"{origin} is a damaged gzip file.", "Download it again.") from None
    refuse_size(len(content), origin)
    return content
