"""Write files for the user into a folder that may hold files of somebody else.

What was written where is kept in ``handouts/`` of the service's folder, one small file for each
folder of the user. A later hand-out replaces its own earlier files without being asked.
"""

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from outreach.errors import ExportError
from outreach.files import read_record, write_file, write_files


class Handout(BaseModel):
    """What was written into one folder.

    Parameters
    ----------
    folder
        The folder's path.
    sha256
        File name to the hashes of every content that was written under it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str
    sha256: dict[str, tuple[str, ...]] = Field(default_factory=dict)


def hand_out(home: Path, into: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write files into a user's folder: all of them or none.

    Parameters
    ----------
    home
        The service's folder.
    into
        The user's folder; it is made if it is missing.
    files
        File name to content.
    force
        Replace files that are not ours, and links. A link is replaced, never written through.

    Raises
    ------
    ExportError
        A file that is not ours, or a link, has the name of a new one, or the folder cannot be
        written. Nothing was written then.
    StoreError
        The record of earlier hand-outs is damaged.
    """
    place = into.resolve()
    record = home / "handouts" / f"{hashlib.sha256(str(place).encode()).hexdigest()[:16]}.json"
    known = _read_known(record, place)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    for name in files:
        _check_free(into / name, {hashes[name], *known.sha256.get(name, ())}, force=force)

    # Note the hashes first: if the process is killed in between, our own files stay known as ours.
    sums = {
        **known.sha256,
        **{
            name: tuple(sorted({digest, *known.sha256.get(name, ())}))
            for name, digest in hashes.items()
        },
    }
    with contextlib.suppress(OSError):  # a home that is read-only: they count as not ours later
        write_file(record, known.model_copy(update={"sha256": sums}).model_dump_json(indent=1))
    try:
        into.mkdir(parents=True, exist_ok=True)
        write_files({into / name: content for name, content in files.items()})
    except OSError as error:
        raise ExportError(
            f"Cannot write {error.filename or into}: {error.strerror or 'the disk refused it'}.",
            "Free some space, or name another folder with --into. Earlier files are unchanged.",
        ) from error


def _read_known(record: Path, place: Path) -> Handout:
    """Return what was written into a folder before."""
    if not record.exists():
        return Handout(folder=str(place))
    todo = "Remove it. Then --force replaces files of earlier exports."
    return read_record(record, Handout, "record of exported files", todo, strict=True)


def _check_free(path: Path, ours: set[str], *, force: bool) -> None:
    """Refuse a path where a folder, a link, or somebody else's file is."""
    what = ""
    if path.is_symlink():
        what = "is a link to another place"
    elif path.is_dir():
        raise ExportError(
            f"{path} is a folder.", "Move it away, or name another folder with --into."
        )
    elif path.exists() and _hash_file(path) not in ours:
        what = "is there already and is not an export as it was written"
    if what and not force:
        raise ExportError(
            f"{path} {what}.",
            "Name another folder with --into, or add --force to replace it. Nothing was written.",
        )


def _hash_file(path: Path) -> str:
    """Return the hash of a file; empty if it cannot be read, so that it counts as not ours."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
