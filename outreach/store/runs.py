"""A run is a folder: tables, map, exports and reports, with a manifest that says where every number came from.

A run is built under a hidden name and renamed when it is whole, and only then does ``latest`` point
to it; so a crash at any moment leaves the last good run as it was. Layout::

    runs/2020-10-16T14-05-09-chicago-2020-3f9a/   manifest.json  tables/  map.html  exports/
    runs/latest -> 2020-10-16T14-05-09-chicago-2020-3f9a
    runs/.building-.../                           a run under way, or what a killed one left
    runs/approvals/<run>.json                     who froze the run's list, and when
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

from outreach.campaign import Campaign
from outreach.errors import StoreError
from outreach.store.folder import RunFolder, named_failure
from outreach.store.manifest import Approval, Run, read_manifest

_BUILDING = ".building-"


class Store:
    """The folder of all runs.

    Parameters
    ----------
    folder
        Made when the first run begins.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextlib.contextmanager
    def begin(self, campaign: Campaign) -> Iterator[RunFolder]:
        """Open a new run; whatever is not finished when the block ends is removed.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        with named_failure(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H-%M-%S")
            prefix = f"{_BUILDING}{os.getpid()}-{stamp}-{campaign.slug}-"
            building = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
            building.chmod(0o755)
        run = RunFolder(
            building, self.folder / building.name.removeprefix(f"{_BUILDING}{os.getpid()}-")
        )
        try:
            yield run
        finally:
            if not run.finished:
                shutil.rmtree(building, ignore_errors=True)

    def runs(self) -> list[Run]:
        """Read every whole run, newest first."""
        if not self.folder.is_dir():
            return []
        manifests = sorted(self.folder.glob("[!.]*/manifest.json"), reverse=True)
        return [read_manifest(path) for path in manifests if not path.parent.is_symlink()]

    def find(self, name: str = "latest") -> tuple[Run, Path]:
        """Return a run and its folder by id, by the unambiguous beginning or end of one, or ``latest``.

        Raises
        ------
        StoreError
            There is no such run, or more than one.
        """
        if name == "latest":
            folders = [self.folder / "latest"] if (self.folder / "latest").exists() else []
        else:
            every = [
                path.parent
                for path in self.folder.glob("[!.]*/manifest.json")
                if not path.parent.is_symlink()
            ]
            folders = [path for path in every if path.name == name] or [
                path for path in every if path.name.startswith(name) or path.name.endswith(name)
            ]
        if len(folders) == 1:
            return read_manifest(folders[0] / "manifest.json"), folders[0].resolve()
        if folders:
            raise StoreError(
                f"'{name}' names {len(folders)} runs.",
                "Write more of the name; 'outreach runs' lists them.",
            )
        raise StoreError(
            f"There is no run '{name}' in {self.folder}.",
            "'outreach runs' lists the runs; 'outreach run' makes one.",
        )

    def read_table(self, name: str, table: str) -> pd.DataFrame:
        """Read a table of a run; a GeoDataFrame where the file has geometry."""
        path = self.find(name)[1] / "tables" / f"{table}.parquet"
        if not path.is_file():
            raise StoreError(
                f"The run {path.parents[1].name} has no table '{table}'.",
                "Make the run again with this version.",
            )
        try:
            frame: pd.DataFrame = gpd.read_parquet(path)
        except ValueError:  # no geometry in it
            frame = pd.read_parquet(path)
        return frame

    def approve(self, name: str, by: str) -> Approval:
        """Freeze the list of a run: record who said so and when, once and for all.

        Raises
        ------
        StoreError
            The run is approved already, or its list was changed after the run was written.
        """
        run, _ = self.find(name)
        if not by.strip():
            raise StoreError("An approval needs a name.", "Write it after --by.")
        before = self.approval(run.id)
        if before is not None:
            raise StoreError(
                f"{run.id} was approved by {before.by} on {before.approved_at:%Y-%m-%d}.",
                "An approval stands; a new list needs a new run.",
            )
        approval = Approval(
            run_id=run.id,
            by=by.strip(),
            approved_at=dt.datetime.now(dt.UTC),
            targets_sha256=self._hash_targets(run),
        )
        path = self._approval_path(run.id)
        with named_failure(path):
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
                "It was changed by hand; make a new run and have it approved.",
            )
        return approval

    def _hash_targets(self, run: Run) -> str:
        """Return the hash of a run's list as it lies on the disk."""
        return hashlib.sha256(
            (self.folder / run.id / "tables" / "targets.parquet").read_bytes()
        ).hexdigest()

    def _approval_path(self, run_id: str) -> Path:
        return self.folder / "approvals" / f"{run_id}.json"

    def _sweep(self) -> None:
        """Remove what killed runs left: building folders whose process is gone."""
        for folder in self.folder.glob(f"{_BUILDING}*"):
            owner = folder.name.removeprefix(_BUILDING).split("-", 1)[0]
            if owner.isdigit() and not _is_alive(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    """Whether a process of this machine still runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
