"""Download public files once and cache them by content hash.

Source: the Bureau's file server, https://www2.census.gov, through
:class:`outreach.transport.Transport`. A cached file is revalidated on every use.
"""

import datetime as dt
import hashlib
import io
import json
import zipfile
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
from outreach.files import sweep_staged, write_file
from outreach.transport import FILES_URL, Transport
from outreach.user_files.container import DAMAGED_ZIP

_OK = 200
_NOT_MODIFIED = 304
_REFUSED = range(400, 500)
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Download:
    """A downloaded file.

    Parameters
    ----------
    address
        The public address.
    path
        Where the content is; the file name is its hash.
    sha256
        Hash of the content.
    fetched_at
        When this content was downloaded, UTC, ISO 8601.
    from_cache
        Whether the content was already here.
    note
        What a reader must know, such as that the server failed and an older copy was used; else
        empty.
    """

    address: str
    path: Path
    sha256: str
    fetched_at: str
    from_cache: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    """The cache record of an address."""

    address: str
    sha256: str
    fetched_at: str
    etag: str
    last_modified: str


def fetch_file(transport: Transport, address: str, folder: Path) -> Download:
    """Return the file at ``address``, downloading it only if it is new or has changed.

    A cached copy is revalidated with its ``ETag`` or ``Last-Modified``, unless the transport asks
    nothing again. If the server cannot be reached or gives no usable answer, the copy is used and
    ``note`` says so. A copy whose hash no
    longer matches is discarded.

    Parameters
    ----------
    transport
        The HTTP session.
    address
        An address under https://www2.census.gov.
    folder
        The cache; created if missing. Writes are atomic, so several processes may share it.

    Raises
    ------
    GeographyError
        The address is not on the file server, or the folder cannot be written.
    QueryRefused
        There is no such file and no cached copy.
    ServiceUnavailable
        The server cannot be reached and there is no cached copy.
    AnswerMalformed
        The answer is an HTML page or a broken zip, and there is no cached copy.
    """
    if not address.startswith(f"{FILES_URL}/"):
        raise GeographyError(
            f"The address {address} is not on {FILES_URL}.",
            "Download the file yourself and name its path.",
        )

    # Revalidate the cached copy, and fall back to it if the server fails.
    entry = _read_entry(address, folder)
    if entry is not None and not transport.asks_again:
        return _describe_entry(entry, folder)
    try:
        fresh = _request_file(transport, address, entry)
    except ServiceError as error:
        if entry is None:
            raise
        note = f"{error.what} The copy fetched on {entry.fetched_at[:10]} was used."
        return replace(_describe_entry(entry, folder), note=note)
    if fresh is None:
        assert entry is not None
        return _describe_entry(entry, folder)

    # Store the new content first, then the record that points to it.
    content, headers = fresh
    entry = _Entry(
        address,
        hashlib.sha256(content).hexdigest(),
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        headers["ETag"],
        headers["Last-Modified"],
    )
    try:
        for part in ("files", "addresses"):
            sweep_staged(folder / part)
        write_file(_content_path(entry, folder), content)
        write_file(_entry_path(address, folder), json.dumps(asdict(entry), indent=1))
    except OSError as error:
        raise GeographyError(
            f"The cache folder {folder} cannot be written: {error.strerror}.",
            "Free up space or name another folder.",
        ) from error
    return replace(_describe_entry(entry, folder), from_cache=False)


def has_file(address: str, folder: Path) -> bool:
    """Return whether the cache holds a whole copy of the file at an address."""
    return _read_entry(address, folder) is not None


def _request_file(
    transport: Transport, address: str, entry: _Entry | None
) -> tuple[bytes, dict[str, str]] | None:
    """Return content and validators, or ``None`` if the cached copy is still current."""
    validators = {}
    if entry is not None:
        validators = {"If-None-Match": entry.etag, "If-Modified-Since": entry.last_modified}
    headers = {name: value for name, value in validators.items() if value}
    answer = transport.get(address, headers=headers)
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
    """Refuse what is clearly not the file, before it enters the cache."""
    start = content[:200].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise AnswerMalformed(
            f"The answer for {where} is an HTML page, not the file.",
            "A proxy or maintenance page may be in the way; try again later.",
        )
    if not content:
        raise AnswerMalformed(f"The answer for {where} is empty.", "Run again.")

    if not where.endswith(".zip"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            damaged = archive.testzip()
    except (*DAMAGED_ZIP, RuntimeError):
        damaged = where
    if damaged is not None:
        raise AnswerMalformed(
            f"The answer for {where} is not a complete zip file ({len(content):,} bytes).",
            "Run again.",
        )


def _read_entry(address: str, folder: Path) -> _Entry | None:
    """Return the cache record of ``address`` if its content is here and intact."""
    try:
        entry = _Entry(**json.loads(_entry_path(address, folder).read_text(encoding="utf-8")))
        content = _content_path(entry, folder).read_bytes()
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return entry if hashlib.sha256(content).hexdigest() == entry.sha256 else None


def _describe_entry(entry: _Entry, folder: Path) -> Download:
    """Return the download that a cache record describes."""
    return Download(
        entry.address, _content_path(entry, folder), entry.sha256, entry.fetched_at, from_cache=True
    )


def _entry_path(address: str, folder: Path) -> Path:
    """Return where the cache record of an address is stored."""
    return folder / "addresses" / f"{hashlib.sha256(address.encode()).hexdigest()}.json"


def _content_path(entry: _Entry, folder: Path) -> Path:
    """Return where the content of an entry is stored."""
    return folder / "files" / f"{entry.sha256}{Path(urlsplit(entry.address).path).suffix}"
