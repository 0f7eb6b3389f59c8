"""Fetches a public file once and keeps it: a folder of contents by hash, asked again only whether they changed.

Touches the Bureau's file server, https://www2.census.gov, through
:class:`outreach.transport.Transport`.
"""

import datetime as dt
import hashlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from outreach.errors import (
    AnswerMalformed,
    GeographyError,
    QueryRefused,
    ServiceError,
    ServiceUnavailable,
)
from outreach.transport import FILES_URL, Transport

_OK = 200
_NOT_MODIFIED = 304
_REFUSED = range(400, 500)
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Download:
    """A file as it was fetched.

    Parameters
    ----------
    address
        The public address.
    path
        Where the content lies; its name is its hash.
    sha256
        Hash of the content.
    fetched_at
        When this content was downloaded, UTC, ISO 8601.
    from_cache
        Whether the content was here already.
    note
        What a reader must know, such as that the server was down and an older copy was used; empty
        if nothing.
    """

    address: str
    path: Path
    sha256: str
    fetched_at: str
    from_cache: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is remembered of an address."""

    address: str
    sha256: str
    fetched_at: str
    etag: str
    last_modified: str


def fetch_file(transport: Transport, address: str, folder: Path) -> Download:
    """Return the file at ``address``, downloading it only if it is not in ``folder`` or has changed.

    A copy in the folder is revalidated with its ``ETag`` or ``Last-Modified``. If the server cannot
    be reached or gives no usable answer, the copy is used and ``note`` says so. A copy whose hash
    no longer fits is thrown away.

    Parameters
    ----------
    transport
        The HTTP session.
    address
        An address under https://www2.census.gov.
    folder
        The cache; made if missing. Writes are atomic, so several processes may share it.

    Raises
    ------
    GeographyError
        The address is not on the file server, or the folder cannot be written.
    QueryRefused
        There is no such file (and no copy).
    ServiceUnavailable
        The server cannot be reached (and there is no copy).
    AnswerMalformed
        The answer is an HTML page or a broken zip (and there is no copy).
    """
    if not address.startswith(f"{FILES_URL}/"):
        raise GeographyError(
            f"The address {address} is not on {FILES_URL}.",
            "Download the file yourself and name its path instead.",
        )
    entry = _recall(address, folder)
    try:
        fresh = _ask(transport, address, entry)
    except ServiceError as error:
        if entry is None:
            raise
        note = f"{error.what} The copy fetched on {entry.fetched_at[:10]} was used."
        return replace(_present(entry, folder), note=note)
    if fresh is None:
        assert entry is not None
        return _present(entry, folder)
    content, headers = fresh
    entry = _Entry(
        address,
        hashlib.sha256(content).hexdigest(),
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        headers["ETag"],
        headers["Last-Modified"],
    )
    try:
        _write(_content_path(entry, folder), content)
        _write(_entry_path(address, folder), json.dumps(asdict(entry), indent=1).encode())
    except OSError as error:
        reason = error.strerror
    else:
        return replace(_present(entry, folder), from_cache=False)
    raise GeographyError(
        f"The cache folder {folder} cannot be written: {reason}.",
        "Free space or name another folder.",
    )


def _ask(
    transport: Transport, address: str, entry: _Entry | None
) -> tuple[bytes, dict[str, str]] | None:
    """Return content and validators, or ``None`` if the copy that ``entry`` remembers is still good."""
    asked = {"If-None-Match": entry.etag, "If-Modified-Since": entry.last_modified} if entry else {}
    answer = transport.get(address, headers={name: value for name, value in asked.items() if value})
    status = answer.status_code
    if entry is not None and status == _NOT_MODIFIED:
        return None
    where = urlsplit(address).path
    if status in _REFUSED and status != _TOO_MANY:
        raise QueryRefused(
            f"The file server has no file {where} (status {status}).",
            "Check the vintage and the state code.",
        )
    if status == _TOO_MANY or status >= _REFUSED.stop:
        raise ServiceUnavailable(
            f"The file server failed at {where} (status {status}).", "Try again later."
        )
    if status != _OK:
        raise AnswerMalformed(
            f"The file server sent no file for {where} (status {status}).", "Check the address."
        )
    content = answer.content
    _check_content(content, where)
    return content, {name: answer.headers.get(name, "") for name in ("ETag", "Last-Modified")}


def _check_content(content: bytes, where: str) -> None:
    """Refuse what is plainly not the file, before it can enter the cache."""
    if (
        content[:200]
        .lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith((b"<!doctype html", b"<html"))
    ):
        raise AnswerMalformed(
            f"The answer for {where} is an HTML page, not the file.",
            "A proxy or a maintenance page may stand between; try again later.",
        )
    if not content:
        raise AnswerMalformed(f"The answer for {where} is empty.", "Run again.")
    if not where.endswith(".zip"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        damaged = where
    if damaged is not None:
        raise AnswerMalformed(
            f"The answer for {where} is not a whole zip file ({len(content):,} bytes).",
            "Run again.",
        )


def _recall(address: str, folder: Path) -> _Entry | None:
    """Return what is remembered of ``address``, if its content is here and sound."""
    try:
        entry = _Entry(**json.loads(_entry_path(address, folder).read_text(encoding="utf-8")))
        content = _content_path(entry, folder).read_bytes()
    except (OSError, ValueError, TypeError):
        return None
    return entry if hashlib.sha256(content).hexdigest() == entry.sha256 else None


def _present(entry: _Entry, folder: Path) -> Download:
    """Turn an entry into what the caller gets."""
    return Download(
        entry.address, _content_path(entry, folder), entry.sha256, entry.fetched_at, from_cache=True
    )


def _entry_path(address: str, folder: Path) -> Path:
    return folder / "addresses" / f"{hashlib.sha256(address.encode()).hexdigest()}.json"


def _content_path(entry: _Entry, folder: Path) -> Path:
    return folder / "files" / f"{entry.sha256}{Path(urlsplit(entry.address).path).suffix}"


def _write(path: Path, content: bytes) -> None:
    """Write atomically: a reader sees the old content or the new, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
