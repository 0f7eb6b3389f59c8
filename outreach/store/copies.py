"""Name the files of runs that never change, and take over copies of whole runs."""

import contextlib
import hashlib
import re
from collections.abc import Callable, Collection
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from outreach.errors import StoreError
from outreach.files import create_file, flush_folder, open_workspace
from outreach.store.folder import explain_failure
from outreach.store.manifest import Run
from outreach.store.runs import Store

_MANIFEST = "manifest.json"
_RUN = re.compile(rf"runs/(?P<id>\d{{4}}-[\w-]+)/{_MANIFEST}")
#: Records beside the runs that are written once: approvals and withdrawals, and the register.
_RECORD = re.compile(r"(runs/(approvals|withdrawals)/[\w-]+|tests/\d{6})\.json")


def list_run_files(store: Store, run_id: str) -> list[str]:
    """Return the files of a complete run, below its folder, the manifest last."""
    run, _ = store.find(run_id)
    return [*(output.path for output in run.outputs), _MANIFEST]


def find_runs(paths: Collection[str]) -> list[str]:
    """Return the IDs of the runs whose manifest is among paths such as ``runs/<id>/...``."""
    manifests = (_RUN.fullmatch(path) for path in paths)
    return sorted(found["id"] for found in manifests if found)


def adopt_run(store: Store, run_id: str, read: Callable[[str], bytes]) -> None:
    """Take over a copy of a run: it appears whole, or not at all.

    Parameters
    ----------
    store
        The runs of this machine.
    run_id
        The run.
    read
        Returns the content of a file of the run, by its path below the run's folder.

    Raises
    ------
    StoreError
        A file is not the one that the manifest names, or the disk cannot be written.
    """
    content = read(_MANIFEST)
    try:
        run = Run.model_validate_json(content)
    except ValidationError:
        raise StoreError(
            f"The copy of the run {run_id} has a manifest that this version cannot read.",
            "Use the version on this machine that made it.",
        ) from None
    store.folder.mkdir(parents=True, exist_ok=True)
    with (
        explain_failure(store.folder / run_id),
        open_workspace(store.folder, run_id) as workspace,
    ):
        for output in run.outputs:
            data = read(output.path)
            is_inside = ".." not in PurePosixPath(output.path).parts
            if not is_inside or hashlib.sha256(data).hexdigest() != output.sha256:
                raise StoreError(
                    f"The copy of {output.path} of the run {run_id} is not the file that the run"
                    " wrote.",
                    "Push it again from the machine that has it whole.",
                )
            path = workspace.content / output.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (workspace.content / _MANIFEST).write_bytes(content)
        flush_folder(workspace.content)
        with contextlib.suppress(FileExistsError):  # another pull was quicker
            workspace.content.rename(store.folder / run_id)


def point_latest(store: Store, run_id: str) -> bool:
    """Let ``latest`` point to a run if it was made later than the one it points to now."""
    latest = store.folder / "latest"
    if not (store.folder / run_id / _MANIFEST).is_file() or read_latest(store) >= run_id:
        return False
    with explain_failure(latest), open_workspace(store.folder, "latest") as workspace:
        link = workspace.content / "latest"
        link.symlink_to(run_id, target_is_directory=True)
        link.replace(latest)
    return True


def read_latest(store: Store) -> str:
    """Return the ID of the run that ``latest`` points to; empty without one."""
    latest = store.folder / "latest"
    return latest.resolve().name if latest.exists() else ""


def list_records(home: Path) -> list[str]:
    """Return the paths of approvals, withdrawals, and registered tests, below the home."""
    paths = (
        path.relative_to(home).as_posix()
        for pattern in ("runs/approvals/*.json", "runs/withdrawals/*.json", "tests/*.json")
        for path in sorted(home.glob(pattern))
    )
    return [path for path in paths if is_record(path)]


def is_record(path: str) -> bool:
    """Return whether a path in the service's folder is one of :func:`list_records`."""
    return _RECORD.fullmatch(path) is not None


def adopt_record(home: Path, path: str, content: bytes) -> bool:
    """Write a copy of a record unless one is there; return whether this machine now has it."""
    with explain_failure(home / path):
        try:
            create_file(home / path, content)
        except FileExistsError:
            return (home / path).read_bytes() == content
    return True
