"""Pack the service's folder into one file, and unpack it whole or not at all.

A backup is a gzipped tar. Its last member, ``backup.json``, has the hash of every file before it,
so a file that was cut off or changed is noticed before anything takes its place.
"""

import datetime as dt
import hashlib
import io
import os
import re
import tarfile
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from outreach import __version__
from outreach.errors import StoreError
from outreach.files import flush_folder, open_workspace
from outreach.store.folder import explain_failure
from outreach.store.runs import DEMO

_RECORD = "backup.json"
_FORMAT = 1
#: What can be made or downloaded again, what belongs to a running service, and the secrets that it
#: makes anew at its next start: whoever has the key of the sessions is whoever they like.
_LEFT_OUT = (
    "cache",
    DEMO,
    "prefect",
    "service/lock",
    "service/logs",
    "service/prefect-sign-in",
    "service/session-key",
)
#: What says that a worker runs.
_WORKER = re.compile(r"service/flows(-\d+)?\.(lock|ready)")
_CHUNK_BYTES = 1 << 20
_PACKING = 3
_BROKEN = (tarfile.TarError, EOFError, zlib.error, ValidationError)


class BackupRecord(BaseModel):
    """What a backup holds.

    Parameters
    ----------
    format
        Of the backup; a newer one than this version knows is refused.
    tool_version, made_at
        Which version made it, and when.
    latest
        The run that ``latest`` points to; empty without one.
    sha256
        Hash of each file by its path below the service's folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    tool_version: str
    made_at: dt.datetime
    latest: str = ""
    sha256: dict[str, str]


def write_backup(home: Path, file: Path) -> BackupRecord:
    """Pack the service's folder into a file that only its owner can read.

    The service may go on meanwhile: a run that is still being built is left out. So are caches,
    Prefect's database, and the demo.

    Raises
    ------
    StoreError
        The folder has nothing to keep, the file is there already, or the disk cannot be written.
    """
    paths = sorted(_list_files(home))
    if not paths:
        raise StoreError(
            f"There is nothing to back up in {home}.", "Set OUTREACH_HOME to the service's folder."
        )
    if file.exists() or file.is_symlink():
        raise StoreError(f"{file} is there already.", "Name another file, or move it.")
    hidden = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.tmp")
    with explain_failure(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                record = _pack(home, paths, out)
                out.flush()
                os.fsync(descriptor)
            os.link(hidden, file)
        finally:
            hidden.unlink(missing_ok=True)
    return record


def restore_backup(file: Path, home: Path) -> BackupRecord:
    """Unpack a backup into the service's folder, which must be empty or not there.

    Raises
    ------
    StoreError
        The folder has something in it, or the backup is damaged, cut off, or of a newer version.
        Nothing is changed then.
    """
    if home.is_symlink() or (home.exists() and (not home.is_dir() or any(home.iterdir()))):
        raise StoreError(
            f"{home} is not empty, and a backup never mixes with what is there.",
            "Move that folder away, or set OUTREACH_HOME to a new one. Nothing was changed.",
        )
    home = home.absolute()
    with explain_failure(home), open_workspace(home.parent, home.name) as workspace:
        record = _unpack(file, workspace.content)
        if record.latest:
            link = workspace.content / "runs" / "latest"
            link.symlink_to(record.latest, target_is_directory=True)
        flush_folder(workspace.content)
        if home.exists():
            home.rmdir()
        workspace.content.rename(home)
    return record


def _list_files(home: Path) -> Iterator[str]:
    """Yield the files to keep, below the service's folder; links and hidden ones are left out."""
    for parent, folders, names in os.walk(home):
        here = Path(parent).relative_to(home)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and (here / name).as_posix() not in _LEFT_OUT
            and not Path(parent, name).is_symlink()
        ]
        for name in names:
            path = Path(parent, name)
            is_kept = path.is_file() and not path.is_symlink() and not name.startswith(".")
            place = (here / name).as_posix()
            if is_kept and place not in _LEFT_OUT and not _WORKER.fullmatch(place):
                yield (here / name).as_posix()


def _pack(home: Path, paths: list[str], out: IO[bytes]) -> BackupRecord:
    """Write the files, and then the record of them."""
    latest = home / "runs" / "latest"
    target = latest.readlink().name if latest.is_symlink() and latest.exists() else ""
    hashes: dict[str, str] = {}
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=_PACKING) as tar:
        for path in paths:
            try:
                with (home / path).open("rb") as source:
                    status = os.fstat(source.fileno())
                    member = tarfile.TarInfo(path)
                    member.size, member.mtime = status.st_size, int(status.st_mtime)
                    member.mode = status.st_mode & 0o777
                    reader = _HashingReader(source)
                    tar.addfile(member, reader)
            except FileNotFoundError:  # an old draft or a log that went meanwhile
                continue
            hashes[path] = reader.digest.hexdigest()
        record = BackupRecord(
            format=_FORMAT,
            tool_version=__version__,
            made_at=dt.datetime.now(dt.UTC),
            latest=target,
            sha256=hashes,
        )
        content = record.model_dump_json(indent=1).encode()
        member = tarfile.TarInfo(_RECORD)
        member.size, member.mode = len(content), 0o600
        tar.addfile(member, io.BytesIO(content))
    return record


def _unpack(file: Path, into: Path) -> BackupRecord:
    """Write the files of a backup into a folder, and check each against the record."""
    hashes: dict[str, str] = {}
    content = b""
    try:
        with tarfile.open(file, "r:gz") as tar:
            for member in tar:
                source = tar.extractfile(member) if member.isfile() else None
                if source is None or not _is_kept(member.name):
                    raise _refuse(file, f"{member.name!r} is no file of the service")
                if member.name == _RECORD:
                    content = source.read()
                    continue
                path = into / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                hashes[member.name] = _copy(source, path, member.mode & 0o777)
        record = BackupRecord.model_validate_json(content)
    except FileNotFoundError:
        raise StoreError(f"There is no file {file}.", "Correct its path.") from None
    except _BROKEN:
        raise _refuse(file, "it is damaged or cut off, or is no backup") from None
    if record.format > _FORMAT:
        raise _refuse(file, f"the newer version {record.tool_version} made it")
    if record.sha256 != hashes:
        raise _refuse(file, "its files are not those of its record")
    return record


def _copy(source: IO[bytes], path: Path, mode: int) -> str:
    """Write one file, and return its hash."""
    digest = hashlib.sha256()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _is_kept(name: str) -> bool:
    """Return whether a path is one that a backup holds: inside the folder, and never of a cache.

    A kept result of a cache can run code, so none is taken from elsewhere.
    """
    path = PurePosixPath(name)
    folders = {path.as_posix(), *(parent.as_posix() for parent in path.parents)}
    is_plain = bool(path.parts) and not any(part.startswith(".") for part in path.parts)
    return is_plain and not path.is_absolute() and folders.isdisjoint(_LEFT_OUT)


def _refuse(file: Path, why: str) -> StoreError:
    """Say why a backup is not restored."""
    return StoreError(
        f"The backup {file} is not restored: {why}.", "Take another backup. Nothing was changed."
    )


class _HashingReader(io.RawIOBase):
    """Hashes what is read from a file."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read and hash the next bytes."""
        chunk = self._source.read(size)
        self.digest.update(chunk)
        return chunk
