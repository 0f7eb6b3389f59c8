"""Push what is new here to a bucket, and pull what is new there.

Each machine works in its own folder, and the bucket has copies of what never changes: segments and
receipts of the archive, complete runs, approvals, and the register of tests. What else is in the
folder stays on the machine: caches, campaigns, users, and passwords. A run's manifest is pushed
last, so no machine ever sees half a run. The only object that changes is ``latest-run``, which
moves to a run made later and never back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from outreach.archive.copies import adopt_copy, is_copy, list_copies
from outreach.errors import StorageError
from outreach.settings import Settings
from outreach.storage import Bucket
from outreach.store import Store
from outreach.store.copies import (
    adopt_record,
    adopt_run,
    find_runs,
    is_record,
    list_records,
    list_run_files,
    point_latest,
    read_latest,
)

_ARCHIVE, _RUNS, _LATEST = "archive", "runs", "latest-run"


@dataclass(frozen=True)
class Moved:
    """What a push or a pull moved: files, of them whole runs, and where ``latest`` now points."""

    files: int
    runs: int
    latest: str


def push_home(settings: Settings, bucket: Bucket) -> Moved:
    """Copy to the bucket what it does not have.

    Parameters
    ----------
    settings
        Of this machine.
    bucket
        Shared by the team.

    Raises
    ------
    StorageError
        The bucket cannot be used, or has another file under the same name.
    StoreError
        A run here is damaged.
    """
    bucket.check_conditions()
    there, home, store = bucket.survey(), settings.home, Store(settings.runs_folder)
    count = 0

    # Segments stand before the receipts that name them.
    for path in list_copies(settings.archive_folder):
        count += _send(bucket, there, f"{_ARCHIVE}/{path}", settings.archive_folder / path)
    runs, held = 0, set(find_runs(there))
    for run in store.runs():
        if run.id in held:
            continue
        for path in list_run_files(store, run.id):
            file = store.folder / run.id / path
            count += _send(bucket, there, f"{_RUNS}/{run.id}/{path}", file)
        runs += 1
    for path in list_records(home):
        if path in there and bucket.read(path) != (home / path).read_bytes():
            raise _describe_conflict(bucket, path)
        count += _send(bucket, there, path, home / path)
    return Moved(count, runs, _advance_latest(bucket, read_latest(store)))


def pull_home(settings: Settings, bucket: Bucket) -> Moved:
    """Copy from the bucket what this machine does not have.

    Parameters
    ----------
    settings, bucket
        As :func:`push_home` takes them.

    Raises
    ------
    StorageError
        The bucket cannot be used, or has another record under the same name.
    ArchiveError, StoreError
        A copy is damaged, or the disk cannot be written.
    """
    there, store = bucket.survey(), Store(settings.runs_folder)
    count = 0
    archived = set(list_copies(settings.archive_folder))
    names = (path.removeprefix(f"{_ARCHIVE}/") for path in there if path.startswith(_ARCHIVE))
    # Segments (rates/) before receipts.
    for path in sorted(name for name in names if is_copy(name) and name not in archived):
        adopt_copy(settings.archive_folder, path, bucket.read(f"{_ARCHIVE}/{path}"))
        count += 1

    runs = 0
    for run_id in find_runs(there):
        if not (store.folder / run_id / "manifest.json").is_file():
            adopt_run(store, run_id, _read_below(bucket, f"{_RUNS}/{run_id}"))
            count += len(list_run_files(store, run_id))
            runs += 1
    for path in sorted(path for path in there if is_record(path)):
        is_new = not (settings.home / path).is_file()
        if not adopt_record(settings.home, path, bucket.read(path)):
            raise _describe_conflict(bucket, path)
        count += is_new
    point_latest(store, bucket.read_pointer(_LATEST)[0])
    return Moved(count, runs, read_latest(store))


def _send(bucket: Bucket, there: Mapping[str, int], path: str, file: Path) -> int:
    """Create one object, unless it is there with the same number of bytes; return how many."""
    if path not in there and bucket.create(path, file.read_bytes()):
        return 1
    size = there[path] if path in there else len(bucket.read(path))
    if size != file.stat().st_size:
        raise StorageError(
            f"{bucket.address} has another {path} than this machine.",
            "Find out which one is right before anything is shared; nothing was written over.",
        )
    return 0


def _describe_conflict(bucket: Bucket, path: str) -> StorageError:
    """Say that two machines wrote different records under one name."""
    return StorageError(
        f"{path} says something else on this machine than in {bucket.address}: two machines wrote"
        " it before either had the other's.",
        "Decide which one holds, and remove the other by hand. Nothing was written over.",
    )


def _read_below(bucket: Bucket, folder: str) -> Callable[[str], bytes]:
    """Return a reader of the objects below a folder."""
    return lambda path: bucket.read(f"{folder}/{path}")


def _advance_latest(bucket: Bucket, own: str) -> str:
    """Move the bucket's pointer to our latest run if that was made later; return what it says."""
    while True:
        text, version = bucket.read_pointer(_LATEST)
        if text >= own:
            return text
        if bucket.swap(_LATEST, own, version):
            return own
