"""Keep which publication of each campaign the public side shows.

A publication is a folder that ``outreach publish`` wrote, ``public/<run id>``, with a record of its
files. What the public sees is one small file for each campaign, ``public/shown/<campaign>.json``,
which names a run. Taking a campaign off the public side removes that file and nothing else.
"""

import contextlib
import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from outreach.errors import NothingThere, StoreError
from outreach.files import read_record, write_file
from outreach.store.folder import explain_failure, explain_reading

_TODO = "Publish the run again."
_SLUG = re.compile(r"[a-z0-9-]+")


class _Record(BaseModel):
    """What is needed of ``publication.json``."""

    run: str
    campaign: str
    data_date: dt.date
    plan_for: int | None = None
    sha256: dict[str, str]


class _Shown(BaseModel):
    """The file that says what the public sees of a campaign."""

    model_config = ConfigDict(extra="forbid")

    run: str


@dataclass(frozen=True)
class Published:
    """A publication that the public side shows.

    Attributes
    ----------
    slug, campaign
        Name in addresses, and the campaign's own name.
    run_id, data_date
        The run, and the day of its rates; of a plan, the day that it was made.
    plan_for
        Of a plan: the year of the census that it is for.
    folder
        Where its files are.
    sha256
        Path of each file -> SHA-256.
    """

    slug: str
    campaign: str
    run_id: str
    data_date: dt.date
    plan_for: int | None
    folder: Path
    sha256: dict[str, str]

    def read(self, path: str) -> bytes:
        """Return a file, exactly as it was published.

        Raises
        ------
        NothingThere
            The publication has no such file.
        StoreError
            The file was changed since, or cannot be read.
        """
        if path not in self.sha256:
            raise NothingThere("There is no such page.", "The first page has links to all others.")
        with explain_reading(self.folder / path):
            content = (self.folder / path).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256[path]:
            raise StoreError(f"{path} of the publication was changed after it was written.", _TODO)
        return content


class Publications:
    """What the public side shows.

    Parameters
    ----------
    home
        The service's folder.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "public"

    def show(self, slug: str, run_id: str) -> None:
        """Let the public see the publication of a run in place of an earlier one.

        Raises
        ------
        StoreError
            The run has no publication, or the disk cannot be written.
        """
        self._read(slug, run_id)
        path = self._locate(slug)
        with explain_failure(path):
            write_file(path, _Shown(run=run_id).model_dump_json() + "\n")

    def hide(self, slug: str) -> None:
        """Take a campaign off the public side; its publications stay on the disk."""
        path = self._locate(slug)
        with explain_failure(path):
            path.unlink(missing_ok=True)

    def find(self, slug: str) -> Published | None:
        """Return what the public sees of a campaign; ``None`` if nothing.

        Raises
        ------
        StoreError
            A record is damaged, or the publication is gone.
        """
        path = self._locate(slug)
        if not _SLUG.fullmatch(slug) or not path.is_file():
            return None
        shown = read_record(path, _Shown, "record of what the public sees", _TODO, strict=True)
        return self._read(slug, shown.run)

    def read_run(self, slug: str, run_id: str) -> Published | None:
        """Return the publication of a run, shown or not; ``None`` if it has none.

        Raises
        ------
        StoreError
            Its record is damaged.
        """
        is_there = (self._folder / run_id / "publication.json").is_file()
        return self._read(slug, run_id) if is_there else None

    def survey(self) -> list[Published]:
        """Return what the public sees, by campaign; one that is damaged hides no other."""
        found: list[Published | None] = []
        for path in self._folder.glob("shown/[!.]*.json"):
            with contextlib.suppress(StoreError):  # the campaign's own page says what is wrong
                found.append(self.find(path.stem))
        return sorted((each for each in found if each), key=lambda each: each.campaign.casefold())

    def _read(self, slug: str, run_id: str) -> Published:
        folder = self._folder / run_id
        record = read_record(
            folder / "publication.json", _Record, "record of the publication", _TODO
        )
        return Published(
            slug=slug,
            campaign=record.campaign,
            run_id=record.run,
            data_date=record.data_date,
            plan_for=record.plan_for,
            folder=folder,
            sha256=record.sha256,
        )

    def _locate(self, slug: str) -> Path:
        return self._folder / "shown" / f"{slug}.json"
