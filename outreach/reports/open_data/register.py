"""Remember what a season's publications have hidden and shown."""

import fcntl
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from outreach.errors import StoreError
from outreach.files import write_file
from outreach.reports.data.inputs import ReportView
from outreach.reports.open_data.small_counts import find_small, list_places

_PARTS = ("hidden", "withheld", "shown")


@dataclass(frozen=True, slots=True)
class DisclosureRegister:
    """What the publications of one area have hidden and shown in one season.

    Parameters
    ----------
    hidden
        Places whose counts are hidden for the rest of the season, by the keys of
        :func:`outreach.reports.open_data.small_counts.list_places`.
    withheld
        Tracts of which nothing more is published: a count became small after the households were
        published, so that a new rate would tell it.
    shown
        Places whose counts have been published.
    """

    hidden: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()

    def extend(self, views: Iterable[ReportView]) -> "DisclosureRegister":
        """Return the register after one more publication.

        Parameters
        ----------
        views
            Everything that the publication shows: each kind of district, and the reports that it
            compares itself with.
        """
        hidden, withheld, keys = set(self.hidden), set(self.withheld), set()
        for view in views:
            places = list_places(view)
            small = places[find_small(places)]
            hidden |= set(small.index)
            withheld |= set(small.loc[small.index.isin(list(self.shown - self.hidden)), "geoid"])
            keys |= set(places.index)
        hidden |= withheld
        return DisclosureRegister(
            frozenset(hidden), frozenset(withheld), self.shown | (keys - hidden)
        )


def read_register(path: Path) -> DisclosureRegister:
    """Read a register; a season without a publication has an empty one.

    Raises
    ------
    StoreError
        The file is damaged: without it a publication could show what an earlier one has hidden.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return DisclosureRegister()
    except (OSError, UnicodeDecodeError):
        text = ""
    try:
        content = json.loads(text)
        lists = [content[part] for part in _PARTS]
        damaged = not all(isinstance(key, str) for keys in lists for key in keys)
    except (ValueError, KeyError, TypeError, RecursionError):
        damaged = True
    if damaged:
        raise StoreError(
            f"The register of hidden counts {path} cannot be read.",
            "Restore it from a backup. If there is none, take the site off the web, delete the"
            " file, and publish again.",
        )
    return DisclosureRegister(*(frozenset(keys) for keys in lists))


def update_register(path: Path, views: Iterable[ReportView]) -> DisclosureRegister:
    """Enter one more publication into a season's register, and return what it then holds.

    Two publications at once wait for one another. The file is written before a publication is.

    Parameters
    ----------
    path
        The register of a census year; its folder is made if it is missing.
    views
        As in :meth:`DisclosureRegister.extend`.

    Raises
    ------
    StoreError
        The file is damaged or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = read_register(path)
            after = before.extend(views)
            if after != before:
                content = {part: sorted(getattr(after, part)) for part in _PARTS}
                write_file(path, json.dumps(content, indent=0, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StoreError(
            f"Cannot write the register of hidden counts {path}: {error.strerror or error}.",
            "Free some space, or give this account the right to write there.",
        ) from error
    return after
