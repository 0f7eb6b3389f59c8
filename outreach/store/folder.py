"""Build one run's folder under a hidden name until it is complete."""

import contextlib
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from outreach.errors import StoreError
from outreach.files import Workspace, flush_folder
from outreach.store.manifest import Output, Run

_MANIFEST = "manifest.json"


class RunFolder:
    """A run in progress: collects files until :meth:`finish` completes it.

    Use it through :meth:`Store.begin`.
    """

    def __init__(self, workspace: Workspace, final: Path) -> None:
        self._workspace, self.final = workspace, final
        self._building = workspace.content
        self._outputs: dict[str, Output] = {}

    @property
    def id(self) -> str:
        """The run's name, which is also its folder's."""
        return self.final.name

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as ``tables/<name>.parquet``, as GeoParquet if it has geometry."""
        content = io.BytesIO()
        if isinstance(table, gpd.GeoDataFrame):
            table.to_parquet(content, compression="zstd", schema_version="1.1.0")
        else:
            table.to_parquet(content, compression="zstd")
        self.write_file(f"tables/{name}.parquet", content.getvalue())

    def write_file(self, name: str, content: bytes | str) -> Path:
        """Write one file in the run's folder; return its path once the run is complete.

        Raises
        ------
        StoreError
            The disk is full or cannot be written, or somebody removed the run in progress.
        """
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        with self._explain_failure(name) as path:
            self._make_parents(path)
            path.write_bytes(data)
        self._outputs[name] = Output(
            path=name, bytes=len(data), sha256=hashlib.sha256(data).hexdigest()
        )
        return self.final / name

    def hash_files(self, folder: str) -> dict[str, str]:
        """Return path and SHA-256 of each file that was written below a folder of the run."""
        return {
            path: output.sha256
            for path, output in self._outputs.items()
            if path.startswith(f"{folder}/")
        }

    def locate(self, name: str) -> Path:
        """Return where a file is while the run is being built."""
        return self._building / name

    def finish(self, manifest: Run, *, is_latest: bool = True) -> Run:
        """Check every file, write the manifest, name the folder, and point ``latest`` to it.

        Parameters
        ----------
        manifest
            The run, without its outputs.
        is_latest
            Whether ``latest`` is to point to the run.

        Returns
        -------
        Run
            The manifest as written, with every output and its hash.

        Raises
        ------
        StoreError
            A file of the run is gone or is not as it was written, or the disk cannot be written.
        """
        outputs = tuple(self._outputs[name] for name in sorted(self._outputs, key=Path))
        for output in outputs:
            self._check_output(output)
        complete = manifest.model_copy(update={"outputs": outputs})
        self.write_file(_MANIFEST, complete.model_dump_json(indent=2))

        # Prepare the link first: then only two renames are left that can fail.
        link = self._workspace.folder / "latest"
        with self._explain_failure(_MANIFEST):
            flush_folder(self._building)
            link.symlink_to(self.id, target_is_directory=True)
            self._building.rename(self.final)
        if is_latest:
            with explain_failure(self.final.parent / "latest"):
                link.replace(self.final.parent / "latest")
        return complete

    def _make_parents(self, path: Path) -> None:
        """Make the folders of a file inside the run; the run's own folder is never made again."""
        content = self._building
        for parent in reversed(path.relative_to(content).parents[:-1]):
            (content / parent).mkdir(exist_ok=True)

    def _check_output(self, output: Output) -> None:
        """Refuse to finish a run whose file is not as it was written."""
        with self._explain_failure(output.path) as path:
            content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != output.sha256:
            raise StoreError(
                f"The file {output.path} of the run in progress was changed after it was written.",
                "Run the campaign again. The last run is safe.",
            )

    @contextlib.contextmanager
    def _explain_failure(self, name: str) -> Iterator[Path]:
        """Give the path of a file, and explain a failure to read or write it."""
        try:
            with explain_failure(self._building / name) as path:
                yield path
        except StoreError as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
            raise StoreError(
                f"The run in progress lost {name}: somebody removed it, or its folder"
                f" {self._workspace.folder}.",
                "Run the campaign again, and leave that folder alone meanwhile. The last run is"
                " safe.",
            ) from error


@contextlib.contextmanager
def explain_failure(place: Path) -> Iterator[Path]:
    """Give a path, and turn a failure of the disk there into one sentence."""
    try:
        yield place
    except OSError as error:
        raise StoreError(
            f"Cannot write {place}: {error.strerror or error}.",
            "Free some space or choose another folder with OUTREACH_HOME. The last run is safe.",
        ) from error


@contextlib.contextmanager
def explain_reading(place: Path) -> Iterator[None]:
    """Turn a failure to read a file of a run into one sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Cannot read {place}: {error.strerror or 'it cannot be opened'}.",
            "Restore it from a backup, or run the campaign again.",
        ) from error
