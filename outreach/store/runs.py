"""Begin, find, read, and approve runs.

A run is a folder of tables, map, exports, and reports, with a manifest that says where every number
came from. It is built under a hidden name and renamed when it is complete, and only then does
``latest`` point to it. A crash at any moment leaves the last good run as it was. Layout::

    runs/2020-10-16T14-05-09-chicago-2020-3f9a/   manifest.json  tables/  map.html  exports/
    runs/latest -> 2020-10-16T14-05-09-chicago-2020-3f9a
    runs/.building-.../                           a run in progress, or left by a killed process
    runs/approvals/<run>.json                     who approved the run's list, and when
"""

import contextlib
import datetime as dt
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from outreach.errors import StoreError
from outreach.phrasing import write_date
from outreach.store.folder import RunFolder, explain_failure
from outreach.store.manifest import Approval, Run, read_manifest

_BUILDING = ".building-"


class Store:
    """The folder of all runs.

    Parameters
    ----------
    folder
        The first run creates it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def begin(self, slug: str) -> Iterator[RunFolder]:
        """Open a new run. If it is not finished when the block ends, it is removed.

        Parameters
        ----------
        slug
            The campaign's name as a folder name.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        with explain_failure(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._remove_abandoned()
            stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H-%M-%S")
            prefix = f"{_BUILDING}{os.getpid()}-{stamp}-{slug}-"
            building = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
            building.chmod(0o755)
        name = building.name.removeprefix(f"{_BUILDING}{os.getpid()}-")
        run = RunFolder(building, self.folder / name)
        try:
            yield run
        finally:
            if not run.finished:
                shutil.rmtree(building, ignore_errors=True)

    def runs(self) -> list[Run]:
        """Read every complete run, newest first."""
        if not self.folder.is_dir():
            return []
        manifests = sorted(self.folder.glob("[!.]*/manifest.json"), reverse=True)
        return [read_manifest(path) for path in manifests if not path.parent.is_symlink()]

    def find(self, name: str = "latest") -> tuple[Run, Path]:
        """Return a run and its folder.

        Parameters
        ----------
        name
            The run's ID, an unambiguous beginning or end of it, or ``latest``.

        Raises
        ------
        StoreError
            There is no such run, or more than one.
        """
        folders = self._match_folders(name)
        if len(folders) == 1:
            return read_manifest(folders[0] / "manifest.json"), folders[0].resolve()
        if folders:
            raise StoreError(
                f"'{name}' names {len(folders)} runs.",
                "Give more of the name; 'outreach runs' lists them.",
            )
        raise StoreError(
            f"There is no run '{name}' in {self.folder}.",
            "'outreach runs' lists the runs; 'outreach run' starts one.",
        )

    def read_table(self, name: str, table: str) -> pd.DataFrame:
        """Read a table of a run, as a GeoDataFrame if the file has geometry.

        Raises
        ------
        StoreError
            The run or the table does not exist.
        """
        path = self.find(name)[1] / "tables" / f"{table}.parquet"
        if not path.is_file():
            raise StoreError(
                f"The run {path.parents[1].name} has no table '{table}'.",
                "Run the campaign again with this version.",
            )
        try:
            frame: pd.DataFrame = gpd.read_parquet(path)
        except ValueError:  # no geometry in it
            frame = pd.read_parquet(path)
        return frame

    def approve(self, name: str, by: str) -> Approval:
        """Approve the list of a run for good: record who approved it and when.

        Raises
        ------
        StoreError
            The run is already approved, or its list was changed after the run was written.
        """
        run, _ = self.find(name)
        if not by.strip():
            raise StoreError("An approval needs a name.", "Give it with --by.")
        earlier = self.approval(run.id)
        if earlier is not None:
            raise StoreError(
                f"{run.id} was approved by {earlier.by} on {write_date(earlier.approved_at)}.",
                "An approval is final. A new list needs a new run.",
            )
        approval = Approval(
            run_id=run.id,
            by=by.strip(),
            approved_at=dt.datetime.now(dt.UTC),
            targets_sha256=self._hash_targets(run),
        )
        path = self._approval_path(run.id)
        with explain_failure(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(approval.model_dump_json(indent=2))
        return approval

    def approval(self, name: str) -> Approval | None:
        """Return the approval of a run, or ``None`` for a draft.

        Raises
        ------
        StoreError
            The list is no longer the one that was approved.
        """
        run, _ = self.find(name)
        path = self._approval_path(run.id)
        if not path.is_file():
            return None
        approval = Approval.model_validate_json(path.read_text(encoding="utf-8"))
        if approval.targets_sha256 != self._hash_targets(run):
            raise StoreError(
                f"The list of {run.id} is not the one that {approval.by} approved.",
                "It was changed by hand. Run the campaign again and have the new list approved.",
            )
        return approval

    def _hash_targets(self, run: Run) -> str:
        """Return the hash of a run's list on disk."""
        path = self.folder / run.id / "tables" / "targets.parquet"
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def _approval_path(self, run_id: str) -> Path:
        return self.folder / "approvals" / f"{run_id}.json"

    def _match_folders(self, name: str) -> list[Path]:
        """Return the folder with this name, or those whose names begin or end with it."""
        if name == "latest":
            latest = self.folder / "latest"
            return [latest] if latest.exists() else []
        folders = [
            path.parent
            for path in self.folder.glob("[!.]*/manifest.json")
            if not path.parent.is_symlink()
        ]
        return [path for path in folders if path.name == name] or [
            path for path in folders if path.name.startswith(name) or path.name.endswith(name)
        ]

    def _remove_abandoned(self) -> None:
        """Remove the hidden folders of processes that no longer run."""
        for folder in self.folder.glob(f"{_BUILDING}*"):
            owner = folder.name.removeprefix(_BUILDING).split("-", 1)[0]
            if owner.isdigit() and not _is_alive(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    """Return whether a process of this machine is running."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
