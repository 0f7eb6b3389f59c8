"""Build one run's folder under a hidden name until it is complete."""

import contextlib
import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from outreach.errors import StoreError
from outreach.files import flush_folder
from outreach.store.manifest import Output, Run


class RunFolder:
    """A run in progress: collects files until :meth:`finish` completes it.

    Use it through :meth:`Store.begin`.
    """

    def __init__(self, building: Path, final: Path) -> None:
        self._building, self.final = building, final
        self.finished = False

    @property
    def id(self) -> str:
        """The run's name, which is also its folder's."""
        return self.final.name

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as ``tables/<name>.parquet``, as GeoParquet if it has geometry."""
        with self._open_place(f"tables/{name}.parquet") as path:
            if isinstance(table, gpd.GeoDataFrame):
                table.to_parquet(path, compression="zstd", schema_version="1.1.0")
            else:
                table.to_parquet(path, compression="zstd")

    def write_file(self, name: str, content: bytes | str) -> Path:
        """Write one file in the run's folder; return its path once the run is complete."""
        with self._open_place(name) as path:
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return self.final / name

    def finish(self, manifest: Run) -> Run:
        """Write the manifest, give the folder its name, and point ``latest`` to it.

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
        complete = manifest.model_copy(update={"outputs": outputs})
        with self._open_place("manifest.json") as path:
            path.write_text(complete.model_dump_json(indent=2), encoding="utf-8")

        with explain_failure(self.final):
            flush_folder(self._building)
            self._building.rename(self.final)
            _point_latest(self.final)
        self.finished = True
        return complete

    @contextlib.contextmanager
    def _open_place(self, name: str) -> Iterator[Path]:
        """Give the path of a file, with its folder, and explain a failure to write it."""
        path = self._building / name
        with explain_failure(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield path


@contextlib.contextmanager
def explain_failure(place: Path) -> Iterator[None]:
    """Turn a failure of the disk into one sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Cannot write {place}: {error.strerror or error}.",
            "Free some space or choose another folder with OUTREACH_HOME. The last run is safe.",
        ) from error


def _point_latest(run: Path) -> None:
    """Replace the ``latest`` link in one step."""
    link = Path(tempfile.mkdtemp(prefix=".latest-", dir=run.parent)) / "latest"
    link.symlink_to(run.name, target_is_directory=True)
    link.replace(run.parent / "latest")
    link.parent.rmdir()
