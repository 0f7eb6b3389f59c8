"""A run is a folder: tables, map, exports and reports, with a manifest that says where every number came from.

A run is built under a hidden name and renamed when it is whole, and only then does ``latest`` point to it; so a crash at any moment leaves the
last good run as it was. Layout::

    runs/2020-10-16T14-05-09-chicago-2020-3f9a/   manifest.json  tables/  map.html  exports/
    runs/latest -> 2020-10-16T14-05-09-chicago-2020-3f9a
    runs/.building-.../                           a run under way, or what a killed one left
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach import __version__
from outreach.campaign import Campaign
from outreach.errors import StoreError

_BUILDING = ".building-"


class Input(BaseModel):
    """One source that went into a run."""

    model_config = ConfigDict(frozen=True)

    name: str
    address: str
    data_date: dt.date | None = None
    vintage: int | None = None
    rows: int
    sha256: str
    fetched_at: dt.datetime
    requests: int = 0
    note: str = ""


class Output(BaseModel):
    """One file that a run wrote."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    sha256: str


class Run(BaseModel):
    """What was asked, what went in, what came out: the content of ``manifest.json``."""

    model_config = ConfigDict(frozen=True)

    id: str
    created_at: dt.datetime
    campaign: Campaign
    data_date: dt.date
    inputs: tuple[Input, ...]
    counts: dict[str, int | float]
    figures: dict[str, Any] = Field(default_factory=dict)
    join_report: dict[str, Any]
    timings_seconds: dict[str, float]
    summary: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    tool_version: str = __version__


class RunFolder:
    """A run under way: collects files under a hidden name until :meth:`finish` makes it whole.

    Use it through :meth:`Store.begin`.
    """

    def __init__(self, building: Path, final: Path) -> None:
        self._building, self.final = building, final
        self.finished = False

    @property
    def id(self) -> str:
        """The run's name, also its folder's."""
        return self.final.name

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as ``tables/<name>.parquet``, GeoParquet where it has geometry."""
        with self._writing(f"tables/{name}.parquet") as path:
            if isinstance(table, gpd.GeoDataFrame):
                table.to_parquet(path, compression="zstd", schema_version="1.1.0")
            else:
                table.to_parquet(path, compression="zstd")

    def write_file(self, name: str, content: bytes | str) -> Path:
        """Write one file below the run's folder and return where it will stand once the run is whole."""
        with self._writing(name) as path:
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return self.final / name

    def finish(self, manifest: Run) -> Run:
        """Write the manifest, give the folder its name and point ``latest`` to it.

        Returns
        -------
        Run
            The manifest as written, with every output and its hash.
        """
        files = sorted(path for path in self._building.rglob("*") if path.is_file())
        outputs = tuple(
            Output(
                path=path.relative_to(self._building).as_posix(),
                bytes=path.stat().st_size,
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in files
        )
        whole = manifest.model_copy(update={"outputs": outputs})
        with self._writing("manifest.json") as path:
            path.write_text(whole.model_dump_json(indent=2), encoding="utf-8")
        with _named_failure(self.final):
            _flush_to_disk(self._building)
            self._building.rename(self.final)
            _point_latest(self.final)
        self.finished = True
        return whole

    @contextlib.contextmanager
    def _writing(self, name: str) -> Iterator[Path]:
        path = self._building / name
        with _named_failure(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield path


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
        with _named_failure(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._sweep()
            stamp = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H-%M-%S")
            prefix = f"{_BUILDING}{os.getpid()}-{stamp}-{campaign.slug}-"
            building = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))
            building.chmod(0o755)
        run = RunFolder(building, self.folder / building.name.removeprefix(f"{_BUILDING}{os.getpid()}-"))
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
        return [_read_manifest(path) for path in manifests if not path.parent.is_symlink()]

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
            every = [path.parent for path in self.folder.glob("[!.]*/manifest.json") if not path.parent.is_symlink()]
            folders = [path for path in every if path.name == name] or [
                path for path in every if path.name.startswith(name) or path.name.endswith(name)
            ]
        if len(folders) == 1:
            return _read_manifest(folders[0] / "manifest.json"), folders[0].resolve()
        if folders:
            raise StoreError(
                f"'{name}' names {len(folders)} runs.", "Write more of the name; 'outreach runs' lists them."
            )
        raise StoreError(
            f"There is no run '{name}' in {self.folder}.", "'outreach runs' lists the runs; 'outreach run' makes one."
        )

    def read_table(self, name: str, table: str) -> pd.DataFrame:
        """Read a table of a run; a GeoDataFrame where the file has geometry."""
        path = self.find(name)[1] / "tables" / f"{table}.parquet"
        if not path.is_file():
            raise StoreError(
                f"The run {path.parents[1].name} has no table '{table}'.", "Make the run again with this version."
            )
        try:
            frame: pd.DataFrame = gpd.read_parquet(path)
        except ValueError:  # no geometry in it
            frame = pd.read_parquet(path)
        return frame

    def _sweep(self) -> None:
        """Remove what killed runs left: building folders whose process is gone."""
        for folder in self.folder.glob(f"{_BUILDING}*"):
            owner = folder.name.removeprefix(_BUILDING).split("-", 1)[0]
            if owner.isdigit() and not _is_alive(int(owner)):
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _named_failure(place: Path) -> Iterator[None]:
    """Turn a failure of the disk into one sentence."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return
    raise StoreError(
        f"Cannot write {place}: {reason}.",
        "Free some space or choose another folder with OUTREACH_HOME; the last run is untouched.",
    )


def _read_manifest(path: Path) -> Run:
    """Read one manifest or name the one that cannot be read."""
    try:
        return Run.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, json.JSONDecodeError) as error:
        reason = type(error).__name__
    raise StoreError(
        f"The manifest {path} cannot be read ({reason}).",
        "It was changed by hand or by another version; move that folder away.",
    )


def _is_alive(process: int) -> bool:
    """Whether a process of this machine still runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush_to_disk(folder: Path) -> None:
    """Force every file of a folder to the disk, so that a rename never shows an empty one after a power cut."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _point_latest(run: Path) -> None:
    """Swap the ``latest`` link in one step."""
    link = Path(tempfile.mkdtemp(prefix=".latest-", dir=run.parent)) / "latest"
    link.symlink_to(run.name, target_is_directory=True)
    link.replace(run.parent / "latest")
    link.parent.rmdir()


def installed_versions(*names: str) -> dict[str, str]:
    """Return the installed version of each distribution, for the manifest."""
    return {name: version(name) for name in names}
