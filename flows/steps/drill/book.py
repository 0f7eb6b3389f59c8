"""Keep the drills of the service's folder, one writer at a time."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from outreach.catalog import list_languages
from outreach.errors import StoreError
from outreach.files import make_slug, read_record, write_files
from outreach.files.lock import take_lock
from outreach.reports.data.drill import Drill
from outreach.reports.pages.past.drill import write_drill_pages

_RECORD = "drill.json"


class DrillBook:
    """The drills of a folder, each in a folder of its own: ``drills/<slug>/drill.json``.

    Parameters
    ----------
    home
        The service's folder.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "drills"

    def list_drills(self) -> list[Drill]:
        """Return every drill, the one started last first.

        Raises
        ------
        StoreError
            The record of a drill is damaged.
        """
        drills = [self._read(path) for path in self.folder.glob(f"[!.]*/{_RECORD}")]
        return sorted(drills, key=lambda drill: drill.started_at, reverse=True)

    def find(self, name: str = "") -> Drill:
        """Return a drill by its name; without one, the drill started last.

        Raises
        ------
        StoreError
            There is no such drill, or its record is damaged.
        """
        if not name:
            drills = self.list_drills()
            if drills:
                return drills[0]
            raise StoreError("No drill was started yet.", "Start one with 'outreach drill start'.")
        path = self.folder / make_slug(name) / _RECORD
        if path.is_file():
            return self._read(path)
        known = ", ".join(sorted(found.parent.name for found in self.folder.glob(f"*/{_RECORD}")))
        raise StoreError(
            f"There is no drill '{name}'.",
            f"Choose from: {known}." if known else "Start one with 'outreach drill start'.",
        )

    def has(self, name: str) -> bool:
        """Return whether a drill of this name was started."""
        return (self.folder / make_slug(name) / _RECORD).is_file()

    @contextlib.contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Let nobody else step a drill until the block ends.

        Raises
        ------
        StoreError
            Somebody else is stepping it.
        """
        folder = self.folder / make_slug(name)
        with _explain_failure(folder):
            folder.mkdir(parents=True, exist_ok=True)
        lock = take_lock(folder / ".lock")
        if lock is None:
            raise StoreError(
                f"The drill '{name}' is being stepped by somebody else just now.",
                "Wait until that step is done, and look at it with 'outreach drill show'.",
            )
        try:
            yield
        finally:
            os.close(lock)

    def keep(self, drill: Drill, languages: Sequence[str] = ()) -> Path:
        """Write a drill and its pages; return the page in English.

        Raises
        ------
        StoreError
            The folder cannot be written.
        """
        folder = self.folder / drill.slug
        pages = write_drill_pages(drill, languages or list_languages())
        record = {folder / _RECORD: drill.model_dump_json(indent=2) + "\n"}
        with _explain_failure(folder):
            write_files({folder / name: page for name, page in pages.items()} | record)
        return folder / next(iter(pages))

    def _read(self, path: Path) -> Drill:
        """Read one record."""
        todo = "Restore that file from a backup, or move the folder of that drill elsewhere."
        return read_record(path, Drill, "record of a drill", todo, strict=True)


@contextlib.contextmanager
def _explain_failure(folder: Path) -> Iterator[None]:
    """Turn a failure to write into a sentence."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"Cannot write {error.filename or folder}: {error.strerror or 'the disk refused it'}.",
            "Free some space, or choose another folder with OUTREACH_HOME. The drill is as it was.",
        ) from error
